import type { Instance } from "../../lib/aws/instance.ts";
import type { Log } from "../../lib/base/log.ts";
import { listedPrice } from "../../lib/capacity/price.ts";
import type { Discrepancy } from "../../lib/controller/discrepancy.ts";
import { EMPTY_STATE } from "../../lib/controller/state.ts";
import { runLoop } from "../../lib/controller_run/loop.ts";
import type { LoopPorts } from "../../lib/controller_run/ports.ts";
import { visible } from "../../lib/base/visible.ts";
import { foldHostlist } from "../../lib/slurm/hostlist.ts";
import { type HeldLock, tryWorkerLock } from "../../lib/store/lock.ts";
import { StateRefusedError } from "../../lib/store/open.ts";
import { Queue } from "../../lib/store/queue.ts";
import { CommandError, CONFIG_FLAG, defineCommand, JSON_FLAG, UsageError } from "../base/command.ts";
import { ExitCode } from "../base/exit_code.ts";
import type { Flag, Flags } from "../base/flag.ts";
import type { Host } from "../base/host.ts";
import { loadConfig } from "../base/load_config.ts";
import { type Charge, chargeQuestion, refuseUnlessInCharge } from "./charge.ts";
import { shownPrices } from "../base/price_file.ts";
import { type ControllerSite, openController } from "./controller.ts";
import { HOOK_PERMISSIONS } from "./hook_parts.ts";
import { type Look, lookAtDrift } from "./look_at_drift.ts";
import { makeOwnStateDir } from "./own_state_dir.ts";
import { readSlurmSettings, type SlurmSettings } from "./slurm_settings.ts";
import { stateTrouble } from "./state_trouble.ts";

/** Milliseconds for which the controller is let go on: strays are ended after two readings, a minute apart. */
const PATIENCE = 180_000;

/** Milliseconds between two tries to get the worker's lock. */
const TRY_EVERY = 200;

const FLAGS = [
  CONFIG_FLAG,
  JSON_FLAG,
  { name: "apply", summary: "Do what the findings say, instead of only showing it" },
  { name: "force", summary: "With --apply: end more than ten instances, or a tenth of them, in one pass" },
  { name: "prices", value: "FILE", summary: "USD/h by instance type; those of config prices unless given" },
] as const satisfies readonly Flag[];
type Given = Flags<typeof FLAGS>;

/** What is printed. */
export interface ReconcileOutput {
  readonly applied: boolean;
  readonly findings: readonly Discrepancy[];
  /** Why nothing can be said; absent: all was read. */
  readonly unread?: string;
  /** Why EC2's status checks and planned events are not part of it; absent: they are. */
  readonly healthUnread?: string;
}

/** `slurm-ec2 reconcile`: what Slurm wants and what EC2 has, compared now. */
export const reconcile = defineCommand({
  name: "reconcile",
  summary: "Compare Slurm's nodes with EC2's instances now, and with --apply bring them together.",
  flags: FLAGS,
  examples: [
    { command: "slurm-ec2 reconcile", says: "What does not fit, with evidence and cost; changes nothing" },
    { command: "slurm-ec2 reconcile --apply", says: "The same, and the controller sees to it" },
  ],
  notes:
    "Nothing is ended because it was not found, and nothing of another cluster. A worker does the same by itself; " +
    "this is for looking, and for a cluster without the timer. A worker that lives is asked to end once it has " +
    "nothing to do; --apply waits for that for three minutes.",
  exits: {
    [ExitCode.Done]: "everything fits",
    [ExitCode.Partly]: "something does not, or did not before --apply",
  },
  permissions: {
    ...HOOK_PERMISSIONS,
    read: [...HOOK_PERMISSIONS.read, "named"],
    onlyWith: { write: "apply" },
  },
  async run(host, flags) {
    if (flags.has("force") && !flags.has("apply")) throw new UsageError("Flag --force needs --apply");
    const config = loadConfig(host, flags);
    if (flags.has("apply")) makeOwnStateDir(config, "nothing was applied");
    // What only looks has no right to write.
    const log = flags.has("apply") ? await host.connect.log(config) : stderrLog(host);
    const { write: events, close } = flags.has("apply")
      ? host.connect.events(config, (message) => log.warn(message))
      : { write: () => {}, close: () => Promise.resolve() };
    try {
      const scontrol = await host.connect.scontrol(config);
      const site = { host, config, stateDir: config.stateDir, log, events, scontrol };
      const allowed = flags.has("apply") ? await mayApply(site) : undefined;
      const force = flags.has("force");
      const prices = shownPrices(host, config, flags);
      const usdPerHour = (instance: Instance) => listedPrice(prices, instance);
      const before = await lookAtDrift(site, { force, usdPerHour });
      if (allowed !== undefined && before.drift.kind === "findings") {
        await apply(site, { ...allowed, ...before, force });
      }
      return print(host, flags, before);
    } catch (error) {
      throw error instanceof StateRefusedError ? new CommandError(error.message) : error;
    } finally {
      await close();
      log.close();
    }
  },
});

function stderrLog(host: Host): Log {
  const say = (message: string) => host.stderr.write(`slurm-ec2: ${message}\n`);
  return { debug() {}, info() {}, warn: say, error: say, close() {} };
}

/** What slurmctld says of its timeouts and its hosts, where this is the one that acts. */
interface Allowed {
  readonly timeouts: SlurmSettings["timeouts"];
  readonly charge: Charge | undefined;
}

/** @throws {CommandError} when this host is not the one that acts */
async function mayApply(site: ControllerSite): Promise<Allowed> {
  const { config, log, scontrol } = site;
  const { settings, timeouts } = await readSlurmSettings(scontrol, config, log);
  const charge = await chargeQuestion(site, settings);
  await refuseUnlessInCharge(charge);
  return { timeouts, charge };
}

/** The controller's own loop, with complete listings due now, and what it leaves to a person's word. */
async function apply(
  site: ControllerSite,
  { timeouts, charge, force, drift: found, facts }: Allowed & Look & { readonly force: boolean },
): Promise<void> {
  using _lock = await takeOver(site);
  const scontrolNow = () => charge?.scontrol() ?? site.scontrol;
  const controller = await openController({ ...site, scontrolNow });
  try {
    const end = await runLoop({ ...controller.ports, force, ...(charge && { whyNotInCharge: charge.why }) }, {
      facts: [
        { kind: "out-of-date" },
        ...facts,
        ...(timeouts === undefined ? [] : [{ kind: "timeouts", timeouts } as const]),
      ],
      limit: PATIENCE,
      reached: ({ settled, state }) => settled && state.listedAt !== undefined,
    });
    if (end !== "state-moved") controller.store.noteRest();
    if (found.kind === "findings") await endTestLaunches(controller.ports, found.findings);
  } finally {
    controller.store.close();
  }
}

/**
 * The worker's lock. A worker that lives is asked to end as soon as it has nothing to do, and waited for.
 * @throws {CommandError} when stateDir can't be written, or the worker still has something to do after {@link PATIENCE}
 */
async function takeOver({ host, stateDir, log }: ControllerSite): Promise<HeldLock> {
  const queue = new Queue(stateDir);
  try {
    queue.make();
  } catch (error) {
    throw new CommandError(
      `State directory ${stateDir} can't be used, so nothing was applied: ${stateTrouble(stateDir, error)}`,
    );
  }
  const until = host.now() + PATIENCE;
  let id: string | undefined;
  try {
    for (;;) {
      const lock = await tryWorkerLock(stateDir);
      if (lock !== undefined) return lock;
      if (host.now() > until) {
        throw new CommandError(
          `The worker has not ended in ${
            PATIENCE / 1000
          } s, so nothing was applied: it has something to do, ` +
            "which slurm-ec2 status shows; try again when it has ended",
        );
      }
      if (id === undefined) {
        log.info("reconcile waits for the worker to end");
        const unknown = { uptime: undefined, bootId: undefined, resumeFile: undefined };
        id = queue.add({ kind: "yield", hostlist: "*", ...unknown });
      }
      await host.sleep(TRY_EVERY);
    }
  } finally {
    if (id !== undefined) queue.forget([id]);
  }
}

/** Instances of test launches are not nodes, so the controller leaves them alone: only a person's command ends them. */
async function endTestLaunches(
  { perform, log }: Pick<LoopPorts, "perform" | "log">,
  findings: readonly Discrepancy[],
): Promise<void> {
  const ids = findings.filter(({ kind, deferred }) => kind === "test-launch" && deferred !== true)
    .flatMap(({ instanceIds }) => instanceIds);
  if (ids.length === 0) return;
  const { refusals } = await perform(
    { kind: "end", action: "terminate", ids, why: "left over from a test launch" },
    EMPTY_STATE,
  );
  for (const { message } of refusals) log.error(message);
}

function print(host: Host, flags: Given, { drift: found, healthUnread }: Look): ExitCode {
  const applied = flags.has("apply") && found.kind === "findings";
  const output: ReconcileOutput = {
    applied,
    ...(found.kind === "findings" ? { findings: found.findings } : { findings: [], unread: found.why }),
    ...(healthUnread !== undefined && { healthUnread }),
  };
  if (flags.has("json")) host.stdout.write(`${JSON.stringify(output)}\n`);
  else host.stdout.write(findingsText(output));
  if (found.kind === "unread") return ExitCode.Failed;
  return found.findings.length === 0 ? ExitCode.Done : ExitCode.Partly;
}

/** Findings as people read them. */
export function findingsText({ applied, findings, unread, healthUnread }: ReconcileOutput): string {
  if (unread !== undefined) return `Nothing was compared: ${unread}\n`;
  const health = healthUnread === undefined
    ? ""
    : `Status checks and planned events were not read: ${healthUnread}\n`;
  if (findings.length === 0) return `${health}Slurm's nodes and EC2's instances fit together.\n`;
  const lines = findings.map((finding) => {
    const { kind, nodes, instanceIds, evidence, action, deferred, usdPerHour, usdSoFar } = finding;
    const what = [...(nodes.length > 0 ? [foldHostlist(nodes)] : []), ...instanceIds].join(" ");
    const cost = usdPerHour === undefined
      ? ""
      : ` (${usdPerHour.toFixed(2)} USD/h, ${(usdSoFar ?? 0).toFixed(2)} USD so far)`;
    const then = deferred === true ? "; beyond what one pass ends: --force" : "";
    return visible(`${kind.padEnd(20)} ${what}: ${evidence}${cost} -> ${action}${then}`);
  });
  const next = applied ? "The controller has seen to what it could." : "slurm-ec2 reconcile --apply does it.";
  return `${health}${lines.join("\n")}\n${next}\n`;
}
