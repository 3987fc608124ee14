import { assertEquals, assertStringIncludes } from "@std/assert";
import { why } from "../../../commands/see/why.ts";
import { parseFlags } from "../../../commands/base/command.ts";
import type { Host } from "../../../commands/base/host.ts";
import type { EventBody } from "../../../lib/events/event.ts";
import { InMemoryScontrol } from "../../../lib/slurm/scontrol_in_memory.ts";
import { parseJobs } from "../../../lib/slurm/job_view.ts";
import { ScontrolError } from "../../../lib/slurm/scontrol_api.ts";
import { checkJson } from "../check_output.ts";
import { fakeHost } from "../fake_host.ts";
import { jobsOf } from "../../lib/slurm/jobs_output.ts";
import { withHistory } from "../../fixtures/history_file.ts";

const CONFIG = (stateDir: string) =>
  `cluster: test
region: us-east-1
stateDir: ${stateDir}
defaults: { os: { distribution: Rocky, version: "9" }, architecture: x86_64 }
nodeGroups: [{ name: compute, nodes: "c[0-3]", instanceTypes: [c7i.large], subnets: [subnet-0123456789abcdef0] }]
`;

interface Asked {
  readonly scontrol?: InMemoryScontrol;
  readonly stateDir?: string;
  readonly configured?: boolean;
}

async function ask(
  args: readonly string[],
  { scontrol = cluster(), stateDir = "/nowhere", configured = true }: Asked = {},
) {
  const printed = { stdout: "", stderr: "" };
  const files: Readonly<Record<string, string>> = configured
    ? { "/site/etc/slurm-ec2.yaml": CONFIG(stateDir) }
    : {};
  const host = fakeHost({ files, programPath: "/site/bin/slurm-ec2" }, undefined, printed);
  const connect = { scontrol: () => Promise.resolve(scontrol) } as unknown as Host["connect"];
  const given = { ...host, now: () => Date.UTC(2026, 10, 30, 22), connect };
  const exit = await why.run(given, parseFlags(why, args)).catch((error) => {
    printed.stderr = error.message;
    return error.name;
  });
  checkJson(["why", ...args], printed.stdout);
  return { exit, ...printed };
}

function cluster(): InMemoryScontrol {
  const scontrol = new InMemoryScontrol(["c0", "c1", "c2", "c3"]);
  scontrol.nodes.get("c1")!.base = "DOWN";
  scontrol.nodes.get("c1")!.reason =
    "InsufficientInstanceCapacity: none left [slurm-ec2 until=2099-01-01T00:00:00Z]";
  scontrol.jobs.set("5", parseJobs(jobsOf("24.11").get("capacity")!));
  return scontrol;
}

Deno.test("why answers about a job without a configuration, as on a login node", async () => {
  const { exit, stdout } = await ask(["5"], { configured: false });
  assertEquals(exit, 0);
  assertStringIncludes(stdout, "job 5: CAPACITY:InsufficientInstanceCapacity – AWS has no free instance");
  assertStringIncludes(
    stdout,
    "next  the node is given back, and jobs may try it again: 2099-01-01T00:00:00Z",
  );
});

Deno.test("why answers about a node and a group, as text and as JSON with its schema", async () => {
  assertStringIncludes((await ask(["c0"])).stdout, "node c0: NONE:POWERED_DOWN");
  const { stdout } = await ask(["--json", "compute"]);
  const answer = JSON.parse(stdout);
  assertEquals([answer.subject, answer.class], [{ kind: "group", name: "compute" }, "CAPACITY"]);
  assertEquals(answer.rows.length, 2);
  checkJson(["why", "--json", "5"], (await ask(["--json", "5"])).stdout);
});

Deno.test("why refuses what nobody knows, with what is known", async () => {
  const unknown = await ask(["77"]);
  assertEquals(unknown.exit, "CommandError");
  assertStringIncludes(unknown.stderr, "sacct -j 77");
  assertStringIncludes(
    (await ask(["zz"])).stderr,
    'Slurm knows no node "zz"; node groups: compute; a job is a number',
  );
  assertStringIncludes((await ask(["zz"], { configured: false })).stderr, "name one with --config");
  assertEquals((await ask([])).exit, "UsageError");
});

Deno.test("why passes on that slurmctld does not answer", async () => {
  const scontrol = cluster();
  scontrol.showNodes = () => Promise.reject(new ScontrolError("unreachable", "No slurmctld answers"));
  const { exit, stderr } = await ask(["c0"], { scontrol });
  assertEquals([exit, stderr], ["CommandError", "No slurmctld answers"]);
});

const STORY: readonly EventBody[] = [
  { kind: "asked", hook: "resume", nodes: "c[0-1]", jobs: [5] },
  {
    kind: "launch",
    nodes: "c[0-1]",
    nodeGroup: "compute",
    instanceType: "c7i.large",
    subnetId: "subnet-0a",
    capacityType: "on-demand",
    imageId: "ami-1",
    clientToken: "t1",
  },
  { kind: "refused", clientToken: "t0", code: "Other", message: "of another launch", milliseconds: 1 },
  { kind: "launched", clientToken: "t1", asked: 2, got: 1, instances: { c0: "i-0a" }, milliseconds: 900 },
  {
    kind: "console",
    node: "c0",
    instanceId: "i-0a",
    tail: "one\ntwo \x1b[31m<script>\n",
    steps: "imds 3.2, mounts 4.2, munge 94.2",
  },
  { kind: "ended", action: "terminate", instanceIds: ["i-0a"], why: "stop" },
  { kind: "ended", action: "terminate", instanceIds: ["i-0b"], why: "another's" },
];

Deno.test("why tells a node's story from the controller's history, and nothing of others", () =>
  withHistory("test", STORY, async (stateDir) => {
    const { stdout } = await ask(["c0"], { stateDir });
    for (
      const said of [
        "slurmctld called resume for job 5",
        "a launch was planned: c7i.large on-demand of group compute in subnet-0a, image ami-1",
        "EC2 launched i-0a, c7i.large",
        "the boot script began 3.2 s after the kernel, then imds 1.0 s, mounts 90.0 s, munge was not over; last words",
        "last words of the console of i-0a: one | two ␛[31m<script>",
        "EC2 accepted that i-0a is terminated: stop",
      ]
    ) assertStringIncludes(stdout, said);
    assertEquals(/another/.test(stdout), false);
    const job = JSON.parse((await ask(["--json", "5"], { stateDir })).stdout);
    assertEquals(job.story.length, 1);
  }));

Deno.test("why says how long boots of the group have taken lately, else what the configuration expects", () => {
  const boot = (id: number): EventBody => ({
    ...{
      kind: "lifetime",
      instanceId: `i-${id}`,
      node: "c1",
      nodeGroup: "compute",
      instanceType: "c7i.large",
    },
    ...{ availabilityZone: "az1", capacityType: "spot", imageId: "ami-1", began: 0, up: 40_000 + id * 1000 },
  } as EventBody);
  const scontrol = cluster();
  scontrol.requestPowerUp(["c0"]);
  const other = { ...boot(9), nodeGroup: "other", up: 900_000 } as EventBody;
  return withHistory("test", [...[0, 1, 2, 3, 4, 4].map(boot), other], async (stateDir) => {
    const { stdout } = await ask(["c0"], { scontrol, stateDir });
    assertStringIncludes(stdout, "node c0 boots; usual: 42 s (half of the last 5 boots)");
    const launched = {
      ...{
        kind: "lifetime",
        instanceId: "i-now",
        node: "c0",
        nodeGroup: "compute",
        instanceType: "c7i.large",
      } as const,
      ...{ availabilityZone: "az1", capacityType: "spot", imageId: "ami-1" },
      began: Date.UTC(2026, 10, 30, 22) - 25_000,
    };
    await withHistory("test", [...[0, 1, 2, 3, 4].map(boot), launched], async (dir) => {
      const alike = await ask(["c0"], { scontrol, stateDir: dir });
      assertStringIncludes(
        alike.stdout,
        "node c0 boots, launched 25 s ago (which step it is in, its console says)",
      );
      assertStringIncludes(alike.stdout, "usual: 42 s (half of the last 5 boots of c7i.large with ami-1)");
    });
    await withHistory(
      "test",
      [...[0, 1, 2, 3, 4].map(boot), { ...launched, imageId: "ami-2" }],
      async (dir) => {
        const { stdout } = await ask(["c0"], { scontrol, stateDir: dir });
        assertStringIncludes(stdout, "usual: 42 s (half of the last 5 boots)");
      },
    );
    const unknown = await ask(["c0"], { scontrol });
    assertStringIncludes(unknown.stdout, "usual: 180 s (limits.expectedBootSeconds)");
  });
});
