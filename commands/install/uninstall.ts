import { READY } from "../../lib/slurm_conf/render/ready_conf.ts";
import { planUninstall } from "../../lib/install/plan_uninstall.ts";
import { type Action, pathsToSurvey } from "../../lib/install/plan.ts";
import { MANIFEST } from "../../lib/install/release.ts";
import { alone, carryOutAll, readManifest } from "../../lib/install/run.ts";
import { survey } from "../../lib/install/survey.ts";
import { CommandError, defineCommand, JSON_FLAG, UsageError } from "../base/command.ts";
import type { Flag, Flags } from "../base/flag.ts";
import { ExitCode } from "../base/exit_code.ts";
import type { Host } from "../base/host.ts";
import { unpackedBy } from "./find_unpacked.ts";
import { asCommandError } from "./install.ts";
import { actionTable, printNotes } from "./output.ts";
import { readPrefix } from "./request.ts";
import { NO_PERMISSIONS } from "../base/permissions.ts";

const FLAGS = [
  { name: "prefix", value: "DIR", summary: "Where slurm-ec2 is installed; must be given" },
  {
    name: "purge",
    summary:
      "Also remove the settings in etc/, the state that install made, the history with it, and what the portable file unpacked; asks first",
  },
  { name: "yes", summary: "Purge without asking" },
  { name: "force", summary: "Also remove files that were changed manually" },
  { name: "dry-run", summary: "Say what would be removed, change nothing" },
  JSON_FLAG,
] as const satisfies readonly Flag[];
type Given = Flags<typeof FLAGS>;

/** `slurm-ec2 uninstall`. */
export const uninstall = defineCommand({
  name: "uninstall",
  summary: "Remove what install put below a prefix, and nothing else.",
  argumentHint: "the place is --prefix DIR",
  flags: FLAGS,
  examples: [
    { command: "slurm-ec2 uninstall --prefix /opt/slurm/bio --dry-run", says: "What would go?" },
    { command: "slurm-ec2 uninstall --prefix /opt/slurm/bio", says: "Keeps etc/ and the state" },
    {
      command: "slurm-ec2 uninstall --prefix /opt/slurm/bio --purge",
      says: "Shows all that goes, asks, and removes etc/ and the state, too",
    },
  ],
  notes:
    "Take the include lines and PrologSlurmctld out of slurm.conf first, for slurmctld 24.11 and later do not start when that script is missing, and terminate the cluster's instances: without hooks nothing does.",
  permissions: { ...NO_PERMISSIONS, read: ["prefix", "users"], write: ["prefix"] },
  async run(host, flags) {
    try {
      return await runUninstall(host, flags);
    } catch (error) {
      throw asCommandError(error);
    }
  },
});

async function runUninstall(host: Host, flags: Given): Promise<ExitCode> {
  if (flags.has("yes") && !flags.has("purge")) throw new UsageError("Flag --yes needs --purge");
  const prefix = namedPrefix(flags);
  const dryRun = flags.has("dry-run");
  const work = async (): Promise<ExitCode> => {
    const manifest = readManifest(prefix, damaged);
    if (manifest === undefined) {
      throw new CommandError(`slurm-ec2 is not installed in ${prefix}: there is no ${prefix}/${MANIFEST}`);
    }
    const found = await survey(prefix, pathsToSurvey(undefined, manifest));
    const purge = flags.has("purge");
    const { unpacked, notes: left } = purge
      ? await unpackedBy(host, prefix, { manifest, survey: found })
      : { unpacked: [], notes: [] };
    const plan = planUninstall(manifest, found, { purge, force: flags.has("force"), unpacked });
    if (plan.kind === "refused") {
      throw new CommandError(
        `Nothing was removed:\n${plan.problems.map((problem) => `  ${problem}`).join("\n")}`,
      );
    }
    const { actions } = plan;
    if (purge && !dryRun && !flags.has("yes")) askToPurge(host, prefix, actions);
    if (!dryRun) carryOutAll(prefix, actions);
    const notes = [...readyNotes(prefix, actions), ...plan.notes, ...left];
    if (flags.has("json")) {
      host.stdout.write(`${JSON.stringify({ prefix, dryRun, actions, notes }, null, 2)}\n`);
      return ExitCode.Done;
    }
    host.stdout.write(actionTable(prefix, actions));
    host.stdout.write(
      dryRun ? "Nothing was changed: this was a dry run\n" : `${prefix}: slurm-ec2 is removed\n`,
    );
    printNotes(host, notes);
    return ExitCode.Done;
  };
  // The lock is a file of the prefix: none is made where nothing is installed.
  return dryRun || readManifest(prefix, damaged) === undefined ? await work() : await alone(prefix, work);
}

/**
 * Shows what goes and asks for a yes: settings and state do not come back.
 * @throws {UsageError} when there is no terminal to ask at
 * @throws {CommandError} when the person says no
 */
export function askToPurge(
  host: Pick<Host, "stderr" | "ask">,
  prefix: string,
  actions: readonly Action[],
): void {
  host.stderr.write(actionTable(prefix, actions));
  const answer = host.ask?.("Remove all of this? [y/N] ");
  if (answer === undefined) {
    throw new UsageError(
      "Standard input is not a terminal, so nothing was removed: --yes purges without asking",
    );
  }
  if (!/^y(es)?$/i.test(answer)) throw new CommandError("Nothing was removed");
}

/** What slurm.conf must no longer name. */
function readyNotes(prefix: string, actions: readonly Action[]): string[] {
  const path = `${prefix}/${READY}`;
  if (!actions.some((action) => action.kind === "remove" && action.path === READY)) return [];
  return [
    `PrologSlurmctld must not name ${path} any more: slurmctld 24.11 and later do not start without it, ` +
    "so take the line out of slurm.conf first",
  ];
}

function namedPrefix(flags: Given): string {
  const given = flags.get("prefix");
  if (given === undefined) {
    throw new UsageError("Where is it installed? Give --prefix DIR, e.g. /opt/slurm/CLUSTER");
  }
  return readPrefix(given);
}

function damaged(problem: string): never {
  throw new CommandError(`${problem}: install once more, which writes it again, then uninstall`);
}
