import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { parseRequestFile } from "../../lib/store/request_file.ts";
import { makeQueueSite, SERVE, type Shell } from "../fixtures/queue_site.ts";
import { cannotMount, fill, remount, withSmallDisk } from "../fixtures/small_disk.ts";
import { missingPrograms, takesRoot, testWhere } from "../test_where.ts";

const NOT_HERE = missingPrograms("dash", "bash", "setsid", "flock", "dd");
const SHELLS: readonly Shell[] = ["dash", "bash"];

/** What slurmctld would write for a number of jobs on a node each. */
function resumeFile(jobs: number): string {
  return JSON.stringify({
    all_nodes_resume: `c-[0-${jobs - 1}]`,
    jobs: Array.from({ length: jobs }, (_, index) => ({
      extra: null,
      features: "c7i&spot",
      job_id: 100_000 + index,
      nodes_alloc: `c-${index}`,
      nodes_resume: `c-${index}`,
      oversubscribe: "OK",
      partition: "batch",
      reservation: null,
    })),
  });
}

for (const shell of SHELLS) {
  testWhere(
    NOT_HERE,
    `hook writes its request down, starts the worker and has nothing to say (sh is ${shell})`,
    async () => {
      await using site = await makeQueueSite({ shell });
      const text = resumeFile(500);
      Deno.writeTextFileSync(`${site.dir}/resume_file`, text);
      const started = Date.now();
      const code = await site.call("resume", ["--added-later", "c-[0-499]"], {
        SLURM_RESUME_FILE: `${site.dir}/resume_file`,
      });
      assertEquals(code, 0);
      await site.until("the request is served", () => site.lines("served").length === 1);
      const [name] = site.lines("served");
      const request = parseRequestFile(name!, Deno.readTextFileSync(`${site.dir}/texts`));
      assertEquals([request.kind, request.hostlist], ["resume", "c-[0-499]"]);
      assertEquals(JSON.parse(request.resumeFile!), JSON.parse(text));
      assert(request.uptime! > 0 && request.bootId!.length === 36);
      assert(Date.now() - started < 60_000 + request.uptime! * 1000);
      const [worker] = site.lines("calls");
      assertMatch(
        worker!,
        new RegExp(
          `^worker --queue ${site.stateDir}/queue --uptime [0-9.]+ --boot-id ${request.bootId} --program \\S+/main\\.js [0-9]+$`,
        ),
      );
      assertEquals([site.lines("syslog"), site.lines("log")], [[], []]);
    },
  );

  testWhere(
    NOT_HERE,
    `hook finds the state in the configuration where hooks.env does not say it (sh is ${shell})`,
    async () => {
      await using site = await makeQueueSite({ shell, finds: true });
      for (const name of ["stop", "resume-fail", "slurm_ec2_stop.py"]) {
        assertEquals(await site.call(name, ["c-0"]), 0);
      }
      await site.until("the requests are served", () => site.lines("served").length === 3);
      assertEquals(site.lines("served").map((name) => name.split(".")[0]).sort(), [
        "resume-fail",
        "stop",
        "stop",
      ]);
    },
  );
}

testWhere(
  NOT_HERE,
  "hook gives its worker no person's environment and no blocked signal, whatever calls it",
  async () => {
    for (const shell of SHELLS) {
      await using site = await makeQueueSite({
        shell,
        settings: ["AWS_PROFILE=site", "LAST=yes"],
        worker:
          `env >"$dir/env"; umask >"$dir/umask"; pwd >"$dir/cwd"; grep -E "^Sig(Blk|Ign)" /proc/self/status >"$dir/signals"
ls -l /proc/self/fd >"$dir/open"${SERVE}`,
      });
      const hook = new Deno.Command("env", {
        args: ["--block-signal=TERM,HUP,INT,ALRM,USR1,CHLD", `${site.dir}/bin/stop`, "c-0"],
        env: {
          AWS_PROFILE: "mine",
          AWS_REGION: "mine-1",
          SLURM_EC2_NET: "evil:1",
          SLURM_CONF: "/x/slurm.conf",
        },
        stdin: "null",
        stdout: "null",
      });
      assertEquals((await hook.output()).code, 0);
      await site.until("the request is served", () => site.lines("served").length === 1);
      const env = site.lines("env");
      assertEquals(env.filter((line) => /mine|evil/.test(line)), []);
      for (const line of ["AWS_PROFILE=site", "LAST=yes", "SLURM_CONF=/x/slurm.conf"]) {
        assert(
          env.includes(line),
          line,
        );
      }
      assert(env.some((line) => line.startsWith("SLURM_EC2_HOSTNAME=")));
      // The C library keeps 32 and 33 for itself: no program can say what becomes of them.
      const masks = site.lines("signals").map((line) => BigInt(`0x${line.split(/\s+/)[1]}`) & ~(3n << 31n));
      assertEquals(masks, [0n, 0n]);
      assertEquals([site.lines("umask"), site.lines("cwd")], [["0027"], ["/"]]);
      // What this test was started with may be open as well: no shell can close it. But nothing else is a pipe, and the
      // lock is not handed on.
      const own = [...Deno.readDirSync("/proc/self/fd")].map(({ name }) =>
        linkTarget(`/proc/self/fd/${name}`)
      );
      const open = site.lines("open").map((line) => line.split(" -> ")[1] ?? "");
      assertEquals(
        open.filter((path) => /^(pipe|socket):|supervisor\.lock/.test(path) && !own.includes(path)),
        [],
      );
    }
  },
);

testWhere(NOT_HERE, "hook's descendants hold none of its descriptors while the worker lives", async () => {
  for (const shell of SHELLS) {
    await using site = await makeQueueSite({
      shell,
      worker: `: >"$dir/lives"; while [ ! -e "$dir/end" ]; do sleep 0.05; done${SERVE}`,
    });
    // As 24.11 does: output and error of the hook are one pipe, which is read to its end.
    const hook = new Deno.Command("sh", {
      args: ["-c", `exec "$0" c-0 2>&1`, `${site.dir}/bin/stop`],
      clearEnv: true,
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    await site.until(
      "the worker lives",
      () => site.lines("lives").length === 0 && exists(`${site.dir}/lives`),
    );
    const { stdout, code } = await hook.output();
    assertEquals([code, stdout.length], [0, 0]);
    assertEquals(site.lines("served"), [], "the end of its output came before the worker's");
    Deno.writeTextFileSync(`${site.dir}/end`, "");
    await site.until("the request is served", () => site.lines("served").length === 1);
  }
});

testWhere(
  NOT_HERE,
  "hook runs the command itself for a person who gives it one of its flags",
  async () => {
    await using site = await makeQueueSite();
    for (
      const args of [["--json", "c-0"], ["--config", `${site.dir}/etc/slurm-ec2.yaml`, "c-0"], [
        "--dry-run",
        "c-0",
      ]]
    ) {
      await site.call("stop", args);
      assertEquals(site.lines("calls").at(-1), ["stop", ...args].join(" "));
    }
    assertEquals(site.queued(), []);
  },
);

testWhere(NOT_HERE, "hook asks for a hostlist", async () => {
  await using site = await makeQueueSite();
  assertEquals([await site.call("stop", []), site.queued()], [2, []]);
});

testWhere(NOT_HERE, "hook goes on without a resume file that can't be opened", async () => {
  await using site = await makeQueueSite();
  assertEquals(await site.call("resume", ["c-0"], { SLURM_RESUME_FILE: "/nonexistent/file" }), 0);
  await site.until("the request is served", () => site.lines("served").length === 1);
  assertEquals(
    parseRequestFile(site.lines("served")[0]!, Deno.readTextFileSync(`${site.dir}/texts`)).resumeFile,
    undefined,
  );
});

/** The worker of a site where nothing can be written: keeps what it gets elsewhere. */
const KEEP = `printf '%s\\n' "$*" >>"$dir/calls"; cat >>"$dir/stdin"`;

const UNWRITABLE: Readonly<Record<string, (stateDir: string, disk: string) => void>> = {
  "a full disk": (_stateDir, disk) => void fill(disk),
  "a read-only disk": (_stateDir, disk) => remount(disk, "ro"),
  "a queue that is a link": (stateDir) => {
    Deno.mkdirSync(`${stateDir}/other`);
    Deno.symlinkSync("other", `${stateDir}/queue`);
  },
  "a queue that is a file": (stateDir) => Deno.writeTextFileSync(`${stateDir}/queue`, ""),
};

for (const [what, spoil] of Object.entries(UNWRITABLE)) {
  testWhere(
    takesRoot(NOT_HERE ?? cannotMount),
    `hook hands hostlist, kind and 5,000 jobs to the worker on ${what}`,
    () =>
      withSmallDisk(256 * 1024, async (disk) => {
        const stateDir = `${disk}/state`;
        await using site = await makeQueueSite({ stateDir, worker: KEEP });
        spoil(stateDir, disk);
        const text = resumeFile(5000);
        Deno.writeTextFileSync(`${site.dir}/resume_file`, text);
        assertEquals(
          await site.call("resume", ["c-[0-4999]"], { SLURM_RESUME_FILE: `${site.dir}/resume_file` }),
          0,
        );
        await site.until("the worker has it", () => site.lines("stdin").join("") === text);
        assertStringIncludes(site.lines("calls")[0]!, ` --request resume --nodes c-[0-4999]`);
        await site.until("the supervisor ends", () => site.lines("calls").length === 1);
        for (const name of [...Deno.readDirSync(stateDir)].filter(({ name }) => name === "other")) {
          assertEquals(
            [...Deno.readDirSync(`${stateDir}/${name.name}`)],
            [],
            "nothing is written through the link",
          );
        }
      }),
  );
}

testWhere(
  takesRoot(NOT_HERE ?? cannotMount),
  "hook on a full disk waits for the worker that lives, and queues its request once there is room",
  () =>
    withSmallDisk(256 * 1024, async (disk) => {
      await using site = await makeQueueSite({
        stateDir: `${disk}/state`,
        worker: `: >"$dir/lives"; while [ ! -e "$dir/end" ]; do sleep 0.05; done${SERVE}`,
      });
      await site.call("stop", ["c-0"]);
      await site.until("the worker lives", () => exists(`${site.dir}/lives`));
      const ballast = fill(disk);
      assertEquals(await site.call("stop", ["c-1"]), 0);
      assertEquals(site.queued().filter((name) => !name.startsWith(".")).length, 1);
      Deno.removeSync(ballast);
      await site.until("the request is queued", () => site.queued().length === 2);
      Deno.writeTextFileSync(`${site.dir}/end`, "");
      await site.until("both are served", () => site.lines("served").length === 2);
    }),
);

const NOT_ROOT = missingPrograms("setpriv", "getent") ??
  (Deno.uid() === 0 &&
      new Deno.Command("getent", { args: ["passwd", "nobody"], stdout: "null" }).outputSync().success
    ? undefined
    : "this needs root, and a user nobody");

testWhere(
  takesRoot(NOT_HERE ?? NOT_ROOT),
  "hook that root calls leaves no file of root's in SlurmUser's stateDir",
  async () => {
    for (
      const args of [["c-0"], ["--json", "c-0"]]
    ) {
      await using site = await makeQueueSite({
        worker: `id -u >"$state/who"; printf '%s\\n' "$*" >"$state/calls"${SERVE}`,
      });
      const nobody = new Deno.Command("chown", { args: ["-R", "nobody", site.dir] });
      assert((await nobody.output()).success);
      Deno.chmodSync(site.dir, 0o755);
      assertEquals(await site.call("stop", args), 0);
      await site.until("the worker has run", () => exists(`${site.stateDir}/calls`));
      await site.until("the queue is empty", () => site.queued().length === 0);
      const owners = [...Deno.readDirSync(site.stateDir)].map(({ name }) =>
        Deno.statSync(`${site.stateDir}/${name}`).uid
      );
      assertEquals(owners.filter((uid) => uid === 0), []);
      assertEquals(
        Deno.readTextFileSync(`${site.stateDir}/who`).trim(),
        String(Deno.statSync(site.stateDir).uid),
      );
    }
  },
);

function linkTarget(path: string): string {
  try {
    return Deno.readLinkSync(path);
  } catch {
    return "";
  }
}

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}
