import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { existsSync } from "node:fs";
import { parseSacct, SacctError } from "../../../lib/slurm/sacct.ts";
import { sacctProcess } from "../../../lib/slurm/sacct_process.ts";

const START = Date.UTC(2026, 10, 30, 21, 0, 0);

Deno.test(
  "parseSacct() reads tries of jobs, and passes over what is not one",
  { permissions: "none" },
  () => {
    const text = [
      "12|ann|chem|cloud|8|2026-11-30T21:00:00|2026-11-30T21:30:00|c[0-1]",
      "13|bob||cloud|2|2026-11-30T21:00:00|Unknown|c2",
      "14|bob|chem|cloud|0|Unknown|Unknown|None assigned",
      "14|bob|chem|cloud|0|None|Unknown|",
      "12.batch|ann|chem|cloud|8|2026-11-30T21:00:00|2026-11-30T21:30:00|c0",
      "15|ann|chem|cloud|1|2026-11-30T21:00:00|2026-11-30T21:30:00|c[0",
      "half a li",
      "",
    ].join("\n");
    assertEquals(parseSacct(text), [
      {
        ...{ jobId: "12", user: "ann", account: "chem", partition: "cloud", nodes: ["c0", "c1"], cpus: 8 },
        ...{ start: START, end: START + 1_800_000 },
      },
      { jobId: "13", user: "bob", account: "", partition: "cloud", nodes: ["c2"], cpus: 2, start: START },
    ]);
  },
);

async function withSacct(script: string, test: (binDir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${dir}/sacct`, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    await test(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

const settings = (binDir: string) =>
  ({ binDir, confDir: "/etc/slurm", user: "slurm", partitionOptions: {}, ready: "off" }) as const;

Deno.test("sacctProcess() asks for every try in UTC, cut to the window", () =>
  withSacct(
    `printf '%s ' "$@" "$TZ" "$SLURM_CONF" >"$(dirname "$0")/asked"; echo '1|a|b|p|1|2026-11-30T21:00:00|Unknown|c0'`,
    async (dir) => {
      const jobs = await sacctProcess(settings(dir), { slurmConf: "/x/slurm.conf", timeLimit: 60_000 }).jobs(
        START,
        START + 1000,
      );
      assertEquals(jobs.map(({ jobId, start }) => [jobId, start]), [["1", START]]);
      const asked = await Deno.readTextFile(`${dir}/asked`);
      for (
        const word of ["--duplicates", "--truncate", "--starttime=2026-11-30T21:00:00", "UTC /x/slurm.conf"]
      ) {
        assertStringIncludes(asked, word);
      }
    },
  ));

Deno.test("sacctProcess() throws what sacct says, and that there is none", () =>
  withSacct("echo 'Slurm accounting storage is disabled' >&2; exit 1", async (dir) => {
    const thrown = async (binDir: string, words: string) =>
      (await assertRejects(
        () => sacctProcess(settings(binDir), { timeLimit: 60_000 }).jobs(0, 1),
        SacctError,
        words,
      )).kind;
    assertEquals(await thrown(dir, "accounting storage is disabled"), "refused");
    assertEquals(await thrown(`${dir}/no`, "can't run"), "missing");
  }));

Deno.test("sacctProcess() ends a sacct that hangs, and does not wait for a child that holds its pipes", () =>
  withSacct(
    "trap '' TERM; echo $$ >${0%/*}/pid; sleep 600 & echo $! >${0%/*}/child.new; mv ${0%/*}/child.new ${0%/*}/child; wait",
    async (dir) => {
      // A busy machine may end it before its child is there: then it gets longer.
      for (let timeLimit = 500; !existsSync(`${dir}/child`); timeLimit *= 2) {
        const error = await assertRejects(
          () => sacctProcess(settings(dir), { timeLimit }).jobs(0, 1),
          SacctError,
          `within ${timeLimit / 1000} s`,
        );
        assertEquals(error.kind, "timeout");
      }
      Deno.kill(Number(Deno.readTextFileSync(`${dir}/child`)), "SIGKILL");
      const pid = Deno.readTextFileSync(`${dir}/pid`).trim();
      assertThrows(() => Deno.readTextFileSync(`/proc/${pid}/stat`), Deno.errors.NotFound);
    },
  ));
