import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { readHeartbeat } from "../../lib/store/heartbeat.ts";
import { readTimerStamp } from "../../lib/store/timer_stamp.ts";
import { descendants, makeQueueSite, type QueueSite, SERVE } from "../fixtures/queue_site.ts";
import { missingPrograms, testWhere } from "../test_where.ts";

const NOT_HERE = missingPrograms("dash", "bash", "setsid", "flock", "dd");

/** Lives until the file `end` is there, then serves. */
const LIVES = `echo "$$" >>"$dir/lives"; while [ ! -e "$dir/end" ]; do sleep 0.05; done${SERVE}`;

function uptime(): number {
  return Number(Deno.readTextFileSync("/proc/uptime").split(" ")[0]);
}

function bootId(): string {
  return Deno.readTextFileSync("/proc/sys/kernel/random/boot_id").trim();
}

/** Says of a process that it has been silent for that number of seconds. */
function silent(site: QueueSite, pid: number, seconds: number, boot = bootId()): void {
  Deno.writeTextFileSync(
    `${site.stateDir}/heartbeat`,
    `${pid} ${(uptime() - seconds).toFixed(2)} ${boot} 0 kept\n`,
  );
}

testWhere(NOT_HERE, "supervisor gives the worker its first heartbeat, in the worker's own name", async () => {
  await using site = await makeQueueSite({ worker: LIVES });
  await site.call("stop", ["c-0"]);
  await site.until("the worker lives", () => site.lines("lives").length === 1);
  const beat = readHeartbeat(site.stateDir);
  assertEquals([beat?.pid, beat?.bootId], [Number(site.lines("lives")[0]), bootId()]);
  assert(uptime() - beat!.uptime! < 60);
  Deno.writeTextFileSync(`${site.dir}/end`, "");
});

testWhere(NOT_HERE, "supervisor sees to it that somebody lets waiting jobs go", async () => {
  await using site = await makeQueueSite({ worker: SERVE });
  await Deno.writeTextFile(`${site.dir}/bin/ready`, `#!/bin/sh\necho "$*" >>"${site.dir}/ready"\n`, {
    mode: 0o755,
  });
  await site.call("stop", ["c-0"]);
  await site.until("ready is called", () => site.lines("ready").length > 0);
  assertEquals(site.lines("ready")[0], "--nudge");
});

for (const finder of ["hook", "timer"] as const) {
  testWhere(
    NOT_HERE,
    `supervisor of a later ${finder} ends a worker without a heartbeat, and the next one serves`,
    async () => {
      await using site = await makeQueueSite({ worker: `[ -e "$dir/lives" ] && : >"$dir/end"\n${LIVES}` });
      await site.call("stop", ["c-0"]);
      await site.until("the worker lives", () => site.lines("lives").length === 1);
      const pid = Number(site.lines("lives")[0]);
      silent(site, pid, 70);
      if (finder === "hook") await site.call("stop", ["c-1"]);
      else assertEquals(await site.call("supervisor", ["--timer"]), 0);
      await site.until("all is served", () => site.queued().length === 0);
      assertMatch(
        site.lines("syslog").join("\n"),
        new RegExp(`ending the worker \\(process ${pid}\\): no sign of life for [67]\\d s`),
      );
      assertEquals(site.lines("lives").length, 2);
    },
  );
}

const SPARED: Readonly<Record<string, (site: QueueSite, worker: number) => void>> = {
  "a worker that gave a sign of life": (site, worker) => silent(site, worker, 30),
  "another program that has the worker's number by now": (site) => silent(site, Deno.pid, 999),
  "a worker whose heartbeat is of another start of the machine": (site, worker) =>
    silent(site, worker, 999, "0b6f3a52-77a5-4a4e-9d0e-6a4ad2a4e1c7"),
  "a worker that does not know the uptime": (site, worker) =>
    Deno.writeTextFileSync(`${site.stateDir}/heartbeat`, `${worker} - - 0 kept\n`),
  "a worker whose heartbeat is a link": (site, worker) => {
    silent(site, worker, 999);
    Deno.renameSync(`${site.stateDir}/heartbeat`, `${site.stateDir}/other`);
    Deno.symlinkSync("other", `${site.stateDir}/heartbeat`);
  },
  "a worker whose heartbeat says nothing": (site) => Deno.writeTextFileSync(`${site.stateDir}/heartbeat`, ""),
};

testWhere(NOT_HERE, `supervisor spares ${Object.keys(SPARED).join("; ")}`, async () => {
  await using site = await makeQueueSite({ worker: LIVES });
  await site.call("stop", ["c-0"]);
  await site.until("the worker lives", () => site.lines("lives").length === 1);
  for (const [what, arrange] of Object.entries(SPARED)) {
    arrange(site, Number(site.lines("lives")[0]));
    assertEquals(await site.call("supervisor", ["--timer"]), 0, what);
    assertEquals([site.lines("lives").length, site.lines("syslog")], [1, []], what);
    Deno.removeSync(`${site.stateDir}/heartbeat`);
  }
  Deno.writeTextFileSync(`${site.dir}/end`, "");
});

testWhere(
  NOT_HERE,
  "supervisor --timer stamps, and starts a worker of its own in the foreground",
  async () => {
    for (const finds of [false, true]) {
      await using site = await makeQueueSite({ finds });
      assertEquals(await site.call("supervisor", ["--timer"]), 0);
      assertStringIncludes(site.lines("calls")[0]!, " --timer");
      const stamp = readTimerStamp(site.stateDir);
      assertEquals(stamp?.bootId, bootId());
      assert(uptime() * 1000 - stamp!.uptime < 60_000);
    }
  },
);

testWhere(
  NOT_HERE,
  "supervisor names the program that it would start, also while a worker lives",
  async () => {
    await using site = await makeQueueSite({ worker: LIVES });
    await site.call("stop", ["c-0"]);
    await site.until("the worker lives", () => site.lines("lives").length === 1);
    const named = () => Deno.readTextFileSync(`${site.stateDir}/program`).trim();
    const main = `${site.dir}/bin/../lib/slurm-ec2/main.js`;
    assertEquals(named(), `${main} ${Deno.statSync(main).ino}`);
    Deno.writeTextFileSync(`${main}.new`, "");
    Deno.renameSync(`${main}.new`, main);
    await site.call("supervisor", ["--timer"]);
    assertEquals(named(), `${main} ${Deno.statSync(main).ino}`);
    Deno.writeTextFileSync(`${site.dir}/end`, "");
    await site.until("all is served", () => site.queued().length === 0);
    assertStringIncludes(site.lines("calls")[0]!, ` --program ${main} `);
  },
);

testWhere(
  NOT_HERE,
  "supervisor distrusts the state after a worker that could not keep it, until one could",
  async () => {
    await using site = await makeQueueSite({ worker: `${SERVE}\nexit "$(cat "$dir/status" || echo 0)"` });
    const run = async (status: number) => {
      Deno.writeTextFileSync(`${site.dir}/status`, String(status));
      await site.call("supervisor", ["--timer"]);
      return site.lines("calls").at(-1)!.includes("--distrust-state");
    };
    assertEquals([await run(0), await run(4), await run(1), await run(4), await run(0), await run(0)], [
      false,
      false,
      true,
      true,
      true,
      false,
    ]);
  },
);

testWhere(
  NOT_HERE,
  "supervisor starts the worker again when it ended unsettled, and says so when it failed",
  async () => {
    await using site = await makeQueueSite({
      worker: `${SERVE}\n[ "$(wc -l <"$dir/calls")" -gt 1 ] || exit 3`,
    });
    await site.call("stop", ["c-0"]);
    await site.until("it was started again", () => site.lines("calls").length === 2);
    assertEquals(site.lines("syslog"), []);
    await using broken = await makeQueueSite({
      worker: `echo no >&2; [ -e "$dir/once" ] || { : >"$dir/once"; exit 7; }${SERVE}`,
    });
    await broken.call("stop", ["c-0"]);
    await broken.until("all is served", () => broken.queued().length === 0);
    assertMatch(broken.lines("syslog").join("\n"), /the worker of \S+ ended with status 7, see \S+log$/);
    assertEquals(broken.lines("log"), ["no", "no"]);
  },
);

testWhere(
  NOT_HERE,
  "supervisor tells the machine's log when there is nothing to start, and leaves the request",
  async () => {
    await using site = await makeQueueSite();
    Deno.removeSync(`${site.dir}/lib/slurm-ec2/main.js`);
    assertEquals(await site.call("stop", ["c-0"]), 0);
    await site.until("it is said", () => site.lines("syslog").length > 0);
    assertMatch(site.lines("syslog")[0]!, /can't serve requests: no program found for \S+\/bin\/stop/);
    assertEquals(site.queued().length, 1);
    Deno.writeTextFileSync(`${site.dir}/lib/slurm-ec2/main.js`, "");
    await site.call("supervisor", ["--timer"]);
    assertEquals(site.queued(), []);
  },
);

testWhere(
  NOT_HERE,
  "supervisor leaves a lock that is a link alone, and is the only one all the same",
  async () => {
    await using site = await makeQueueSite({ worker: LIVES });
    Deno.writeTextFileSync(`${site.dir}/precious`, "as it was");
    Deno.symlinkSync(`${site.dir}/precious`, `${site.stateDir}/supervisor.lock`);
    await site.call("stop", ["c-0"]);
    await site.until("the worker lives", () => site.lines("lives").length === 1);
    assertEquals(await site.call("supervisor", ["--timer"]), 0);
    assertEquals([site.lines("lives").length, Deno.readTextFileSync(`${site.dir}/precious`)], [
      1,
      "as it was",
    ]);
    assertStringIncludes(site.lines("syslog").join("\n"), "supervisor.lock is a link: remove it");
    Deno.writeTextFileSync(`${site.dir}/end`, "");
  },
);

testWhere(
  NOT_HERE,
  "supervisor starts what the timer began again as the timer's, with a fresh stamp",
  async () => {
    await using site = await makeQueueSite({
      worker: `${SERVE}
[ "$(wc -l <"$dir/calls")" -gt 1 ] || { rm "$state/timer"; exit 3; }`,
    });
    assertEquals(await site.call("supervisor", ["--timer"]), 0);
    assertEquals(site.lines("calls").map((call) => / --timer\b/.test(call)), [true, true]);
    assertEquals(readTimerStamp(site.stateDir)?.bootId, bootId());
  },
);

testWhere(NOT_HERE, "supervisor takes --timer and --where only", async () => {
  await using site = await makeQueueSite();
  assertEquals([await site.call("supervisor", []), await site.call("supervisor", ["c-0"])], [2, 2]);
});

testWhere(NOT_HERE, "supervisor --where prints the stateDir that the hooks use", async () => {
  for (const finds of [false, true]) {
    await using site = await makeQueueSite({ finds });
    const { stdout } = await new Deno.Command(`${site.dir}/bin/supervisor`, { args: ["--where"] }).output();
    assertEquals(new TextDecoder().decode(stdout), `${site.stateDir}\n`);
  }
});

testWhere(NOT_HERE, "supervisor ends a stuck worker of its own when nobody else comes", async () => {
  // The watcher looks each 15 s; here it does so at once.
  const change = (hook: string) => hook.replace("while sleep 15 &&", "while sleep 0.2 &&");
  await using site = await makeQueueSite({
    change,
    worker: `[ -e "$dir/lives" ] && : >"$dir/end"\n${LIVES}`,
  });
  await site.call("stop", ["c-0"]);
  await site.until("the worker lives", () => site.lines("lives").length === 1);
  silent(site, Number(site.lines("lives")[0]), 70);
  await site.until("all is served", () => site.queued().length === 0);
  assertMatch(site.lines("syslog").join("\n"), /ending the worker/);
});

testWhere(NOT_HERE, "supervisor leaves nobody behind who looks after a worker that has ended", async () => {
  const change = (hook: string) => hook.replace("while sleep 15 &&", "while sleep 0.2 &&");
  await using site = await makeQueueSite({ change });
  await site.call("stop", ["c-0"]);
  await site.until("all is served", () => site.lines("served").length === 1);
  await site.until("nobody is left", () => descendants(site.dir).length === 0);
});
