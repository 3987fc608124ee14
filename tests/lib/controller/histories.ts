import { WORLD } from "../../../lib/sim/fresh_world.ts";
import { testConfig } from "../../fixtures/test_config.ts";
import { World, type WorldSettings } from "./world.ts";

/** What a random history may do; each of them must end with every node either up with one instance or off with none. */
export interface HistoryOptions {
  /** Share of the hooks' requests that get lost, 0..1. */
  readonly lost?: number;
  /** No listing before the history has ended. */
  readonly noListings?: boolean;
  /** EC2's clock against ours, milliseconds. */
  readonly skew?: number;
  /** The group's instances are stopped, not terminated. */
  readonly stops?: boolean;
  /** A person pauses launches now and then. */
  readonly pauses?: boolean;
  /** Two types in two zones, spot and then on demand, of which now these and now those have no capacity. */
  readonly pools?: boolean;
  /** There is room for fewer instances than nodes, by number and by cost. */
  readonly limits?: boolean;
}

/** The kinds of histories that tests play, by what is special about them. */
export const HISTORY_KINDS: Readonly<Record<string, HistoryOptions>> = {
  "with every request": {},
  "with a quarter of the requests lost": { lost: 0.25 },
  "without listings": { noListings: true },
  "without listings and with requests lost": { noListings: true, lost: 0.25 },
  "of instances that are stopped": { stops: true },
  "within limits": { limits: true },
  "of instances that are stopped, within limits": { limits: true, stops: true },
  "within limits, without listings and with requests lost": { limits: true, noListings: true, lost: 0.25 },
  "with pauses": { pauses: true },
  "with pauses, of instances that are stopped, within limits": { pauses: true, stops: true, limits: true },
  "with EC2's clock half a minute ahead": { skew: 30_000 },
  "of several pools": { pools: true },
  "of several pools and with requests lost": { pools: true, lost: 0.25 },
};

/** What came of a history. */
export interface History {
  readonly problems: readonly string[];
  readonly trace: readonly string[];
  readonly world: World;
}

/** xorshift32: the same numbers for the same seed, everywhere. */
export function randomOf(seed: number): () => number {
  let x = (seed * 2654435761 % 4294967296) >>> 0 || 1;
  const next = () => {
    x ^= x << 13;
    x >>>= 0;
    x ^= x >>> 17;
    x ^= x << 5;
    x >>>= 0;
    return x / 4294967296;
  };
  for (let i = 0; i < 5; i++) next();
  return next;
}

/** Things that happen in one history. */
const STEPS = 120;

/** Room for three of five nodes by number, or for two by cost. */
function withinLimits(seed: number): Pick<WorldSettings, "limits" | "prices"> {
  return {
    limits: seed % 2 === 0 ? { maxNodes: 3 } : { maxNodes: 4, maxHourlyCost: 0.25 },
    prices: new Map([["c7i.large", { onDemand: 0.1 }]]),
  };
}

const CODES = [
  "RequestLimitExceeded",
  "InsufficientInstanceCapacity",
  "InsufficientFreeAddressesInSubnet",
  "ExpiredToken",
  "InternalError",
  "UnauthorizedOperation",
];

const TYPES = ["c7i.large", "c6i.large"];

/** The simulator's names of the pools that group `c` has in a history of several. */
const POOLS = TYPES.flatMap((type) =>
  ["a", "b"].flatMap((zone) => ["", ":spot"].map((way) => `${type}:${WORLD.region}${zone}${way}`))
);

function poolGroups() {
  const [c, ...others] = testConfig().nodeGroups;
  const subnets = WORLD.subnetIds.slice(0, 2);
  const ways = { capacityType: "spot-then-on-demand", strategy: "all-or-nothing" } as const;
  return [{ ...c!, instanceTypes: TYPES, subnets, ...ways }, ...others];
}

/** Plays a history of power-ups, power-downs, refusals, lost answers, deaths and kills, then lets everything come to rest. */
export function playHistory(seed: number, options: HistoryOptions = {}): History {
  const { lost = 0, noListings = false, skew = 0, stops = false } = options;
  const { pools = false, limits = false, pauses = false } = options;
  const random = randomOf(seed);
  const pick = <T>(some: readonly T[]) => some[Math.floor(random() * some.length)]!;
  const prefix = stops ? "s" : "c";
  const names = Array.from({ length: 5 }, (_, i) => `${prefix}${i}`);
  const world = new World(names, {
    skew,
    aws: {
      invisibleMs: pick([0, 3_000, 9_000]),
      pendingMs: 2_000,
      shuttingDownMs: 3_000,
      stoppingMs: 4_000,
      seed,
    },
    slurmctld: { appendsReason: seed % 2 === 0 },
    ...(limits && withinLimits(seed)),
    ...(pools && { config: { nodeGroups: poolGroups() } }),
  });
  world.noListings = false;
  world.start();
  world.run(2_500);
  world.noListings = noListings;
  world.loses = () => random() < lost;
  world.hold = () => random() < 0.1 ? 200 + random() * 9_000 : undefined;
  let jobs = 0;
  const trace: string[] = [];
  const say = (text: string) =>
    trace.push(`${((world.now - Date.UTC(2026, 0, 1)) / 1_000).toFixed(1)} ${text}`);
  const { simulator } = world.aws;
  for (let i = 0; i < STEPS; i++) {
    world.run(200 + random() * 3_000);
    if (pauses && random() < 0.08) turn();
    act();
    if (!world.alive && random() < 0.3) world.start();
  }
  if (pauses) world.pause("unpause");
  simulator.clearFaults();
  for (const pool of POOLS) simulator.setCapacity(pool, undefined);
  world.hold = undefined;
  world.loses = () => false;
  world.noListings = false;
  world.slurmctld.away = false;
  world.start();
  world.run(900_000);
  for (const name of names) {
    const node = world.slurmctld.nodes.get(name)!;
    if (node.keptSince !== undefined && node.base !== "DOWN") {
      world.wrong.push(`${name} was kept by a person, and is ${node.base}`);
    }
    if (node.keptSince !== undefined) world.slurmctld.release(name);
  }
  world.run(120_000);
  return { problems: problemsOf(world), trace, world };

  function act(): void {
    const chance = random();
    const name = pick(names);
    const view = world.slurmctld.view(name);
    if (pools && random() < 0.25) {
      const pool = pick(POOLS);
      const count = pick([0, 0, 1, 3, undefined]);
      say(`${pool} has ${count ?? "any"}`);
      simulator.setCapacity(pool, count);
    }
    if (chance < 0.45) {
      if (!world.slurmctld.away) move(name, view);
    } else if (chance < 0.5) {
      if (view !== "up" && view !== "awaited") return;
      say(`person resumes ${name}`);
      world.hook("resume", [name]);
    } else if (chance < 0.6) refuse();
    else if (chance < 0.68) {
      const action = pick(["RunInstances", "TerminateInstances", "StartInstances", "StopInstances"]);
      say(`lost answer ${action}`);
      simulator.addFault({ kind: "lost-answer", action, times: 1 });
    } else if (chance < 0.72) {
      say("death at birth");
      simulator.addFault({ kind: "death", times: 1, afterMs: 1_000, code: "Server.InternalError" });
    } else if (chance < 0.74) {
      const up = names.flatMap((some) => world.machinesOf(some)).filter(({ state }) => state === "running");
      if (up.length === 0) return;
      const { instanceId } = pick(up);
      say(`${instanceId} powers itself off`);
      simulator.powerOff(instanceId);
    } else if (chance < 0.76) simulator.clearFaults();
    else if (chance < 0.78) {
      say("a boot fails");
      simulator.addFault({ kind: "boot-failure", times: 1 });
    } else if (chance < 0.86) {
      say("kill -9");
      world.kill();
      if (random() < 0.7) world.after(300 + random() * 4_000, () => world.start());
    } else if (chance < 0.92) {
      world.slurmctld.away = !world.slurmctld.away;
      say(`slurmctld ${world.slurmctld.away ? "away" : "back"}`);
    } else if (chance < 0.97) keep(name, view);
    else world.start();
  }

  /** A person sets a node DOWN that is off, or that the controller keeps down, and gives it back later. */
  function keep(name: string, view: string): void {
    if (world.slurmctld.nodes.get(name)!.keptSince !== undefined) {
      say(`person releases ${name}`);
      world.slurmctld.release(name);
    } else if (!world.slurmctld.away && (view === "off" || view === "down")) {
      say(`person keeps ${name}`);
      world.slurmctld.keep(name, world.now);
    }
  }

  function turn(): void {
    const kind = world.state.pauses === undefined ? "pause" : "unpause";
    say(kind);
    world.pause(kind);
  }

  function move(name: string, view: string): void {
    if (view === "off") {
      const more = names.filter((other) => world.slurmctld.view(other) === "off" && random() < 0.5);
      const all = [...new Set([name, ...more])];
      say(`up ${all.join()}`);
      world.powerUp(all, pools ? [{ jobId: ++jobs, nodes: all }] : []);
    } else if (view === "up") {
      say(`down ${name}`);
      world.powerDown([name]);
    } else if (view === "awaited" && random() < 0.4) {
      say(`forced down ${name}`);
      world.powerDown([name]);
    }
  }

  function refuse(): void {
    const code = pick(CODES);
    const action = pick(["RunInstances", "TerminateInstances", "DescribeInstances", "StartInstances"]);
    say(`fault ${code} ${action}`);
    const times = 1 + Math.floor(random() * (code === "RequestLimitExceeded" ? 12 : 6));
    simulator.addFault(
      code === "RequestLimitExceeded"
        ? { kind: "throttle", action, times }
        : { kind: "error", action, times, code },
    );
  }
}

/** What is not as it should be once a world has come to rest. */
export function problemsOf(world: World): string[] {
  const problems = [...new Set(world.wrong)];
  for (const name of world.names) {
    const view = world.slurmctld.view(name);
    const machines = world.machinesOf(name).filter(({ state }) =>
      state !== "stopped" && state !== "stopping"
    );
    const isRight = view === "up" ? machines.length === 1 : view === "off" && machines.length === 0;
    const { reason } = world.slurmctld.nodes.get(name)!;
    if (!isRight) problems.push(`${name} is ${view} (${reason}) with ${machines.length} instances`);
    if (world.machinesOf(name).length > 1) {
      problems.push(`${name} has ${world.machinesOf(name).length} instances`);
    }
    const addressed = machines[0]?.network?.privateIpAddress;
    if (view === "up" && machines.length === 1 && world.slurmctld.nodes.get(name)!.nodeAddr !== addressed) {
      problems.push(`${name} is reached at another address`);
    }
  }
  if (world.state.launches.size > 0) problems.push(`${world.state.launches.size} launches are open`);
  const open = [...world.state.requests.values()].filter(({ settledAt }) => settledAt === undefined);
  if (open.length > 0) problems.push(`${open.length} requests are open: ${JSON.stringify(open[0])}`);
  const unended = [...world.state.instances.values()].filter(({ end }) => end === "due");
  if (unended.length > 0) problems.push(`${unended.length} ends are not accepted`);
  if (!world.settled) problems.push("it never comes to rest");
  return problems;
}
