import { expandHostlist } from "../../../lib/slurm/hostlist.ts";

/** A slurmctld's memory, as a file that tests write and read. */
export interface FakeSlurm {
  readonly nodes: Record<string, { state: string; address: string; reason: string }>;
  /** Argument lists of every call so far. */
  readonly calls: string[][];
  /** Every update is refused. */
  readonly refuses?: boolean;
  /** Seconds that a command waits for at most, and ten more; 600 unless given. */
  readonly resumeTimeout?: number;
  /** Names of slurm.conf's SlurmctldHost lines; one unless given. */
  readonly hosts?: readonly string[];
  /** Whether slurmctld stands by when it is asked by a slurm.conf that names it alone: another host answers the others. */
  readonly standsBy?: boolean;
  /** How to answer nothing at all, as a slurmctld that hangs. */
  readonly hangs?: boolean;
}

/** Nodes that are off. */
export function poweredDown(names: readonly string[]): FakeSlurm["nodes"] {
  return Object.fromEntries(
    names.map((name) => [name, { state: "IDLE+CLOUD+POWERED_DOWN", address: name, reason: "" }]),
  );
}

/** What a node is when slurmctld calls a hook for it, by what it was. */
const CALLED: Readonly<Record<string, readonly [from: RegExp, to: string]>> = {
  "resume": [/POWERED_DOWN/, "ALLOCATED+CLOUD+POWERING_UP"],
  "stop": [/^(?:IDLE|ALLOCATED)\+CLOUD(?:\+POWERING_UP)?$/, "IDLE+CLOUD+POWERING_DOWN"],
  "resume-fail": [/POWERING_UP/, "DOWN+CLOUD+POWERED_DOWN"],
};

/** slurmctld as it is when it runs this command line; a node in another state is left as the test has it. */
export function asSlurmCalls(slurm: FakeSlurm, [command = "", ...args]: readonly string[]): FakeSlurm {
  const called = CALLED[command];
  if (called === undefined) return slurm;
  const nodes = { ...slurm.nodes };
  for (const name of namesIn(args.at(-1) ?? "")) {
    const node = nodes[name];
    if (node === undefined || !called[0].test(node.state)) continue;
    const before = node.reason === "" ? "" : `${node.reason} : `;
    const reason = command === "resume-fail" ? `${before}ResumeTimeout reached` : node.reason;
    nodes[name] = { ...node, state: called[1], reason };
  }
  return { ...slurm, nodes };
}

function namesIn(hostlist: string): string[] {
  try {
    return expandHostlist(hostlist);
  } catch {
    return [];
  }
}

/** Answers one scontrol command; the first argument is the directory of the memory. */
async function main([dir, ...args]: readonly string[]): Promise<number> {
  // Calls at the same time wait for one another, as those to one slurmctld do.
  using lock = await Deno.open(`${dir}/slurm.lock`, { create: true, write: true });
  await lock.lock(true);
  const slurm: FakeSlurm = JSON.parse(await Deno.readTextFile(`${dir}/slurm.json`));
  slurm.calls.push([...args]);
  const [code, text] = answer(slurm, args);
  await Deno.writeTextFile(`${dir}/slurm.json`, JSON.stringify(slurm));
  if (slurm.hangs) await new Promise((resolve) => setTimeout(resolve, 60_000));
  (code === 0 ? console.log : console.error)(text);
  return code;
}

function answer(slurm: FakeSlurm, args: readonly string[]): [code: number, text: string] {
  const [verb, what] = args;
  if (slurm.standsBy && verb !== "ping" && asksOneHost()) {
    return [1, "slurm_load_partitions error: Slurm backup controller in standby mode"];
  }
  if (verb === "ping") return [0, "Slurmctld(primary) at fake is UP"];
  if (verb === "show" && what === "config") {
    const seconds = slurm.resumeTimeout ?? 600;
    return [
      0,
      [
        `ResumeTimeout           = ${seconds} sec`,
        `SuspendTimeout          = ${Math.min(60, seconds)} sec`,
        ...(slurm.hosts ?? []).map((name, index) => `SlurmctldHost[${index}]        = ${name}`),
      ].join("\n"),
    ];
  }
  if (verb === "show" && what?.startsWith("part")) return [0, "PartitionName=cloud ResumeTimeout=GLOBAL"];
  if (verb === "show" && what === "nodes") {
    return showNodes(slurm, args.length > 3 ? expandHostlist(args.at(-1)!) : Object.keys(slurm.nodes));
  }
  if (verb === "update" && slurm.refuses) return [1, "slurm_update error: Access/permission denied"];
  if (verb === "update" && what?.startsWith("NodeName=")) return update(slurm, args);
  return [0, ""];
}

/** Whether this client's slurm.conf is one that the program made to ask one host. */
function asksOneHost(): boolean {
  const file = Deno.env.get("SLURM_CONF") ?? "";
  return file.endsWith("/own-slurm.conf") && /^SlurmctldHost=/m.test(Deno.readTextFileSync(file));
}

function showNodes({ nodes }: FakeSlurm, names: readonly string[]): [number, string] {
  const lines = [];
  for (const name of names) {
    const node = nodes[name];
    if (node === undefined) return [1, `Node ${name} not found`];
    const reason = node.reason === "" ? "" : ` Reason=${node.reason} [slurm@2026-01-01T00:00:00]`;
    lines.push(
      `NodeName=${name} State=${node.state} NodeAddr=${node.address} NodeHostName=${name} Partitions=cloud${reason}`,
    );
  }
  return [0, lines.join("\n")];
}

function update({ nodes }: FakeSlurm, args: readonly string[]): [number, string] {
  const values = new Map(
    args.slice(1).map((arg) => {
      const at = arg.indexOf("=");
      return [arg.slice(0, at), arg.slice(at + 1)];
    }),
  );
  const names = expandHostlist(values.get("NodeName")!);
  const unknown = names.find((name) => nodes[name] === undefined);
  if (unknown !== undefined) return [1, "slurm_update error: Invalid node name specified"];
  const addresses = values.get("NodeAddr")?.split(",");
  names.forEach((name, i) => {
    const node = nodes[name]!;
    if (addresses) node.address = addresses[i]!;
    if (values.has("Reason")) node.reason = values.get("Reason")!;
    const isOff = node.state.includes("POWERED_DOWN");
    if (values.get("State") === "down") node.state = `DOWN+CLOUD+${isOff ? "POWERED_DOWN" : "POWERING_UP"}`;
    if (values.get("State") === "idle") node.state = `IDLE+CLOUD${isOff ? "+POWERED_DOWN" : ""}`;
    if (values.get("State") === "power_down_force") node.state = "IDLE+CLOUD+POWER_DOWN";
  });
  return [0, ""];
}

if (import.meta.main) Deno.exit(await main(Deno.args));
