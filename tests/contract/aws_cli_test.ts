import { assertEquals, assertMatch } from "@std/assert";
import { WORLD } from "../../lib/sim/fresh_world.ts";
import { serveAws, type WireAws, type WireOptions } from "../../lib/sim/wire/server.ts";
import { pythonWithBoto3 } from "./python.ts";

const python = pythonWithBoto3();
const skip = python === undefined && Deno.env.get("CI") !== "true";

/** What the AWS CLI made of an answer. */
interface Answer {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs commands one after the other, each `aws ` and these words, against the simulated AWS next to them. */
async function cli(
  commands: readonly { readonly aws: WireAws; readonly words: readonly string[] }[],
): Promise<readonly Answer[]> {
  const child = new Deno.Command(python ?? "python3", {
    args: [new URL("./aws_cli_answers.py", import.meta.url).pathname],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  const lines = commands.map(({ aws, words }) =>
    `${JSON.stringify([...words, "--endpoint-url", aws.url])}\n`
  );
  await writer.write(new TextEncoder().encode(lines.join("")));
  await writer.close();
  const { success, stdout, stderr } = await child.output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout).trimEnd().split("\n").map((line) => JSON.parse(line));
}

/** Registers a test that needs the AWS CLI. */
function cliTest(name: string, fn: () => Promise<void>): void {
  const why = skip ? " (skipped: no python with the AWS CLI next to moto_server)" : "";
  Deno.test({ name: `${name}${why}`, ignore: skip, fn });
}

const LAUNCH = [
  "ec2",
  "run-instances",
  "--image-id",
  WORLD.imageIds.x86_64,
  "--instance-type",
  "c7i.large",
  "--subnet-id",
  WORLD.subnetIds[0],
];
const QUERY = (query: string) => ["--query", query, "--output", "json"];

cliTest("the AWS CLI reads status checks, free addresses and quotas of the simulator", async () => {
  const aws = serveAws({ addresses: { [WORLD.subnetIds[0]]: 5 }, quotas: { "L-1216C47A": 64 } });
  const commands = [
    [...LAUNCH, "--count", "3", ...QUERY("length(Instances)")],
    [
      "ec2",
      "describe-instance-status",
      "--filters",
      "Name=system-status.status,Values=ok",
      ...QUERY(
        "InstanceStatuses[].[InstanceState.Name,InstanceStatus.Details[0].Status,AttachedEbsStatus.Status]",
      ),
    ],
    ["ec2", "wait", "instance-status-ok", "--filters", "Name=instance-state-name,Values=running"],
    ["ec2", "describe-subnets", ...QUERY("Subnets[].AvailableIpAddressCount")],
    [
      "service-quotas",
      "list-service-quotas",
      "--service-code",
      "ec2",
      ...QUERY("Quotas[?QuotaCode==`L-1216C47A`].Value"),
    ],
  ];
  try {
    const answers = await cli(commands.map((words) => ({ aws, words })));
    assertEquals(answers.map(({ stderr }) => stderr), ["", "", "", "", ""]);
    const read = answers.map(({ stdout }) => (stdout === "" ? undefined : JSON.parse(stdout)));
    const ok = ["running", "passed", "ok"];
    assertEquals(read, [3, [ok, ok, ok], undefined, [2, 8187, 8187], [64]]);
  } finally {
    await aws.close();
  }
});

const SPOT = ["--instance-market-options", "MarketType=spot"];
const REFUSED:
  readonly (readonly [name: string, options: WireOptions, words: readonly string[], says: RegExp])[] = [
    [
      "a spot pool that is empty",
      { capacity: { "c7i.large:us-east-1a:spot": 0 } },
      SPOT,
      /\(InsufficientInstanceCapacity\).*no Spot capacity/,
    ],
    [
      "a quota of the families",
      { quotas: { "L-1216C47A": 1 } },
      [],
      /\(VcpuLimitExceeded\).*current vCPU limit of 1 /,
    ],
    ["a spot quota", { quotas: { "L-34B43A08": 1 } }, SPOT, /\(MaxSpotInstanceCountExceeded\)/],
    [
      "no role for spot",
      { lacksSpotRole: true },
      SPOT,
      /\(AuthFailure\.ServiceLinkedRoleCreationNotPermitted\)/,
    ],
    [
      "a full subnet",
      { addresses: { [WORLD.subnetIds[0]]: 0 } },
      [],
      /\(InsufficientFreeAddressesInSubnet\)/,
    ],
    [
      "EFAs of a type that takes none",
      {},
      [
        "--network-interfaces",
        `NetworkCardIndex=0,DeviceIndex=0,InterfaceType=efa,SubnetId=${WORLD.subnetIds[0]}`,
      ],
      /\(UnsupportedOperation\).*EFA interfaces are not supported on c7i.large/,
    ],
    ["a limit of the account", { accountLimits: { instances: 0 } }, [], /\(InstanceLimitExceeded\)/],
    ["a full reservation", { capacity: { [WORLD.capacityReservationId]: 0 } }, [
      "--capacity-reservation-specification",
      `CapacityReservationTarget={CapacityReservationId=${WORLD.capacityReservationId}}`,
    ], /\(ReservationCapacityExceeded\)/],
  ];

cliTest("the AWS CLI tells what the simulator refuses as it does EC2's refusals", async () => {
  const worlds = REFUSED.map(([, options, words]) => ({
    aws: serveAws(options),
    words: [...words.includes("--network-interfaces") ? LAUNCH.slice(0, -2) : LAUNCH, ...words],
  }));
  try {
    const answers = await cli(worlds);
    for (const [index, [name, , , says]] of REFUSED.entries()) {
      const { status, stdout, stderr } = answers[index]!;
      // Version 1 of the CLI says 255 of a service's refusal, version 2 says 254.
      assertEquals([status === 0, stdout], [false, ""], name);
      assertMatch(stderr, says, name);
    }
  } finally {
    for (const { aws } of worlds) await aws.close();
  }
});
