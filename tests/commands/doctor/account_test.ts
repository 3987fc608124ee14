import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { AwsError } from "../../../lib/aws/aws_error.ts";
import { controllerPolicy } from "../../../lib/iam/controller_policy.ts";
import type { PolicyDocument } from "../../../lib/iam/policy.ts";
import { listOf } from "../../../lib/iam/policy.ts";
import { parseConfig } from "../../../lib/config/parse.ts";
import { WORLD } from "../../../lib/sim/fresh_world.ts";
import type { InMemoryOptions } from "../../../lib/sim/in_memory.ts";
import { enforced } from "../../lib/iam/enforced.ts";
import { runFake } from "../fake_host.ts";
import { doctor } from "../../../commands/doctor/doctor.ts";
import {
  AWS_SECTIONS,
  DOCTOR_CONFIG,
  DOCTOR_FILES,
  DOCTOR_PARAMETERS,
  doctorAws,
  examine,
  told,
} from "./world.ts";

const [IMAGE] = Object.keys(DOCTOR_PARAMETERS) as [string];

Deno.test("doctor finds nothing to act on where all is well", async () => {
  const ran = await examine([], doctorAws());
  assertEquals(told(ran), []);
  assertEquals(ran.exit, 0);
  for (const section of AWS_SECTIONS) {
    assert(ran.findings.some((one) => one.section === section && one.status === "pass"), section);
  }
});

Deno.test("doctor changes nothing: every call that could is a dry run", async () => {
  const { aws, clock } = doctorAws();
  const [running, stopped] = await launchOwn(aws);
  await aws.ec2.stopInstances({ InstanceIds: [stopped!] });
  const before = aws.simulator.instances();
  const asked: string[] = [];
  const spied = replaced(aws.ec2, (method, input, options) => {
    if (!method.startsWith("describe") && method !== "getConsoleOutput") {
      asked.push(`${method} ${(input as { readonly DryRun?: boolean }).DryRun}`);
    }
    return aws.ec2[method](input as never, options as never);
  });
  const put = aws.simulator.calls().PutParameter;
  const ran = await examine([], { aws: { ...aws, ec2: spied }, clock });
  assertEquals([...new Set(asked)].sort(), [
    "runInstances true",
    "startInstances true",
    "stopInstances true",
    "terminateInstances true",
  ]);
  assertEquals(aws.simulator.instances(), before);
  assertEquals(aws.simulator.calls().PutParameter, put);
  const passed = ran.findings.filter(({ section, status }) => section === "permissions" && status === "pass")
    .map(({ what }) => what);
  assert(passed.includes(`ec2:StartInstances, ${stopped}`), passed.join());
  assert(passed.includes(`ec2:StopInstances, ${running}`), passed.join());
});

/** A port of which every method is the same function, which gets its name. */
function replaced<T extends object>(
  port: T,
  call: (method: keyof T & string, input: unknown, options: unknown) => unknown,
): T {
  return Object.fromEntries(
    Object.keys(port).map((method) => [
      method,
      (input: unknown, options: unknown) => call(method as keyof T & string, input, options),
    ]),
  ) as T;
}

/** Two instances of the cluster's own. */
async function launchOwn({ ec2 }: ReturnType<typeof doctorAws>["aws"]): Promise<readonly string[]> {
  const tags = { cluster: "chip", "node-group": "b", naming: "index", nodes: "b[0-1]" };
  const launched = await ec2.runInstances({
    ImageId: WORLD.imageIds.x86_64,
    InstanceType: "c7i.large",
    MinCount: 2,
    MaxCount: 2,
    ClientToken: "own",
    SubnetId: WORLD.subnetIds[1],
    TagSpecifications: [{
      ResourceType: "instance",
      Tags: Object.entries(tags).map(([key, Value]) => ({ Key: `slurm-ec2:${key}`, Value })),
    }],
  });
  return launched.map(({ instanceId }) => instanceId);
}

interface Case {
  readonly what: string;
  readonly options?: InMemoryOptions;
  readonly files?: Readonly<Record<string, string>>;
  readonly uid?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly told: readonly string[];
  readonly fix?: RegExp;
}

const config = (from: string, to: string) => {
  assert(DOCTOR_CONFIG.includes(from), from);
  return { "./slurm-ec2.yaml": DOCTOR_CONFIG.replace(from, to) };
};

const STANDARD = "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances (L-1216C47A)";

const WORLDS: readonly Case[] = [
  {
    what: "another user runs it",
    uid: 1000,
    told: ["credentials: warn user"],
    fix: /^sudo -u slurm slurm-ec2 doctor --config \.\/slurm-ec2\.yaml$/,
  },
  {
    what: "the profile is misspelt",
    files: config("profile: slurm", "profile: slurmm"),
    told: ["credentials: fail credentials"],
    fix: /Did you mean aws.profile: slurm\?/,
  },
  {
    what: "the environment has the credentials",
    files: config(/aws: .*\n/.exec(DOCTOR_CONFIG)![0], ""),
    env: { AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "b", HOME: "/h" },
    told: ["credentials: warn credentials"],
    fix: /instance role/,
  },
  {
    what: "a parameter is missing",
    options: { parameters: without(IMAGE) },
    told: [`parameters: fail ${IMAGE}`],
    fix: /^aws ssm put-parameter/,
  },
  {
    what: "the image does not exist",
    options: { parameters: { ...DOCTOR_PARAMETERS, [IMAGE]: "ami-0123456789abcdef0" } },
    told: [
      `permissions: fail ec2:RunInstances, node group a in ${WORLD.subnetIds[0]}`,
      `permissions: fail ec2:RunInstances, node group b in ${WORLD.subnetIds[1]}`,
      `parameters: fail ${IMAGE}`,
    ],
  },
  {
    what: "the instance profile does not exist",
    files: config(WORLD.instanceProfileName, "nobody"),
    told: [
      `permissions: fail ec2:RunInstances, node group a in ${WORLD.subnetIds[0]}`,
      `permissions: fail ec2:RunInstances, node group b in ${WORLD.subnetIds[1]}`,
    ],
  },
  {
    what: "the quota holds some nodes only",
    options: { quotas: { "L-1216C47A": 59 } },
    told: [`quotas: warn ${STANDARD}`],
    fix: /--quota-code L-1216C47A --desired-value 60/,
  },
  {
    what: "the quota holds no node",
    options: { quotas: { "L-1216C47A": 1 } },
    told: [`quotas: fail ${STANDARD}`],
  },
  {
    what: "maxNodes keeps within the quota",
    options: { quotas: { "L-1216C47A": 20 } },
    files: config("limits: {", "limits: { maxNodes: 5,"),
    told: [],
  },
  {
    what: "a subnet does not exist",
    files: config(WORLD.subnetIds[1], "subnet-0123456789abcdef0"),
    told: [
      "permissions: fail ec2:RunInstances, node group b in subnet-0123456789abcdef0",
      "subnets: fail nodeGroups b: subnets",
    ],
    fix: /aws ec2 describe-subnets/,
  },
  {
    what: "a zone lacks an instance type",
    options: { unsupported: [{ instanceType: "c7i.large", availabilityZone: "us-east-1a" }] },
    told: ["subnets: warn nodeGroups a: instanceTypes"],
    fix: /Values=c7i\.large$/,
  },
  {
    what: "a partition is larger than its subnets",
    files: config('"b[0-9]"', '"b[0-17999]"'),
    options: { quotas: { "L-1216C47A": 1e9 } },
    told: ["subnets: warn partition cloud", "subnets: warn node group b"],
    fix: /beyond 16374 nodes/,
  },
];

for (
  const [what, files, mayRead, wanted] of [
    [
      "belong to somebody else",
      { "/etc/slurm/aws/credentials": new Deno.errors.PermissionDenied("no") },
      true,
      [
        "credentials: fail /etc/slurm/aws/credentials",
      ],
    ],
    ["the program was not given", {}, false, [
      "credentials: warn /etc/slurm/aws/credentials",
      "credentials: warn /etc/slurm/aws/config",
    ]],
  ] as const
) {
  Deno.test(`doctor tells of AWS's files that ${what}`, async () => {
    const ran = await examine(["--only", "credentials"], {
      ...doctorAws(),
      files: files as unknown as Readonly<Record<string, string>>,
      process: { uid: () => 64030, mayRead: () => mayRead },
    });
    assertEquals(told(ran), [...wanted]);
  });
}

function without(name: string): Record<string, string> {
  return Object.fromEntries(Object.entries(DOCTOR_PARAMETERS).filter(([other]) => other !== name));
}

for (const { what, options, files, uid = 64030, env, told: wanted, fix } of WORLDS) {
  Deno.test(`doctor tells when ${what}`, async () => {
    const ran = await examine([], { ...doctorAws(options), files, env, process: { uid: () => uid } });
    assertEquals(told(ran), wanted);
    assertEquals(ran.exit, wanted.length > 0 ? 3 : 0);
    const fixes = ran.findings.filter(({ status }) => ["warn", "fail"].includes(status)).map(({ fix }) =>
      fix ?? ""
    );
    for (const text of fixes) assert(text !== "", "a finding without a way to fix it");
    if (fix) assert(fixes.some((text) => fix.test(text)), fixes.join("\n"));
  });
}

const SCOPE = { partition: "aws", region: WORLD.region, account: WORLD.account };
const POLICY = controllerPolicy(parseConfig(DOCTOR_CONFIG, "slurm-ec2.yaml"), { scope: SCOPE });

/** The policy without some actions. */
function lacking(...actions: readonly string[]): PolicyDocument {
  return {
    ...POLICY,
    Statement: POLICY.Statement.map((statement) => ({
      ...statement,
      Action: listOf(statement.Action).filter((action) => !actions.includes(action)),
    })),
  };
}

Deno.test("doctor is content with the printed policy, and tells whether own instances may be ended", async () => {
  const { aws, clock } = doctorAws();
  const [running] = await launchOwn(aws);
  const ran = await examine([], { aws: enforced(aws, POLICY), clock });
  assertEquals([told(ran), ran.exit], [[], 0]);
  const of = (action: string) => ran.findings.find(({ what }) => what.startsWith(action))!;
  assertEquals([of("ec2:TerminateInstances").status, of("ec2:TerminateInstances").what], [
    "pass",
    `ec2:TerminateInstances, ${running}`,
  ]);
  assertEquals(of("ec2:StartInstances").status, "can't tell");
  assertEquals(of("ec2:CreateTags").status, "pass");
});

for (
  const [action, wanted] of [
    ["ec2:RunInstances", [
      `permissions: fail ec2:RunInstances, node group a in ${WORLD.subnetIds[0]}`,
      `permissions: fail ec2:RunInstances, node group b in ${WORLD.subnetIds[1]}`,
    ]],
    ["ec2:CreateTags", [
      `permissions: fail ec2:RunInstances, node group a in ${WORLD.subnetIds[0]}`,
      `permissions: fail ec2:RunInstances, node group b in ${WORLD.subnetIds[1]}`,
    ]],
    ["iam:PassRole", [
      `permissions: fail ec2:RunInstances, node group a in ${WORLD.subnetIds[0]}`,
      `permissions: fail ec2:RunInstances, node group b in ${WORLD.subnetIds[1]}`,
    ]],
    ["ec2:DescribeInstances", ["permissions: fail ec2:DescribeInstances"]],
    ["ec2:DescribeKeyPairs", ["permissions: warn ec2:DescribeKeyPairs"]],
    ["ec2:DescribeInstanceTypes", ["permissions: warn ec2:DescribeInstanceTypes"]],
    [
      "ssm:GetParameters",
      Object.keys(DOCTOR_PARAMETERS).map((name) => `permissions: fail ssm:GetParameters, ${name}`),
    ],
    ["ssm:GetParametersByPath", ["permissions: warn ssm:GetParametersByPath, /chip/SlurmNodeAmi"]],
    ["servicequotas:ListServiceQuotas", []],
  ] as const
) {
  Deno.test(`doctor tells that ${action} is not allowed, and how to allow it`, async () => {
    const { aws, clock } = doctorAws();
    const ran = await examine([], { aws: enforced(aws, lacking(action)), clock });
    assertEquals(told(ran), [...wanted]);
    assertEquals(ran.exit, 3);
    const fix = ran.findings.find(({ section, status }) =>
      section === "permissions" && ["warn", "fail"].includes(status)
    )
      ?.fix;
    if (wanted.length > 0) {
      assertMatch(
        fix!,
        /^slurm-ec2 iam policy --config \.\/slurm-ec2\.yaml > slurm-ec2\.json && aws iam create-policy/,
      );
      assertStringIncludes(fix!, "attach-user-policy --user-name simulated");
    }
  });
}

for (const action of ["ec2:TerminateInstances", "ec2:StopInstances", "ec2:GetConsoleOutput"]) {
  Deno.test(`doctor tells that ${action} is not allowed where there is an instance to ask about`, async () => {
    const { aws, clock } = doctorAws();
    const [id] = await launchOwn(aws);
    const ran = await examine([], { aws: enforced(aws, lacking(action)), clock });
    assertEquals(told(ran), [`permissions: fail ${action}, ${id}`]);
  });
}

Deno.test("doctor tells whose quotas it may not see, and which permission that takes", async () => {
  const { aws, clock } = doctorAws();
  const ran = await examine(["--only", "quotas"], {
    aws: enforced(aws, lacking("servicequotas:ListServiceQuotas")),
    clock,
  });
  const [finding] = ran.findings;
  assertEquals([finding!.status, finding!.code], ["can't tell", "AccessDeniedException"]);
  assertStringIncludes(finding!.fix!, "servicequotas:ListServiceQuotas");
});

Deno.test("doctor tells of expired credentials once in every section, and what they should be", async () => {
  const ran = await examine([], doctorAws({ credentials: "expired" }));
  assertEquals(told(ran), ["credentials: fail caller"]);
  const caller = ran.findings.find(({ what }) => what === "caller")!;
  assertEquals(caller.code, "ExpiredToken");
  assertStringIncludes(caller.fix!, "an instance role");
  for (const section of ["permissions", "parameters", "quotas", "subnets", "launch"]) {
    const mine = ran.findings.filter((one) => one.section === section);
    assertEquals(mine.map(({ status, what }) => [status, what]), [["can't tell", "AWS"]], section);
  }
  assertEquals(ran.exit, 3);
});

Deno.test("doctor asks a service that does not answer once, and still asks the others", async () => {
  const { aws, clock } = doctorAws();
  let calls = 0;
  const dead = replaced(aws.ec2, () => {
    calls++;
    const message = 'EC2 could not reach "https://ec2.example": connect ETIMEDOUT';
    return Promise.reject(new AwsError({ code: "EndpointUnreachable", operation: "Any", message }));
  });
  const ran = await examine([], { aws: { ...aws, ec2: dead }, clock });
  assertEquals(calls, 1);
  const said = ran.findings.filter(({ code }) => code === "EndpointUnreachable");
  assertStringIncludes(said[0]!.evidence, "https://ec2.example");
  const of = (section: string, status: string) =>
    ran.findings.filter((one) => one.section === section && one.status === status).length;
  assertEquals([of("credentials", "pass"), of("quotas", "pass")], [2, 1]);
  assert(of("permissions", "pass") >= 4, "what SSM allows is reported all the same");
  assertEquals(of("permissions", "fail"), 0);
  assertEquals(ran.exit, 3);
});

Deno.test("doctor waits no longer than it must for a service that takes calls and answers none", async () => {
  const { aws, clock } = doctorAws();
  let calls = 0;
  const hanging = replaced(aws.ec2, (_method, _input, options) => {
    calls++;
    const { signal } = options as { readonly signal: AbortSignal };
    return new Promise((_, reject) =>
      signal.addEventListener("abort", () => {
        const message = `ended: ${signal.reason.message}`;
        reject(new AwsError({ code: "RequestAborted", operation: "Any", message }));
      })
    );
  });
  const real = globalThis.setTimeout;
  // A call's own limit is over at once; a section's is longer.
  const hasty = (run: () => void, milliseconds = 0) =>
    real(run, milliseconds >= 5_000 && milliseconds < 20_000 ? 1 : milliseconds);
  globalThis.setTimeout = hasty as typeof setTimeout;
  try {
    const ran = await examine(["--only", "subnets", "--only", "launch"], {
      aws: { ...aws, ec2: hanging },
      clock,
    });
    assertEquals(ran.findings.map(({ section, status, code }) => [section, status, code]), [
      ["subnets", "can't tell", "ResponseTimeout"],
      ["launch", "can't tell", "ResponseTimeout"],
    ]);
    assertMatch(ran.findings[0]!.evidence, /no answer within 10 s, hooks wait for 60 s/);
    assertEquals(calls, 1);
  } finally {
    globalThis.setTimeout = real;
  }
});

Deno.test("doctor examines its sections next to each other, and prints them in their order", async () => {
  const { aws, clock } = doctorAws();
  const began: string[] = [];
  const { promise: all, resolve } = Promise.withResolvers<void>();
  // No service answers before every one that these sections begin with has been asked.
  const meeting = <T extends object>(name: string, port: T) =>
    replaced(port, async (method, ...given) => {
      began.push(name);
      if (new Set(began).size === 3) resolve();
      await all;
      return await (port as Record<string, (...given: readonly unknown[]) => unknown>)[method]!(...given);
    });
  const ran = await examine(["--only", "subnets", "--only", "quotas", "--only", "credentials"], {
    aws: {
      ...aws,
      ec2: meeting("ec2", aws.ec2),
      sts: meeting("sts", aws.sts),
      quotas: meeting("quotas", aws.quotas),
    },
    clock,
  });
  assertEquals([...new Set(ran.findings.map(({ section }) => section))], [
    "credentials",
    "quotas",
    "subnets",
  ]);
  assertEquals(ran.exit, 0);
});

Deno.test("doctor asks about as many launches as there is time for, and says so", async () => {
  const groups = Array.from(
    { length: 200 },
    (_, i) =>
      `  - { name: g${i}, nodes: "g${i}-[0-1]", instanceTypes: [c7i.large], subnets: [${
        WORLD.subnetIds[0]
      }] }`,
  ).join("\n");
  const text = DOCTOR_CONFIG.replace(/nodeGroups:\n[^]*?partitions: .*\n/, `nodeGroups:\n${groups}\n`);
  const ran = await examine(["--only", "permissions"], {
    ...doctorAws(),
    files: { "./slurm-ec2.yaml": text },
  });
  const launches = ran.findings.filter(({ what }) => what.startsWith("ec2:RunInstances"));
  const count = (status: string) => launches.filter((one) => one.status === status).length;
  assertEquals(count("pass") + count("can't tell"), 200);
  assert(count("pass") > 20 && count("can't tell") > 20, `${count("pass")} pass`);
  assertEquals(ran.exit, 0);
});

Deno.test("doctor waits throttling out", async () => {
  const throttle = (action: string) => ({ kind: "throttle", action, times: 3 }) as const;
  const actions = [
    "RunInstances",
    "DescribeInstances",
    "GetParameters",
    "ListServiceQuotas",
    "GetCallerIdentity",
  ];
  const ran = await examine([], doctorAws({ faults: actions.map(throttle) }));
  assertEquals([told(ran), ran.exit], [[], 0]);
});

Deno.test("doctor gives up a service that throttles on and on", async () => {
  const faults = [{ kind: "throttle", action: "ListServiceQuotas", times: 1000 }] as const;
  const ran = await examine(["--only", "quotas"], doctorAws({ faults }));
  assertEquals(ran.findings.map(({ status, code }) => [status, code]), [[
    "can't tell",
    "TooManyRequestsException",
  ]]);
});

Deno.test("doctor prints tables, and GitHub's workflow commands", async () => {
  const { aws, clock } = doctorAws({ quotas: { "L-1216C47A": 1 } });
  const run = async (...args: string[]) =>
    (await examine(["--only", "quotas", ...args], { aws, clock })).stdout;
  const { runWithAws } = await import("../aws_host.ts");
  const world = { aws, clock, files: DOCTOR_FILES, pricing: { getProducts: () => Promise.reject() } };
  const text = (await runWithAws(doctor, ["--only", "quotas"], world)).stdout;
  assertMatch(text, /^quotas: .*\nfail {8}Running On-Demand Standard.*\n {12}fix: aws service-quotas/);
  assertStringIncludes(text, "1 fail, 1 info\n");
  const github = (await runWithAws(doctor, ["--only", "quotas", "--format", "github"], world)).stdout;
  assertMatch(github, /^::error title=slurm-ec2 doctor::Running On-Demand/);
  const report = JSON.parse(await run());
  assertEquals(Object.keys(report), ["cluster", "region", "where", "counts", "findings"]);
  assertEquals(Object.keys(report.findings[0]), ["section", "check", "status", "what", "evidence", "fix"]);
});

for (
  const [args, says] of [
    [["x"], "takes no arguments"],
    [["--only", "quota"], "did you mean quotas?"],
    [["--format", "xml"], 'Unknown value of --format: "xml"'],
    [["--controller", "nonsense"], "Not an IPv4 address"],
    [["--launch", "1"], "from 2 to 10"],
    [["--launch", "2", "--group", "c"], 'Unknown node group: "c"'],
    [["--launch", "2", "--node"], "launch from the controller"],
    [["--yes"], "--yes goes with --launch"],
    [["--group", "a"], "--group goes with --launch"],
  ] as const
) {
  Deno.test(`doctor ${args.join(" ")} is a mistake of the command line`, async () => {
    const { exit, stderr } = await runFake(doctor, args, { files: DOCTOR_FILES });
    assertEquals(exit, 2, stderr);
    assertStringIncludes(stderr, says);
  });
}
