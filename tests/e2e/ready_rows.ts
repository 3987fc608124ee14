import { assert, assertEquals, assertMatch } from "@std/assert";
import { jobState, nodeFields, nodesAre, scontrol, setState } from "./observe.ts";
import type { ReadyOptions, ReadyRig } from "./ready_rig.ts";
import type { SlurmVersion } from "./rig.ts";

/** One thing that can happen while a job waits in ready. */
export interface ReadyRow {
  /** What happens, and what must come of it. */
  readonly name: string;
  /** How the rig differs. */
  readonly options?: (version: SlurmVersion) => Omit<ReadyOptions, "version">;
  /** Throws when something else comes of it. */
  readonly run: (rig: ReadyRig) => Promise<void>;
  /** Versions on which it means something; all unless given. */
  readonly versions?: readonly SlurmVersion[];
  /** Part of CI's slice. */
  readonly inCi?: true;
}

/** Everything that was seen to happen to waiting jobs on real slurmctlds, as rows that can be run again. */
export const READY_ROWS: readonly ReadyRow[] = [
  {
    name: "batch jobs of one and of three nodes start when ready ends, and nothing is left behind",
    inCi: true,
    async run(rig) {
      const one = await rig.sbatch("-w", "c0");
      const three = await rig.sbatch("-N3", "-w", "c[1-3]");
      await rig.waiters(2);
      await isPolled(rig);
      await rig.boot("c0", "c1", "c2", "c3");
      await Promise.all([rig.ran(one), rig.ran(three)]);
      // Of two jobs one may have been met by slurmctld's own look, which comes every 30 s.
      assertMatch(rig.slurmctldLog(), /prolog_running_decr: Configuration for JobId=\d+ is complete/);
      await isQuiet(rig);
    },
  },
  {
    name: "srun and salloc start when ready ends",
    async run(rig) {
      const srun = rig.run(["srun", "-N2", "-w", "c[0-1]", "echo", "first line"], { timeout: 120 });
      const salloc = rig.run(["salloc", "-N2", "-w", "c[2-3]", "echo", "first line"], { timeout: 120 });
      await rig.waiters(2);
      await rig.boot("c0", "c1", "c2", "c3");
      assertEquals((await srun).stdout, "first line\nfirst line\n");
      assertEquals((await salloc).stdout, "first line\n");
      await isQuiet(rig);
    },
  },
  {
    name: "the tasks of an array wait and start one by one",
    async run(rig) {
      await rig.sbatch("--array=0-2", "--exclusive", "-N1");
      await rig.until("three nodes power up", 60, async () => (await poweringUp(rig)).length === 3);
      await rig.boot(...await poweringUp(rig));
      await rig.until("all tasks have run", 120, async () => (await running(rig)) === 0);
      await isQuiet(rig);
    },
  },
  {
    name: "the components of a heterogeneous job wait for their own nodes",
    async run(rig) {
      const job = await rig.sbatch("-N1", "-w", "c0", ":", "-N1", "-w", "c1");
      await rig.waiters(2);
      await rig.boot("c0", "c1");
      await rig.ran(job);
      await isQuiet(rig);
    },
  },
  {
    name: "--begin and --dependency do as without ready",
    async run(rig) {
      const first = await rig.sbatch("-w", "c0", "--begin=now+2");
      const second = await rig.sbatch("-w", "c1", `--dependency=afterok:${first}`);
      await rig.waiters(1);
      await rig.boot("c0");
      await rig.ran(first);
      await rig.waiters(1);
      await rig.boot("c1");
      await rig.ran(second);
      await isQuiet(rig);
    },
  },
  {
    name: "scancel ends a waiting job at once, and its files go",
    inCi: true,
    async run(rig) {
      const job = await rig.sbatch("-w", "c0");
      await rig.waiters(1);
      // One that is killed before it has started the poller leaves its file to the next.
      await isPolled(rig);
      await rig.run(["scancel", job]);
      await rig.until("the job is gone", 20, async () => /CANCELLED/.test(await jobState(rig, job)));
      await isQuiet(rig);
    },
  },
  {
    name: "scontrol hold leaves a waiting job alone",
    async run(rig) {
      const job = await rig.sbatch("-w", "c0");
      await rig.waiters(1);
      await rig.run(["scontrol", "hold", job]);
      await rig.boot("c0");
      await rig.ran(job);
      await isQuiet(rig);
    },
  },
  {
    name: "scontrol requeue lets the waiting job go",
    async run(rig) {
      const job = await rig.sbatch("-w", "c0");
      await rig.waiters(1);
      const [before] = waitFiles(rig);
      await scontrol(rig, "requeue", job);
      // 22.05 lets the job begin again at once: then another prolog waits, but never this one.
      await rig.until("its prolog has ended", 20, () => !waitFiles(rig).includes(before!));
      if (rig.version === "22.05") {
        await rig.waiters(1);
        await isPolled(rig);
      }
      await rig.run(["scancel", job]);
      await isQuiet(rig);
    },
  },
  {
    name: "scontrol requeuehold lets the waiting job go, and it is held",
    async run(rig) {
      const job = await rig.sbatch("-w", "c0");
      await rig.waiters(1);
      await scontrol(rig, "requeuehold", job);
      await rig.until(
        "the job is held",
        30,
        async () => /^PENDING (?:Job|job requeued in held)/.test(await jobState(rig, job)),
      );
      await isQuiet(rig);
    },
  },
  {
    name: "power_down_force of a node lets the waiting job go: it is not left in Cleaning",
    inCi: true,
    async run(rig) {
      const job = await rig.sbatch("-w", "c0");
      await poweringUpNow(rig, "c0");
      await rig.waiters(1);
      await setState(rig, "c0", "power_down_force", "no capacity");
      await isRequeued(rig, job);
      await isQuiet(rig);
    },
  },
  {
    name: "down lets the waiting job go: it is not left in Cleaning",
    async run(rig) {
      const job = await rig.sbatch("-N2", "-w", "c[0-1]");
      await poweringUpNow(rig, "c1");
      await rig.waiters(1);
      await setState(rig, "c1", "down", "no capacity");
      await isRequeued(rig, job);
      await isQuiet(rig);
    },
  },
  {
    name: "--no-requeue and power_down_force end the job, and its prolog",
    async run(rig) {
      const job = await rig.sbatch("-w", "c0", "--no-requeue");
      await poweringUpNow(rig, "c0");
      await rig.waiters(1);
      await isPolled(rig);
      await setState(rig, "c0", "power_down_force", "no capacity");
      await rig.until(
        "the job has ended",
        30,
        async () => /NODE_FAIL|PENDING/.test(await jobState(rig, job)),
      );
      await isQuiet(rig);
    },
  },
  {
    name: "ResumeTimeout lets the waiting job go",
    options: () => ({ resumeTimeout: 8 }),
    async run(rig) {
      const job = await rig.sbatch("-w", "c0");
      await rig.waiters(1);
      await isRequeued(rig, job);
      await isQuiet(rig);
    },
  },
  {
    name: "a limit below the boot lets go early, and the job runs once by slurmctld's own look",
    options: () => ({ settings: ["LIMIT=2"] }),
    async run(rig) {
      const job = await rig.sbatch("-w", "c0");
      await rig.asked("c0");
      await isQuiet(rig);
      await rig.boot("c0");
      await rig.ran(job);
      await runsOnce(rig, job);
    },
  },
  {
    name: "slurmctld stopped and started while a job waits: the job runs once",
    inCi: true,
    async run(rig) {
      const job = await waitingJob(rig);
      await endSlurmctld(rig, "TERM");
      await startSlurmctld(rig);
      await rig.boot("c0");
      await rig.ran(job);
      await runsOnce(rig, job);
    },
  },
  {
    name: "slurmctld killed and started while a job waits: the job runs once, and no poller is left",
    async run(rig) {
      const job = await waitingJob(rig);
      await endSlurmctld(rig, "KILL");
      await startSlurmctld(rig);
      await rig.boot("c0");
      await rig.ran(job);
      await runsOnce(rig, job);
      await isQuiet(rig);
    },
  },
  {
    name: "slurmctld killed for good: prolog and poller end by themselves",
    async run(rig) {
      await waitingJob(rig);
      await endSlurmctld(rig, "KILL");
      await isQuiet(rig);
    },
  },
  {
    name: "scontrol reconfigure while a job waits returns, and the job runs once",
    inCi: true,
    async run(rig) {
      const job = await waitingJob(rig);
      await scontrol(rig, "reconfigure");
      await rig.boot("c0");
      await rig.ran(job);
      await runsOnce(rig, job);
    },
  },
  {
    name: "a poller that is killed is started again",
    async run(rig) {
      const job = await waitingJob(rig);
      const [poller] = await processes(rig, "ready --poll");
      await rig.run(["kill", "-KILL", poller!]);
      await rig.until("another one polls", 20, async () => {
        const [other] = await processes(rig, "ready --poll");
        return other !== undefined && other !== poller;
      });
      await rig.boot("c0");
      await rig.ran(job);
      await isQuiet(rig);
    },
  },
  {
    name: "poller and its supervisor killed: --nudge, as the hooks call it, starts them again",
    async run(rig) {
      const job = await waitingJob(rig);
      const killed: string[] = [];
      for (const word of ["ready --watch", "ready --poll"]) {
        for (const pid of await processes(rig, word)) {
          await rig.run(["kill", "-KILL", pid]);
          killed.push(pid);
        }
      }
      // What is killed holds its lock until it is gone, a moment later.
      await rig.until(
        "the lock is free",
        20,
        async () => (await rig.run(["flock", "-n", `${rig.waiting}/lock`, "true"])).code === 0,
      );
      await rig.run([`${rig.dir}/bin/ready`, "--nudge"], { user: "slurm" });
      await rig.until(
        "another one polls",
        20,
        async () => (await processes(rig, "ready --poll")).some((pid) => !killed.includes(pid)),
      );
      await rig.boot("c0");
      await rig.ran(job);
      await isQuiet(rig);
    },
  },
  {
    name: "the script replaced by rename while a job waits, as an upgrade does it",
    async run(rig) {
      const job = await waitingJob(rig);
      await Deno.copyFile(`${rig.dir}/bin/ready`, `${rig.dir}/bin/ready.new`);
      await Deno.rename(`${rig.dir}/bin/ready.new`, `${rig.dir}/bin/ready`);
      const other = await rig.sbatch("-w", "c1");
      await rig.waiters(2);
      await rig.boot("c0", "c1");
      await Promise.all([rig.ran(job), rig.ran(other)]);
      await isQuiet(rig);
    },
  },
  {
    name: "stateDir gone: ready ends at once, and the job runs by slurmctld's own look",
    async run(rig) {
      await Deno.remove(`${rig.dir}/ready`, { recursive: true });
      const job = await rig.sbatch("-w", "c0");
      await rig.asked("c0");
      await rig.boot("c0");
      await rig.ran(job);
      await runsOnce(rig, job);
    },
  },
  {
    name: "stateDir full: ready ends at once, and the job runs by slurmctld's own look",
    async run(rig) {
      const full = "mount -t tmpfs -o size=4k,nr_inodes=4 tmpfs $1 && mkdir -m 777 $1/ready.rig && " +
        "touch $1/a; head -c 8192 /dev/zero >$1/fill; :";
      await rig.run(["sh", "-c", full, "sh", `${rig.dir}/ready`]);
      const job = await rig.sbatch("-w", "c0");
      await rig.asked("c0");
      await rig.boot("c0");
      await rig.ran(job);
      await runsOnce(rig, job);
    },
  },
  {
    name: "garbage among its files, and the file of a process that is gone, harm nobody",
    async run(rig) {
      await Deno.mkdir(rig.waiting, { recursive: true });
      for (
        const [name, text] of Object.entries({
          "1.1.wait": "",
          "2.2.wait": "x y\nc9\n",
          "3.3.wait": "999999 1 2 3\nc3\n",
        })
      ) {
        await Deno.writeTextFile(`${rig.waiting}/${name}`, text);
      }
      await rig.run(["chown", "-R", "slurm:", rig.waiting]);
      const job = await rig.sbatch("-w", "c0");
      await rig.asked("c0");
      await rig.boot("c0");
      await rig.ran(job);
      await isQuiet(rig);
    },
  },
  {
    name: "the site's own PrologSlurmctld runs next to ready",
    // 22.05 knows one: there the site's own calls ours.
    options: (version) => ({
      withReady: version !== "22.05",
      ownProlog: ({ dir }) =>
        `echo own >>${dir}/run/own${version === "22.05" ? `\n${dir}/bin/ready || true` : ""}`,
    }),
    async run(rig) {
      const job = await waitingJob(rig);
      await rig.boot("c0");
      await rig.ran(job);
      assertEquals(await Deno.readTextFile(`${rig.dir}/run/own`), "own\n");
      await isQuiet(rig);
    },
  },
  {
    name: "nothing that ready starts holds slurmctld's descriptors or blocks signals",
    inCi: true,
    async run(rig) {
      await waitingJob(rig);
      for (const word of ["ready --watch", "ready --poll"]) {
        for (const pid of await processes(rig, word)) {
          const { stdout } = await rig.run([
            "sh",
            "-c",
            "grep SigBlk /proc/$1/status; ls -l /proc/$1/fd",
            "sh",
            pid,
          ]);
          assertMatch(stdout, /SigBlk:\s0000000000000000/);
          assert(!/pipe:|socket:/.test(stdout), stdout);
        }
      }
    },
  },
  {
    name: "a PrologEpilogTimeout below the boot, and ready's limit below that: the job is not requeued",
    options: () => ({ settings: ["LIMIT=3"], extraConf: "PrologEpilogTimeout=8" }),
    async run(rig) {
      const job = await rig.sbatch("-w", "c0");
      await rig.asked("c0");
      await isQuiet(rig);
      await rig.boot("c0");
      await rig.ran(job);
      await runsOnce(rig, job);
      assertMatch((await rig.run(["scontrol", "-o", "show", "job", job])).stdout, / Restarts=0 /);
    },
  },
  {
    name: "no sinfo: ready ends at once, and the job runs by slurmctld's own look",
    options: () => ({ settings: ["BIN_DIR=/nowhere"] }),
    async run(rig) {
      const job = await rig.sbatch("-w", "c0");
      await rig.asked("c0");
      await isQuiet(rig);
      await rig.boot("c0");
      await rig.ran(job);
      await runsOnce(rig, job);
    },
  },
  {
    name: "the script removed while slurmctld runs: the job runs by slurmctld's own look",
    async run(rig) {
      await Deno.remove(`${rig.dir}/bin/ready`);
      const job = await rig.sbatch("-w", "c0");
      await rig.asked("c0");
      await rig.boot("c0");
      await rig.ran(job);
      await runsOnce(rig, job);
    },
  },
  {
    name: "scontrol reconfigure without the script: refused from 24.11 on, and slurmctld goes on",
    async run(rig) {
      await Deno.rename(`${rig.dir}/bin/ready`, `${rig.dir}/bin/ready.away`);
      const { code } = await rig.run(["scontrol", "reconfigure"]);
      assertEquals(code !== 0, rig.version !== "22.05", `scontrol reconfigure: exit status ${code}`);
      await Deno.rename(`${rig.dir}/bin/ready.away`, `${rig.dir}/bin/ready`);
      const job = await waitingJob(rig);
      await rig.boot("c0");
      await rig.ran(job);
      await isQuiet(rig);
    },
  },
  {
    name: "slurmctld started without the script: from 24.11 on it does not start until the script is back",
    async run(rig) {
      await endSlurmctld(rig, "TERM");
      await Deno.rename(`${rig.dir}/bin/ready`, `${rig.dir}/bin/ready.away`);
      if (rig.version !== "22.05") {
        await rig.until("slurmctld gives up", 30, async () => {
          const { code } = await rig.run(["slurmctld", "-D", "-f", rig.slurmConf], { timeout: 60 });
          return code !== 0 && /error: Invalid PrologSlurmctld.*\n[^]*fatal: /.test(rig.slurmctldLog());
        });
        assert(!(await rig.run(["scontrol", "ping"])).stdout.includes(" is UP"));
        await Deno.rename(`${rig.dir}/bin/ready.away`, `${rig.dir}/bin/ready`);
      }
      await startSlurmctld(rig);
      const job = await rig.sbatch("-w", "c0");
      await rig.asked("c0");
      await rig.boot("c0");
      await rig.ran(job);
      await runsOnce(rig, job);
    },
  },
  {
    name: "SIGTERM to slurmctld and to all that ready started, as systemd stops a unit, ends every one",
    async run(rig) {
      await waitingJob(rig);
      const started = [...await processes(rig, "ready --watch"), ...await processes(rig, "ready --poll")];
      assert(started.length >= 2, "a poller and its supervisor run");
      await Promise.all([endSlurmctld(rig, "TERM"), rig.run(["kill", "-TERM", ...started])]);
      await rig.until(
        "no process of ready is left",
        60,
        async () => (await processes(rig, "bin/ready")).length === 0,
      );
    },
  },
  {
    name: "SlurmUser=slurm: the folder and what is in it are slurm's alone",
    async run(rig) {
      const job = await waitingJob(rig);
      const paths = [rig.waiting, ...waitFiles(rig).map((name) => `${rig.waiting}/${name}`)];
      const { stdout } = await rig.run(["stat", "--format=%U %a", ...paths]);
      assertEquals(stdout, "slurm 700\nslurm 600\n");
      await rig.boot("c0");
      await rig.ran(job);
      await isQuiet(rig);
    },
  },
  {
    name: "SlurmUser=root: the job runs when ready ends, and nothing is left behind",
    options: () => ({ slurmUser: "root" }),
    async run(rig) {
      const job = await waitingJob(rig);
      await rig.boot("c0");
      await rig.ran(job);
      await isQuiet(rig);
    },
  },
  {
    name: "ResumeAfter ends the down of a node that is off, and not before",
    versions: ["24.11", "26.05"],
    async run(rig) {
      const begun = Date.now();
      await scontrol(rig, "update", "nodename=c1", "state=down", "reason=no capacity", "resumeafter=8");
      await nodesAre(rig, ["c1"], "down~");
      await nodesAre(rig, ["c1"], "idle~", 60);
      // Slurm counts in whole seconds.
      assert(Date.now() - begun >= 7_000, `after ${Date.now() - begun} ms`);
    },
  },
  {
    name:
      "a failed node set down while a job waits gets its ResumeAfter once it is off, and comes back by it",
    versions: ["24.11", "26.05"],
    options: () => ({ resumeTimeout: 8 }),
    async run(rig) {
      const job = await rig.sbatch("-w", "c0");
      await poweringUpNow(rig, "c0");
      await rig.waiters(1);
      // The siblings first: with them in reach the job would go on to the next one.
      await scontrol(rig, "update", "nodename=c[1-3]", "state=down", "reason=full", "resumeafter=3600");
      await setState(rig, "c0", "down", "full");
      await isRequeued(rig, job);
      await rig.until(
        "c0 is off",
        60,
        async () => /^DOWN.*POWERED_DOWN/.test((await nodeFields(rig, "c0")).state),
      );
      assertMatch((await nodeFields(rig, "c0")).reason, /^full/);
      await scontrol(rig, "update", "nodename=c0", "state=down", "reason=full", "resumeafter=5");
      await rig.until("c0 is back", 60, async () => !/^DOWN/.test((await nodeFields(rig, "c0")).state));
      assertEquals([...(await rig.sinfo())].filter(([, state]) => state === "down~").length, 3);
      await isQuiet(rig);
    },
  },
  {
    name: "ResumeAfter is refused by 22.05, and the node stays as it is",
    versions: ["22.05"],
    async run(rig) {
      const { code } = await rig.run(
        ["scontrol", "update", "nodename=c1", "state=down", "reason=no capacity", "resumeafter=8"],
      );
      assert(code !== 0, "scontrol is content");
      await nodesAre(rig, ["c1"], "idle~");
    },
  },
];

async function waitingJob(rig: ReadyRig): Promise<string> {
  const job = await rig.sbatch("-w", "c0");
  await poweringUpNow(rig, "c0");
  await rig.waiters(1);
  await isPolled(rig);
  return job;
}

async function isPolled(rig: ReadyRig): Promise<void> {
  await rig.until("someone polls", 20, async () => (await processes(rig, "ready --poll")).length > 0);
}

/** No process of ready is left, and none of its files of waiting jobs. */
async function isQuiet(rig: ReadyRig): Promise<void> {
  await rig.until(
    "no process of ready is left",
    60,
    async () => (await processes(rig, "bin/ready")).length === 0,
  );
  await rig.until("no waiting job is left", 20, () => waitFiles(rig).length === 0);
}

async function isRequeued(rig: ReadyRig, job: string): Promise<void> {
  await rig.until(
    "the job is back in the queue",
    60,
    async () => /^PENDING (?!Cleaning)/.test(await jobState(rig, job)),
  );
}

/** A second start would come with slurmctld's next look, 30 s later: it is not waited for, but none may be on its way. */
async function runsOnce(rig: ReadyRig, job: string): Promise<void> {
  await rig.until("the job has ended", 60, async () => /COMPLETED/.test(await jobState(rig, job)));
  assertEquals(await rig.starts(job), 1);
}

async function processes(rig: ReadyRig, words: string): Promise<string[]> {
  const { stdout } = await rig.run(["ps", "-eo", "pid=,args="]);
  return stdout.split("\n").filter((line) => line.includes(words)).map((line) => line.trim().split(" ")[0]!);
}

function waitFiles(rig: ReadyRig): string[] {
  try {
    return [...Deno.readDirSync(rig.waiting)].map(({ name }) => name).filter((name) =>
      name.endsWith(".wait")
    );
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

async function poweringUp(rig: ReadyRig): Promise<string[]> {
  return [...await rig.sinfo()].flatMap(([node, state]) => state.endsWith("#") ? [node] : []);
}

async function poweringUpNow(rig: ReadyRig, node: string): Promise<void> {
  await rig.until(`${node} powers up`, 60, async () => (await poweringUp(rig)).includes(node));
}

async function running(rig: ReadyRig): Promise<number> {
  return (await rig.run(["squeue", "-h", "-r", "-t", "PD,CF,R,CG"])).stdout.split("\n").filter(Boolean)
    .length;
}

async function endSlurmctld(rig: ReadyRig, signal: "TERM" | "KILL"): Promise<void> {
  const pid = (await Deno.readTextFile(`${rig.dir}/run/slurmctld.pid`)).trim();
  await rig.run(["kill", `-${signal}`, pid]);
  await rig.until("slurmctld has ended", 30, async () => (await rig.run(["kill", "-0", pid])).code !== 0);
}

async function startSlurmctld(rig: ReadyRig): Promise<void> {
  // One that was killed may have left its port in use for a moment.
  await rig.until("slurmctld starts again", 60, async () => {
    // A second one would end the first, before that answers.
    if ((await processes(rig, "slurmctld -f")).length === 0) {
      await rig.run(["slurmctld", "-f", rig.slurmConf]);
    }
    return (await rig.run(["scontrol", "ping"])).stdout.includes(" is UP");
  });
}
