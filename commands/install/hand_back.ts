import { CommandError } from "../base/command.ts";
import { HANDED_BACK } from "../hooks/hand_back.ts";
import { CURRENT, PREVIOUS } from "../../lib/install/release.ts";
import { hasWorker } from "../../lib/install/former.ts";

/** Whether the release in use has a worker and the one before it has none, which must not find its work half done. */
export function mustHandBack(prefix: string): boolean {
  return hasWorker(hookOf(prefix, CURRENT)) && !hasWorker(hookOf(prefix, PREVIOUS));
}

/** Whether the release in use is one without a worker: what comes after it obeys more of the configuration. */
export function isFormerInUse(prefix: string): boolean {
  const hook = hookOf(prefix, CURRENT);
  return hook !== "" && !hasWorker(hook);
}

function hookOf(prefix: string, release: string): string {
  try {
    return Deno.readTextFileSync(`${prefix}/${release}/bin/hook`);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}

/** Milliseconds that the worker in use has for what is open, the wait for another one's end among them. */
const PATIENCE = 300_000;

/**
 * Has the release in use end its worker and leave its work to one without a worker, and switches once that is done: its
 * own supervisor does it, as SlurmUser, with the worker's settings and rights. What is asked for meanwhile is left to the
 * release before, too.
 * @param change Makes the release before the one in use
 * @throws {CommandError} when it could not be handed back: nothing was switched then
 */
export async function handBackAround<T>(prefix: string, change: () => T): Promise<T> {
  const child = new Deno.Command(`${prefix}/bin/supervisor`, {
    args: ["--hand-back"],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const said = new Response(child.stderr).text();
  const timer = setTimeout(() => child.kill("SIGTERM"), PATIENCE);
  const done = await readUntil(child.stdout, HANDED_BACK);
  clearTimeout(timer);
  if (!done) {
    const { code } = await child.status;
    await child.stdin.close().catch(() => {});
    throw new CommandError(
      `Nothing was changed: the worker in use could not hand its work to a release without one (exit ${code}): ${
        (await said).trim() || "the log says why"
      }; once that is fixed, run this again, or go back all the same with --force`,
    );
  }
  try {
    return change();
  } finally {
    await child.stdin.close();
    await child.status;
  }
}

/** Whether a stream has this line before its end; the rest of it is read and dropped. */
async function readUntil(stream: ReadableStream<Uint8Array>, line: string): Promise<boolean> {
  let text = "";
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return false;
    text += value;
    if (!text.split("\n").includes(line)) continue;
    (async () => {
      while (!(await reader.read()).done) { /* nothing more is of use */ }
    })();
    return true;
  }
}
