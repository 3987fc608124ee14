import type { Config } from "../../lib/config/model.ts";
import type { RequestKind, State } from "../../lib/controller/state.ts";
import type { EventBody } from "../../lib/events/event.ts";
import { tryWorkerLock } from "../../lib/store/lock.ts";
import { openStore, StateRefusedError } from "../../lib/store/open.ts";
import { Queue } from "../../lib/store/queue.ts";
import { readState } from "../base/state_reader.ts";
import type { QueuedKind } from "../../lib/store/request_file.ts";
import { CommandError } from "../base/command.ts";
import type { Host } from "../base/host.ts";
import { makeOwnStateDir } from "./own_state_dir.ts";
import { stateTrouble } from "./state_trouble.ts";

/** Milliseconds for which a worker that is busy is waited for. */
const PATIENCE = 30_000;

/** Something that a person changes in the controller's state. */
export interface StoreChange {
  /** As the queue has it. */
  readonly kind: Exclude<QueuedKind, RequestKind | "yield">;
  /** What it is about: one word. */
  readonly subject: string;
  /** What did not happen where it can't be done, e.g. `nothing was reset`. */
  readonly otherwise: string;
  isDone(state: State): boolean;
  change(state: State): { readonly state: State; readonly events: readonly EventBody[] };
}

/**
 * Changes the state where no worker lives, or has the worker do it; answers the state as it was before.
 * @throws {CommandError} when the state directory can't be used, or the worker does not answer
 */
export async function changeState(host: Host, config: Config, change: StoreChange): Promise<State> {
  const { stateDir, logFile } = config;
  makeOwnStateDir(config, change.otherwise);
  const unusable = (why: string) =>
    new CommandError(
      `State directory ${stateDir} can't be used, so ${change.otherwise}: ${why}; the log is ${logFile}`,
    );
  const until = host.now() + PATIENCE;
  let id: string | undefined;
  let before: State | undefined;
  try {
    const queue = new Queue(stateDir);
    queue.make();
    for (;;) {
      const lock = await tryWorkerLock(stateDir);
      if (lock !== undefined) {
        using _lock = lock;
        const stored = await changeStored(host, config, change);
        if (id !== undefined) queue.forget([id]);
        return before ?? stored;
      }
      const now = stateNow(config);
      before ??= now;
      if (before !== undefined && now !== undefined && change.isDone(now)) return before;
      id ??= queue.add({
        kind: change.kind,
        hostlist: change.subject,
        uptime: undefined,
        bootId: undefined,
        resumeFile: undefined,
      });
      if (host.now() > until) {
        throw unusable("the worker did not answer; slurm-ec2 status shows what it does");
      }
      await host.sleep(200);
    }
  } catch (error) {
    if (error instanceof StateRefusedError) throw new CommandError(error.message);
    if (error instanceof CommandError) throw error;
    throw unusable(stateTrouble(stateDir, error));
  }
}

/** The state as it was last stored; undefined where there is none, or it can't be read. */
export function stateNow(config: Config): State | undefined {
  return readState(config, (reader) => reader.state()).value;
}

async function changeStored(host: Host, config: Config, change: StoreChange): Promise<State> {
  const log = await host.connect.log(config);
  try {
    const { store } = openStore({
      dir: config.stateDir,
      cluster: config.cluster,
      run: crypto.randomUUID(),
      machine: { uptime: undefined, bootId: undefined, wall: host.now() },
      elapsed: () => performance.now(),
      wall: host.now,
      say: (sentence) => log.warn(sentence),
      isOneChange: true,
    });
    try {
      // Only the file knows what is done already.
      if (!store.kept) throw new Error("it can't be written");
      const before = store.load();
      if (change.isDone(before)) return before;
      const { state, events } = change.change(before);
      store.commit(state, events);
      log.info(`${change.kind} ${change.subject}`);
      return before;
    } finally {
      store.close();
    }
  } finally {
    log.close();
  }
}
