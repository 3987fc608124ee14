import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { cost } from "../../../commands/see/cost.ts";
import { parseFlags } from "../../../commands/base/command.ts";
import type { Host } from "../../../commands/base/host.ts";
import type { EventBody } from "../../../lib/events/event.ts";
import { type JobUse, SacctError } from "../../../lib/slurm/sacct.ts";
import { sacctProcess } from "../../../lib/slurm/sacct_process.ts";
import { checkJson } from "../check_output.ts";
import { fakeHost } from "../fake_host.ts";
import { withHistory } from "../../fixtures/history_file.ts";

const NOW = Date.UTC(2026, 10, 30, 22);
const H = 3_600_000;

const LIFETIME = {
  kind: "lifetime",
  instanceId: "i-0a",
  node: "c0",
  nodeGroup: "compute",
  instanceType: "c7i.large",
  availabilityZone: "us-east-1a",
  capacityType: "on-demand",
  imageId: "ami-1",
  began: NOW - 10 * H,
  up: NOW - 9 * H,
  ended: NOW - 2 * H,
} as const;
const EVENTS: readonly EventBody[] = [LIFETIME, {
  ...LIFETIME,
  instanceId: "i-0b",
  node: "c1",
  capacityType: "spot",
}];

const CONFIG = (stateDir: string) =>
  `cluster: test
region: us-east-1
stateDir: ${stateDir}
defaults: { os: { distribution: Rocky, version: "9" }, architecture: x86_64 }
nodeGroups: [{ name: compute, nodes: "c[0-3]", instanceTypes: [c7i.large], subnets: [subnet-0123456789abcdef0] }]
partitions: [{ name: cloud, nodeGroups: [compute] }]
`;

/** What sacct answers: jobs, why it does not, or that of a directory. */
type Sacct = readonly JobUse[] | string | { readonly binDir: string };

async function run(stateDir: string, args: readonly string[], jobs: Sacct = "disabled") {
  const printed = { stdout: "", stderr: "" };
  const files = {
    "./slurm-ec2.yaml": CONFIG(stateDir),
    ...(jobs === "kept prices" && { [`${stateDir}/prices.yaml`]: "c7i.large: 2\n" }),
    "p.yaml": "# USD/h, copied from a price list on 2026-11-01\nc7i.large: 0.5\n",
  };
  const host = fakeHost({ files }, undefined, printed);
  const sacct: Host["connect"]["sacct"] = async ({ slurm }, timeLimit) => {
    if (typeof jobs === "object" && "binDir" in jobs) {
      return sacctProcess({ ...slurm, binDir: jobs.binDir }, { timeLimit });
    }
    return await Promise.resolve({
      jobs: () =>
        typeof jobs === "string" ? Promise.reject(new SacctError("refused", jobs)) : Promise.resolve(jobs),
    });
  };
  const connect = { sacct } as unknown as Host["connect"];
  const exit = await cost.run({ ...host, now: () => NOW, connect }, parseFlags(cost, args)).catch((error) => {
    printed.stderr = error.message;
    return error.name;
  });
  checkJson(["cost", ...args], printed.stdout);
  return { exit, ...printed };
}

Deno.test("cost shows hours, money, where prices come from and what has none", () =>
  withHistory("test", EVENTS, async (dir) => {
    const { exit, stdout } = await run(dir, ["--prices", "p.yaml"]);
    assertEquals(exit, 0);
    assertStringIncludes(stdout, "4.00 USD, 2 runs of instances, 16.0 hours");
    assertStringIncludes(stdout, "boot 0.50, jobs or idle 3.50 USD, not attributed");
    assertStringIncludes(stdout, "Nothing is attributed to jobs: disabled; see that slurmdbd runs");
    assertStringIncludes(stdout, "Prices: p.yaml (USD/h, copied from a price list on 2026-11-01)");
    assertStringIncludes(stdout, "8.0 hours have no price and are not in it: c7i.large");
  }));

Deno.test("cost attributes nothing and says what to do when sacct hangs until its limit", () =>
  withHistory("test", EVENTS, async (dir) => {
    const bin = await Deno.makeTempDir();
    try {
      await Deno.writeTextFile(`${bin}/sacct`, "#!/bin/sh\nexec sleep 600\n", { mode: 0o755 });
      const hangs = { binDir: bin };
      const shown = await run(dir, ["--by", "user", "--prices", "p.yaml", "--wait", "500ms"], hangs);
      assertEquals(shown.exit, 0);
      assertMatch(
        shown.stdout,
        /^Nothing is attributed to jobs: sacct did not .* 0\.5 s; .*slurmdbd.*--wait/m,
      );
      assertMatch(shown.stdout, /^not attributed +16\.0 .* 4\.00$/m);
      const csv = await run(dir, ["--csv", "--wait", "500ms"], hangs);
      assertStringIncludes(csv.stderr, "sacct did not answer within 0.5 s");
      const json = JSON.parse((await run(dir, ["--json", "--wait", "500ms"], hangs)).stdout);
      assertStringIncludes(json.accounting, "--wait");
    } finally {
      await Deno.remove(bin, { recursive: true });
    }
  }));

Deno.test("cost counts the seconds on a terminal while sacct works", () =>
  withHistory("test", EVENTS, async (dir) => {
    const printed = { stdout: "", stderr: "" };
    const bare = fakeHost({ files: { "./slurm-ec2.yaml": CONFIG(dir) } }, undefined, printed);
    const until = performance.now() + 60_000;
    const jobs = async () => {
      // sacct answers once seconds are shown; the limit is for a test that fails.
      const isSeen = () => /waiting for sacct\D+ [1-9]\d*\/90\b/.test(printed.stderr);
      while (!isSeen() && performance.now() < until) await new Promise((resolve) => setTimeout(resolve, 20));
      return [];
    };
    const host: Host = {
      ...bare,
      now: () => NOW,
      stderr: { ...bare.stderr, isTerminal: true },
      connect: { sacct: () => Promise.resolve({ jobs }) } as unknown as Host["connect"],
    };
    assertEquals(await cost.run(host, parseFlags(cost, ["--wait", "90s"])), 0);
    assertMatch(printed.stderr, /waiting for sacct\D+ [1-9]\d*\/90\b/);
    assertEquals(printed.stdout.includes("waiting"), false);
  }));

Deno.test("cost by user takes jobs from accounting; JSON has its schema", () =>
  withHistory("test", EVENTS, async (dir) => {
    const job = {
      jobId: "7",
      user: "ann",
      account: "x",
      partition: "cloud",
      nodes: ["c0"],
      cpus: 2,
      start: NOW - 9 * H,
      end: NOW - 5 * H,
    };
    const answer = JSON.parse(
      (await run(dir, ["--json", "--by", "user", "--prices", "p.yaml"], [job])).stdout,
    );
    assertEquals(answer.rows.map(({ name, cents }: { name: string; cents: number }) => [name, cents]), [
      ["ann", 200],
      ["not attributed", 200],
    ]);
    const csv = await run(dir, ["--csv", "--by", "partition", "--prices", "p.yaml"], [job]);
    assertStringIncludes(csv.stdout, "partition,hours,usd,");
    assertStringIncludes(csv.stdout, "\r\ncloud,16.0000,4.00,8.0000,");
  }));

Deno.test("cost says that there are no prices, and takes those that the state directory keeps", () =>
  withHistory("test", EVENTS, async (dir) => {
    assertStringIncludes(
      (await run(dir, [])).stdout,
      "Prices: none: give --prices FILE, or run slurm-ec2 config prices",
    );
    const kept = await run(dir, [], "kept prices");
    assertStringIncludes(kept.stdout, ": 16.00 USD, 2 runs");
    assertStringIncludes(kept.stdout, `Prices: ${dir}/prices.yaml`);
  }));

Deno.test("cost refuses a window without time, times that are none, and two formats", () =>
  withHistory("test", [], async (dir) => {
    for (const args of [["--since", "yesterday"], ["--since", "2027-01-01"], ["--csv", "--json"]]) {
      assertEquals((await run(dir, args)).exit, "UsageError", args.join(" "));
    }
  }));

Deno.test("cost says what to do where no controller has run yet", async () => {
  const { exit, stderr } = await run("/nowhere", []);
  assertEquals(exit, "CommandError");
  assertMatch(stderr, /^There is no \/nowhere\/state\.db: .*; ask on slurmctld's host/);
});
