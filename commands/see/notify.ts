import { errorText } from "../../lib/base/error_text.ts";
import type { Config } from "../../lib/config/model.ts";
import { due, firstMark, type Mark } from "../../lib/see/notify/mark.ts";
import { keepMark, loadMark, lockMark } from "../../lib/see/notify/mark_file.ts";
import { noticeOf } from "../../lib/see/notify/message.ts";
import { withNews } from "../../lib/see/notify/news.ts";
import { NOTICE_KINDS, type NoticeKind } from "../../lib/see/notify/notice.ts";
import { type Outcome, runProgram } from "../../lib/see/notify/program_process.ts";
import { readHeartbeat } from "../../lib/store/heartbeat.ts";
import { isRequestName } from "../../lib/store/request_file.ts";
import { CommandError, CONFIG_FLAG, defineCommand, JSON_FLAG } from "../base/command.ts";
import { ExitCode } from "../base/exit_code.ts";
import type { Flag } from "../base/flag.ts";
import type { Host } from "../base/host.ts";
import { loadConfig } from "../base/load_config.ts";
import { NO_PERMISSIONS } from "../base/permissions.ts";
import { readState } from "../base/state_reader.ts";

const FLAGS = [
  CONFIG_FLAG,
  JSON_FLAG,
  { name: "test", summary: 'Run the program once with the event "test", whatever has happened' },
] as const satisfies readonly Flag[];

/** What is printed. */
export interface NotifyOutput {
  readonly cluster: string;
  /** What the program was run for. */
  readonly notices: readonly {
    readonly event: NoticeKind;
    readonly count: number;
    readonly outcome: Outcome["kind"];
    readonly why?: string;
  }[];
  /** What waits for its time, by event. */
  readonly waiting: Readonly<Partial<Record<NoticeKind, number>>>;
}

/** `slurm-ec2 notify`: tells the site's program what an administrator wants to know at once. */
export const notify = defineCommand({
  name: "notify",
  summary: "Run notify.command for what has happened since the last run: what its timer calls each minute.",
  flags: FLAGS,
  examples: [
    { command: "slurm-ec2 notify", says: "What slurm-ec2-CLUSTER-notify.timer runs" },
    { command: "slurm-ec2 notify --test", says: "Does the program work?" },
  ],
  notes:
    "Events: breaker-open, limit-reached, orphan-ended, worker-dead. For each of them the program runs at most once in " +
    "notify.minutes, with all that has happened meanwhile: the event's name as its argument, one JSON object on standard " +
    "input, SLURM_EC2_SUMMARY and others as variables; no shell, half a minute, and nothing waits for it.\n" +
    "A program that fails is tried again after notify.minutes; the log says so once.",
  exits: { [ExitCode.Partly]: "the program failed" },
  permissions: {
    ...NO_PERMISSIONS,
    run: ["notify"],
    read: ["config", "state", "log"],
    write: ["state", "log"],
    env: true,
  },
  async run(host, flags) {
    const config = loadConfig(host, flags);
    const program = config.notify.command;
    if (program === undefined) {
      if (flags.has("test")) throw new CommandError("notify.command is not set in the configuration");
      return print(host, flags.has("json"), { cluster: config.cluster, notices: [], waiting: {} });
    }
    const output = flags.has("test")
      ? await testRun(host, config, program)
      : await locked(config, (mark) => report(host, config, program, mark));
    return print(host, flags.has("json"), output);
  },
});

async function testRun(host: Host, { cluster }: Config, program: string): Promise<NotifyOutput> {
  const sentence = `a test of notify.command in cluster ${cluster}`;
  const gathered = { count: 1, happenings: [{ time: host.now(), subject: "", sentence }] };
  const outcome = await runProgram(program, noticeOf(cluster, "test", gathered));
  return { cluster, notices: [noticed("test", 1, outcome)], waiting: {} };
}

/** Two runs at once would tell everything twice. */
async function locked(
  { stateDir, cluster }: Config,
  work: (mark: ReturnType<typeof loadMark>) => Promise<NotifyOutput>,
): Promise<NotifyOutput> {
  let lock: Disposable | undefined;
  try {
    lock = await lockMark(stateDir);
  } catch (error) {
    throw new CommandError(
      `Can't write in ${stateDir}, so nothing is reported: ${errorText(error)}; run it as SlurmUser or root`,
    );
  }
  if (lock === undefined) return { cluster, notices: [], waiting: {} };
  try {
    return await work(loadMark(stateDir));
  } finally {
    lock[Symbol.dispose]();
  }
}

async function report(
  host: Host,
  config: Config,
  program: string,
  kept: ReturnType<typeof loadMark>,
): Promise<NotifyOutput> {
  const { cluster, stateDir, notify: { minutes } } = config;
  const log = await host.connect.log(config);
  try {
    if (kept === "damaged") {
      log.warn(`notify: ${stateDir}/notify.json can't be read: what happened before now is not reported`);
    }
    let mark = read(host, config, typeof kept === "string" ? undefined : kept);
    const notices: NotifyOutput["notices"][number][] = [];
    const kinds = due(mark, host.now(), minutes);
    for (const kind of kinds) mark = { ...mark, ran: { ...mark.ran, [kind]: host.now() } };
    // Before anything is run: where it can't be kept, each run would tell the same again.
    keep(stateDir, mark);
    for (const kind of kinds) {
      const gathered = mark.waiting[kind]!;
      const outcome = await runProgram(program, noticeOf(cluster, kind, gathered));
      notices.push(noticed(kind, gathered.count, outcome));
      const isFailing = outcome.kind === "failed";
      if (isFailing && !mark.isFailing) {
        log.error(`notify.command failed, and is tried again for ${kind} in ${minutes} min: ${outcome.why}`);
      }
      if (!isFailing && mark.isFailing) log.info("notify.command works again");
      const { [kind]: _, ...waiting } = mark.waiting;
      mark = { ...mark, isFailing, waiting: isFailing ? mark.waiting : waiting };
      keep(stateDir, mark);
    }
    const waiting = NOTICE_KINDS.flatMap((kind) => {
      const count = mark.waiting[kind]?.count;
      return count === undefined ? [] : [[kind, count] as const];
    });
    return { cluster, notices, waiting: Object.fromEntries(waiting) };
  } finally {
    log.close();
  }
}

function keep(stateDir: string, mark: Mark): void {
  try {
    keepMark(stateDir, mark);
  } catch (error) {
    throw new CommandError(`Can't write ${stateDir}/notify.json: ${errorText(error)}`);
  }
}

/** The mark with what has happened since; a state that can't be read still leaves the queue and the worker to look at. */
function read(host: Host, { stateDir, cluster }: Config, kept: Mark | undefined): Mark {
  const facts = {
    beat: readHeartbeat(stateDir)?.wall,
    isQueued: isQueued(host, stateDir),
    now: host.now(),
  };
  try {
    const { value } = readState(
      { stateDir, cluster },
      (reader) =>
        withNews(kept ?? firstMark(reader.history.last()), {
          ...facts,
          state: reader.state(),
          history: reader.history,
        }),
    );
    if (value !== undefined) return value;
  } catch {
    // Damaged further inside: the next worker begins a new one.
  }
  return withNews(kept ?? firstMark(0), { ...facts, state: undefined, history: undefined });
}

function isQueued(host: Host, stateDir: string): boolean {
  try {
    return host.files.list(`${stateDir}/queue`).some(isRequestName);
  } catch {
    // No hook has asked for anything yet.
    return false;
  }
}

function noticed(event: NoticeKind, count: number, outcome: Outcome): NotifyOutput["notices"][number] {
  return { event, count, outcome: outcome.kind, ...(outcome.kind === "failed" && { why: outcome.why }) };
}

function print(host: Host, json: boolean, output: NotifyOutput): ExitCode {
  const failed = output.notices.flatMap(({ event, why }) => why === undefined ? [] : [`${event}: ${why}`]);
  if (json) host.stdout.write(`${JSON.stringify(output)}\n`);
  else {
    for (const { event, count, outcome } of output.notices) {
      if (outcome === "sent") host.stdout.write(`Reported ${event} (${count})\n`);
    }
  }
  for (const line of failed) host.stderr.write(`slurm-ec2: ${line}\n`);
  return failed.length === 0 ? ExitCode.Done : ExitCode.Partly;
}
