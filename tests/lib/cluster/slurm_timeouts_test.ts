import { assertEquals } from "@std/assert";
import { deadlines } from "../../../lib/cluster/deadlines.ts";
import { slurmTimeouts } from "../../../lib/cluster/slurm_timeouts.ts";
import { testConfig } from "../../fixtures/test_config.ts";

const CONFIG = testConfig();
const global = new Map([["ResumeTimeout", "600 sec"], ["SuspendTimeout", "60 sec"]]);
const partition = (settings: Record<string, string>) => new Map(Object.entries(settings));

Deno.test("slurmTimeouts() takes the globals where no partition has its own", { permissions: "none" }, () => {
  const partitions = new Map([["cloud", partition({ ResumeTimeout: "GLOBAL", SuspendTimeout: "GLOBAL" })]]);
  assertEquals(slurmTimeouts(CONFIG, global, partitions), { resume: 600, hook: 600 });
});

Deno.test("slurmTimeouts() takes a partition's own for its nodes, and the highest for the hook", {
  permissions: "none",
}, () => {
  const partitions = new Map([
    ["cloud", partition({ ResumeTimeout: "300" })],
    ["onprem", partition({ SuspendTimeout: "900", ResumeTimeout: "30" })],
  ]);
  assertEquals(slurmTimeouts(CONFIG, global, partitions), { resume: 300, hook: 900 });
});

Deno.test(
  "slurmTimeouts() takes Slurm's defaults when slurmctld says nothing",
  { permissions: "none" },
  () => {
    assertEquals(slurmTimeouts(CONFIG, new Map(), new Map()), { resume: 60, hook: 60 });
  },
);

Deno.test("slurmTimeouts() takes INFINITE for the largest value", { permissions: "none" }, () => {
  const partitions = new Map([["cloud", partition({ ResumeTimeout: "INFINITE" })]]);
  assertEquals(slurmTimeouts(CONFIG, global, partitions).resume, 65_533);
});

Deno.test("deadlines() leaves time for verdicts and for a boot", { permissions: "none" }, () => {
  const table: [resume: number, hook: number, boot: number, verdict: number, launch: number][] = [
    [600, 600, 180, 590, 420],
    [600, 900, 180, 890, 420],
    [60, 60, 180, 50, 10],
    [5, 5, 180, 10, 10],
    [3600, 600, 30, 590, 590],
  ];
  for (const [resume, hook, boot, verdict, launch] of table) {
    assertEquals(deadlines({ resume, hook }, boot), { verdict, launch }, `${resume} ${hook} ${boot}`);
  }
});
