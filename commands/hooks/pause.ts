import { changedPauses } from "../../lib/controller/pauses.ts";
import { ALL_GROUPS, type State } from "../../lib/controller/state.ts";
import { CommandError, CONFIG_FLAG, defineCommand, JSON_FLAG } from "../base/command.ts";
import { ExitCode } from "../base/exit_code.ts";
import type { Flag, Flags } from "../base/flag.ts";
import type { Host } from "../base/host.ts";
import { loadConfig } from "../base/load_config.ts";
import { nodeGroupNamed } from "../base/node_group_name.ts";
import { NO_PERMISSIONS, type Permissions } from "../base/permissions.ts";
import { changeState, stateNow } from "./store_change.ts";

const FLAGS = [CONFIG_FLAG, JSON_FLAG] as const satisfies readonly Flag[];
type Given = Flags<typeof FLAGS>;

const PERMISSIONS: Permissions = {
  ...NO_PERMISSIONS,
  read: ["config", "state", "log"],
  write: ["state", "log"],
  env: true,
};

/** What `pause` and `unpause` print. */
export interface PauseOutput {
  /** Whether anything is otherwise now. */
  readonly changed: boolean;
  /** What is paused now, and since when: milliseconds since 1970 UTC; `*` for every node group. */
  readonly paused: readonly { readonly nodeGroup: string; readonly since: number }[];
}

/** `slurm-ec2 pause`: no launch until a person says so. */
export const pause = defineCommand({
  name: "pause",
  summary: "Launch nothing more, for one node group or all, until unpause; ends nothing.",
  arguments: "[GROUP]",
  flags: FLAGS,
  examples: [
    { command: "slurm-ec2 pause", says: "No instance is launched or started any more" },
    { command: "slurm-ec2 pause c7i", says: "None of node group c7i" },
  ],
  notes:
    "What runs goes on, and is powered down as usual; a call that is on its way to EC2 may still bring its instances. " +
    "Nodes that are asked for go down with the reason LaunchingPaused, their jobs wait in the queue. A pause outlives " +
    "the worker and the machine.",
  permissions: PERMISSIONS,
  run: (host, flags) => changePause(host, flags, "pause"),
});

/** `slurm-ec2 unpause`: launches go on. */
export const unpause = defineCommand({
  name: "unpause",
  summary: "Let launches go on that pause has stopped, for one node group or all.",
  arguments: "[GROUP]",
  flags: FLAGS,
  examples: [
    { command: "slurm-ec2 unpause", says: "Everything that is paused goes on" },
    { command: "slurm-ec2 unpause c7i", says: "Node group c7i goes on" },
  ],
  notes:
    "Nodes that were held back go back to Slurm with the worker's next pass, which the timer starts each minute.",
  permissions: PERMISSIONS,
  run: (host, flags) => changePause(host, flags, "unpause"),
});

async function changePause(host: Host, flags: Given, kind: "pause" | "unpause"): Promise<ExitCode> {
  const config = loadConfig(host, flags);
  const [nodeGroup = ALL_GROUPS] = flags.positional;
  const stored = stateNow(config)?.pauses ?? {};
  // A pause may be of a node group that has left the file since.
  if (nodeGroup !== ALL_GROUPS && !(kind === "unpause" && nodeGroup in stored)) {
    nodeGroupNamed(config, nodeGroup);
  }
  if (kind === "unpause" && nodeGroup !== ALL_GROUPS && ALL_GROUPS in stored) {
    throw new CommandError(
      `Launches of all node groups are paused, ${nodeGroup} with them: slurm-ec2 unpause lets all go on`,
    );
  }
  const change = ({ pauses = {} }: State) => changedPauses(pauses, { kind, nodeGroup }, host.now());
  const isDone = (state: State) =>
    Object.keys(change(state)).length === Object.keys(state.pauses ?? {}).length;
  const before = await changeState(host, config, {
    kind,
    subject: nodeGroup,
    otherwise: kind === "pause" ? "nothing is paused" : "what is paused stays so",
    isDone,
    change: (state) => ({ state: { ...state, pauses: change(state) }, events: [{ kind, nodeGroup }] }),
  });
  print(host, flags, { kind, nodeGroup, before });
  return ExitCode.Done;
}

interface Changed {
  readonly kind: "pause" | "unpause";
  readonly nodeGroup: string;
  readonly before: State;
}

function print(host: Host, flags: Given, { kind, nodeGroup, before }: Changed): void {
  const earlier = before.pauses ?? {};
  const now = changedPauses(earlier, { kind, nodeGroup }, host.now());
  const changed = Object.keys(now).length !== Object.keys(earlier).length;
  const paused = Object.entries(now).map(([name, since]) => ({ nodeGroup: name, since }));
  const output: PauseOutput = { changed, paused };
  if (flags.has("json")) return host.stdout.write(`${JSON.stringify(output)}\n`);
  const what = nodeGroup === ALL_GROUPS ? "all node groups" : `node group ${nodeGroup}`;
  const undo = nodeGroup === ALL_GROUPS ? "" : ` ${nodeGroup}`;
  const line = kind === "pause"
    ? `Launches of ${what} are ${
      changed ? "paused" : "paused already"
    }: slurm-ec2 unpause${undo} lets them go on`
    : changed
    ? `Launches of ${what} go on`
    : `Launches of ${what} are not paused: nothing to do`;
  host.stdout.write(`${line}\n`);
  const others = paused.filter((one) => one.nodeGroup !== nodeGroup).map((one) => one.nodeGroup);
  if (kind === "unpause" && others.length > 0) host.stdout.write(`Still paused: ${others.join(", ")}\n`);
}
