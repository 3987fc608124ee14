import { assertEquals, assertStringIncludes } from "@std/assert";
import { cost } from "../../../commands/see/cost.ts";
import { parseFlags } from "../../../commands/base/command.ts";
import type { Host } from "../../../commands/base/host.ts";
import type { EventBody } from "../../../lib/events/event.ts";
import { type JobUse, SacctError } from "../../../lib/slurm/sacct.ts";
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

async function run(stateDir: string, args: readonly string[], jobs: readonly JobUse[] | string = "disabled") {
  const printed = { stdout: "", stderr: "" };
  const files = {
    "./slurm-ec2.yaml": CONFIG(stateDir),
    ...(jobs === "kept prices" && { [`${stateDir}/prices.yaml`]: "c7i.large: 2\n" }),
    "p.yaml": "# USD/h, copied from a price list on 2026-11-01\nc7i.large: 0.5\n",
  };
  const host = fakeHost({ files }, undefined, printed);
  const answer = () =>
    typeof jobs === "string" ? Promise.reject(new SacctError(jobs)) : Promise.resolve(jobs);
  const connect = { sacct: () => Promise.resolve({ jobs: answer }) } as unknown as Host["connect"];
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
    assertStringIncludes(stdout, "boot 0.50, jobs or idle 3.50 USD (accounting does not answer: disabled)");
    assertStringIncludes(stdout, "Prices: p.yaml (USD/h, copied from a price list on 2026-11-01)");
    assertStringIncludes(stdout, "8.0 hours have no price and are not in it: c7i.large");
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
    assertEquals((await run("/nowhere", [])).exit, "CommandError");
  }));
