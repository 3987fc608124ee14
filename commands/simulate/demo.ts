import { CommandError, defineCommand, JSON_FLAG } from "../base/command.ts";
import type { Flag, Flags } from "../base/flag.ts";
import { tellStory } from "./demo_story.ts";
import { ExitCode } from "../base/exit_code.ts";
import { NO_PERMISSIONS } from "../base/permissions.ts";

/** Most nodes of a demo: the simulated subnets have room for about 8,000 in each zone. */
const NODES_MAX = 10_000;

const FLAGS = [
  {
    name: "nodes",
    value: "N",
    kind: "number",
    min: 2,
    max: NODES_MAX,
    summary: `Nodes to power up, 2 to ${NODES_MAX} (100)`,
  },
  {
    name: "slurm",
    summary: "Let a real slurmctld of this machine call the hooks and run a job (from a checkout, as root)",
  },
  JSON_FLAG,
] as const satisfies readonly Flag[];
type Given = Flags<typeof FLAGS>;

/** `slurm-ec2 demo`: the whole story in one command, against the simulator. */
export const demo = defineCommand({
  name: "demo",
  summary:
    "Show the whole story on a simulated EC2: power nodes up, run out of capacity, power down, prove it clean.",
  flags: FLAGS,
  examples: [
    { command: "slurm-ec2 demo", says: "A hundred nodes, one capacity pool too small, in a few seconds" },
    { command: "slurm-ec2 demo --nodes 1000 --json", says: "The figures only, for a script" },
    { command: "slurm-ec2 demo --slurm", says: "A real job on real slurmd's (Slurm installed, as root)" },
  ],
  notes: "Nothing leaves this machine: the simulated AWS listens on 127.0.0.1 and ends with the demo.",
  permissions: {
    ...NO_PERMISSIONS,
    net: ["loopback"],
    run: ["slurm"],
    write: ["temp"],
    read: ["temp"],
    env: true,
    onlyWith: { run: "slurm" },
  },
  async run(host, flags) {
    const nodes = flags.number.nodes ?? 100;
    if (flags.has("slurm")) return await (await import("./demo_slurm.ts")).demoOnSlurm(host);
    const ending = await tellStory(host, { nodes, quiet: flags.has("json") });
    if (flags.has("json")) host.stdout.write(`${JSON.stringify(ending)}\n`);
    if (ending.leaked > 0) throw new CommandError(`${ending.leaked} instances are left: please report this`);
    return ExitCode.Done;
  },
});
