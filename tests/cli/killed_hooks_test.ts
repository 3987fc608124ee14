import { assertEquals } from "@std/assert";
import { WORLD } from "../../lib/sim/fresh_world.ts";
import { expandHostlist } from "../../lib/slurm/hostlist.ts";
import {
  type HookName,
  type HookSite,
  makeHookSite,
  outcomesOf,
  prepareNodes,
} from "../fixtures/hook_site.ts";

/** Where a worker is killed. */
interface Moment {
  readonly name: string;
  /** Whether the worker can't get past it, or else an answer may come before it is killed. */
  readonly hangs?: boolean;
  /** What makes it come: a worker that knows its instances asks for none of them. */
  readonly prepare?: (site: HookSite) => Promise<void>;
  /** Resolves when the worker has got there. */
  reached(site: HookSite): Promise<void>;
}

/** Slurm's side: the worker's own scontrol is left without an answer, and slurmctld never gets what it was to say. */
function atScontrol(what: RegExp): Moment {
  return {
    name: `as it runs scontrol ${what.source}`,
    hangs: true,
    reached: ({ slurmctld }) => slurmctld.hang(what),
  };
}

/** EC2's side: the call has been carried out, and its answer is still on the way. */
function beforeAnswerOf(action: string): Moment {
  return {
    name: `before the answer of ${action} comes`,
    reached: ({ aws, until }) => until(`${action} is called`, () => (aws.simulator.calls()[action] ?? 0) > 0),
  };
}

/** A worker that finds no state lists the cluster first. */
const AS_IT_LISTS: Moment = {
  ...beforeAnswerOf("DescribeInstances"),
  async prepare({ stateDir }) {
    for (const suffix of ["", "-wal", "-shm"]) {
      await Deno.remove(`${stateDir}/state.db${suffix}`).catch(() => {});
    }
  },
};

/** The launch is written down and on its way; EC2 may carry it out though nobody is there for the answer. */
const AS_IT_SENDS: Moment = {
  name: "as it sends RunInstances",
  reached: ({ state, until }) => until("A launch is stored", () => (state()?.launches.size ?? 0) > 0),
};

const NODES = "c[0-5]";
const POOL = `c7i.large:${WORLD.region}a`;
/** Milliseconds that every call of AWS takes: what a worker is killed in the middle of. */
const LATENCY = 500;

/** Who starts the next worker. */
const NEXT = {
  "the timer": (site: HookSite) => Promise.resolve(site.timer()),
  "the same hook": async (site: HookSite, hook: HookName) => {
    assertEquals(await site.start(hook, NODES), 0);
  },
} as const;

for (const [next, goOn] of Object.entries(NEXT)) {
  for (
    const moment of [
      atScontrol(/^show config/),
      beforeAnswerOf("GetParameters"),
      AS_IT_SENDS,
      beforeAnswerOf("RunInstances"),
      atScontrol(/^update .* NodeAddr=/),
      atScontrol(/^update .* State=/),
    ]
  ) {
    Deno.test(`resume killed ${moment.name} and taken up by ${next} leaves no orphan, duplicate or forgotten node`, async () => {
      await using site = await makeHookSite({ nodes: NODES });
      site.aws.simulator.setCapacity(POOL, 4);
      await killAt(site, "resume", moment);
      await goOn(site, "resume");
      const requests = (await site.settled()).toSorted((a, b) => a.at - b.at);
      assertEquals(outcomesOf(requests.at(-1)!), { assigned: 4, down: 2 }, site.log());
      // What the second hook asks for, the first does no longer.
      const earlier = requests.slice(0, -1).flatMap((request) => Object.keys(outcomesOf(request)));
      assertEquals(earlier.filter((kind) => !["assigned", "down", "superseded"].includes(kind)), []);
      assertEquals(verdicts(site), { told: 4, down: 2 }, site.log());
      assertEquals([...site.live().values()], [1, 1, 1, 1], site.log());

      await site.call("stop", NODES);
      assertEquals(site.live().size, 0, site.log());
      assertEquals(site.state()!.launches.size, 0);
    });
  }

  for (const hook of ["stop", "resume-fail"] as const) {
    for (
      const moment of [
        atScontrol(/^show config/),
        AS_IT_LISTS,
        ...(hook === "resume-fail" ? [beforeAnswerOf("GetConsoleOutput")] : []),
        beforeAnswerOf("TerminateInstances"),
        ...(hook === "resume-fail" ? [atScontrol(/^update .* State=/)] : []),
      ]
    ) {
      Deno.test(`${hook} killed ${moment.name} and taken up by ${next} leaves nothing running`, async () => {
        await using site = await makeHookSite({ nodes: NODES });
        assertEquals(await site.call("resume", NODES), { assigned: 6 }, site.log());
        // The worker to be killed starts with this request.
        await site.killWorker();
        await moment.prepare?.(site);
        site.aws.simulator.resetCalls();
        await killAt(site, hook, moment);
        await goOn(site, hook);
        await site.settled();
        assertEquals(site.live().size, 0, site.log());
        // slurmctld does not give up a node that did not register: the hook must give it back.
        const nodes = () => [...site.slurmctld.nodes.values()];
        if (hook === "resume-fail") {
          await site.until("All are given back", () => nodes().every(({ base }) => base === "IDLE"));
        } else {
          const back = nodes().map(({ flags }) => flags.has("POWER_DOWN"));
          assertEquals(back, Array(6).fill(false), site.log());
        }
      });
    }
  }
}

async function killAt(site: HookSite, name: HookName, moment: Moment): Promise<void> {
  prepareNodes(site.slurmctld, name, expandHostlist(NODES));
  await site.setLatency(LATENCY);
  const reached = moment.reached(site);
  assertEquals(await site.start(name, NODES), 0);
  await reached;
  await site.killWorker();
  if (!moment.hangs) {
    const requests = [...site.state()?.requests.values() ?? []];
    const isOver = requests.some(({ kind, settledAt }) => kind === name && settledAt !== undefined);
    assertEquals(isOver, false, `it had ended before: ${site.log()}`);
  }
  await site.setLatency(0);
}

/** Nodes that slurmctld was told the address of, and nodes that are down with a reason of ours; no others. */
function verdicts({ slurmctld }: HookSite): Record<string, number> {
  const kinds = [...slurmctld.nodes.values()].map(({ base, nodeAddr, reason }) =>
    base === "DOWN" && reason.includes("[slurm-ec2 until=")
      ? "down"
      : nodeAddr.startsWith("10.")
      ? "told"
      : "forgotten"
  );
  return Object.fromEntries([...Map.groupBy(kinds, (kind) => kind)].map(([kind, all]) => [kind, all.length]));
}
