import { sleep } from "../../lib/base/sleep.ts";
import { makeQueueSite, type QueueSite, type QueueSiteOptions, SERVE } from "../fixtures/queue_site.ts";

/** Milliseconds after which a request counts as lost. */
const LOST_AFTER = 5_000;

/**
 * Calls a hook again and again, and kills its process group the moment it has ended, as slurmctld's slurmscriptd does.
 * @returns how many of the requests were served all the same
 */
export async function killedGroups(
  tries: number,
  options: QueueSiteOptions = {},
  lostAfter = LOST_AFTER,
): Promise<number> {
  await using site = await makeQueueSite(options);
  // A shell that gives each job a process group is quicker at it than we are.
  const script =
    'set -m; "$1" c-0 </dev/null >/dev/null 2>&1 & wait $!; kill -KILL -- -$! 2>/dev/null; exit 0';
  let served = 0;
  for (let i = 0; i < tries; i++) {
    await run("bash", ["-c", script, "bash", `${site.dir}/bin/stop`]);
    if (await isServed(site, served + 1, lostAfter)) served++;
    else clear(site);
  }
  return served;
}

/**
 * Calls pairs of hooks 0 to 12 ms apart, against a worker that looks at the queue once and ends.
 * @returns how many requests were left lying
 */
export async function pairsOfHooks(pairs: number, options: QueueSiteOptions = {}): Promise<number> {
  await using site = await makeQueueSite({ worker: SERVE, ...options });
  let [asked, lost] = [0, 0];
  for (let i = 0; i < pairs; i++) {
    const first = site.call("stop", ["c-0"]);
    await sleep(i % 13);
    await Promise.all([first, site.call("resume", ["c-1"])]);
    asked += 2;
    if (await isServed(site, asked - lost, LOST_AFTER)) continue;
    lost = asked - site.lines("served").length;
    clear(site);
  }
  return lost;
}

async function isServed(site: QueueSite, count: number, milliseconds: number): Promise<boolean> {
  for (const end = Date.now() + milliseconds; Date.now() < end;) {
    if (site.lines("served").length >= count) return true;
    await sleep(5);
  }
  return false;
}

/** What lies there would be served by the next one's worker. */
function clear(site: QueueSite): void {
  for (const name of site.queued()) Deno.removeSync(`${site.stateDir}/queue/${name}`);
}

async function run(program: string, args: readonly string[]): Promise<void> {
  await new Deno.Command(program, {
    args: [...args],
    clearEnv: true,
    env: { PATH: "/usr/bin:/bin" },
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).output();
}
