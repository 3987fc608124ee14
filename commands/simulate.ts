import { SNAPSHOT_DATE, snapshotInstanceTypes } from "../lib/aws/instance_type_snapshot.ts";
import { didYouMean } from "../lib/base/did_you_mean.ts";
import type { Fault } from "../lib/sim/faults.ts";
import { WORLD, worldZones } from "../lib/sim/fresh_world.ts";
import { serviceOf } from "../lib/sim/model.ts";
import { parseFaults } from "../lib/sim/wire/control.ts";
import {
  EXPIRED_ACCESS_KEY,
  INVALID_ACCESS_KEY,
  serveAws,
  type WireAws,
  type WireOptions,
} from "../lib/sim/wire/server.ts";
import { type Command, CommandError, type Flags, UsageError } from "./command.ts";
import { ExitCode } from "./exit_code.ts";
import type { Host } from "./host.ts";
import { NO_PERMISSIONS } from "./permissions.ts";
import { readPolicies } from "./simulate_policy.ts";

/** `slurm-ec2 simulate`. */
export const simulate: Command = {
  name: "simulate",
  summary:
    "Run a simulated AWS on this host: EC2, SSM, STS and quotas on one port, metadata for every instance.",
  arguments: "[BOOT-ARGUMENT…]",
  flags: [
    { name: "port", value: "PORT", summary: "Port on 127.0.0.1 (0: any free one, the default)" },
    { name: "region", value: "REGION", summary: `Region of the simulated world (${WORLD.region})` },
    { name: "latency", value: "MS", summary: "How long every call takes (0)" },
    { name: "invisible", value: "MS", summary: "How long a new instance stays invisible to other calls (0)" },
    { name: "pending-seconds", value: "S", summary: "From launch to running (0)" },
    { name: "boot-seconds", value: "S", summary: "From running to a guest that is up (0)" },
    { name: "shutdown-seconds", value: "S", summary: "How long stopping and terminating take (0)" },
    {
      name: "boot-command",
      value: "PATH",
      summary: "Program started for every instance when it is up; the arguments are handed to it",
    },
    {
      name: "boot-env",
      value: "NAME=VALUE",
      repeat: true,
      summary: "Environment variable of the boot command",
    },
    {
      name: "boot-unaligned",
      summary: "Start boot commands at once, not just after a full second as Slurm's boot times want it",
    },
    {
      name: "instance-address",
      value: "ADDRESS",
      summary: "What every instance says its private address is",
    },
    { name: "instance-dns", value: "NAME", summary: "What every instance says its private DNS name is" },
    {
      name: "capacity",
      value: "TYPE:ZONE[:spot]=N",
      repeat: true,
      summary: "How many instances a capacity pool holds; others never run out",
    },
    { name: "quota", value: "VCPUS", summary: "vCPU quota of on-demand and of spot instances" },
    {
      name: "throttle",
      value: "ACTION=N",
      repeat: true,
      summary: "Refuse the first N calls of an action as too many",
    },
    {
      name: "fault",
      value: "JSON",
      repeat: true,
      summary: "Something that goes wrong, as POST /_sim/faults takes it",
    },
    {
      name: "unsupported",
      value: "TYPE:ZONE",
      repeat: true,
      summary: "A zone doesn't offer an instance type",
    },
    {
      name: "tokens",
      summary: "Apply EC2's documented request and resource token buckets, and Parameter Store's throughput",
    },
    { name: "parameter", value: "NAME=VALUE", repeat: true, summary: "An SSM parameter to begin with" },
    {
      name: "policy",
      value: "FILE",
      repeat: true,
      summary: "Allow only what this IAM policy allows, as iam policy prints it; several are taken together",
    },
    {
      name: "node-policy",
      value: "FILE",
      repeat: true,
      summary: "The same for calls with the credentials that instances find in their metadata",
    },
    { name: "seed", value: "N", summary: "Another seed gives other instance ids (1)" },
  ],
  examples: [
    { command: "slurm-ec2 simulate --port 4566", says: "A simulated AWS on a port of your choice" },
    {
      command: "slurm-ec2 simulate --capacity c7i.large:us-east-1a=3 --latency 150 --throttle RunInstances=2",
      says: "One that runs out of a pool, is slow, and throttles",
    },
    {
      command: `slurm-ec2 simulate --fault '{"kind":"boot-failure","times":3}'`,
      says: "One whose first three instances never come up",
    },
    {
      command: "slurm-ec2 simulate --policy controller.json",
      says: "One that refuses what a policy, printed by iam policy, does not allow",
    },
    {
      command: "slurm-ec2 simulate --instance-address 127.0.0.1 --boot-command deploy/node/boot",
      says: "One whose instances are processes on this host",
    },
  ],
  notes: [
    "When it is ready it prints one JSON line with its url and the ids of its world, and it lives until SIGTERM or " +
    "SIGINT; then every boot command is ended too. Signatures are not verified, any access key will do.",
    "A boot command finds its metadata service in AWS_EC2_METADATA_SERVICE_ENDPOINT and its id in INSTANCE_ID; what " +
    "it prints is the instance's console, and when it ends by itself the instance was powered off from within.",
    "Control, with JSON bodies: GET /_sim/calls, GET /_sim/instances, POST /_sim/reset_calls, POST /_sim/faults, " +
    "POST /_sim/capacity, POST /_sim/settings, POST /_sim/power_off, POST /_sim/interrupt_spot.",
    "Kinds of fault: throttle, error (with a code) and lost-answer of an action; death (with a code) and " +
    "boot-failure of an instance.",
    "With --policy every call of EC2 and SSM is judged as IAM does, on each resource that it touches, and refused as " +
    "AWS words it; a policy with an element, operator or condition key that the simulator does not know is an error.",
    "Instances call with the credentials of their metadata, which --policy does not bind, but --node-policy does.",
    `The access keys ${EXPIRED_ACCESS_KEY} and ${INVALID_ACCESS_KEY} are answered as expired and as unknown.`,
  ].join("\n"),
  permissions: {
    ...NO_PERMISSIONS,
    net: ["loopback"],
    run: ["boot-command"],
    read: ["named"],
    onlyWith: { run: "boot-command", read: ["policy", "node-policy"] },
  },
  async run(host, flags) {
    const options = simulateOptions(flags);
    const instanceTypes = await snapshotInstanceTypes();
    const pairs = options.unsupported?.map((pair) => `${pair.instanceType}:${pair.availabilityZone}`) ?? [];
    const known = { types: [...instanceTypes.keys()], zones: zonesOf(options.region ?? WORLD.region) };
    checkPools("capacity", Object.keys(options.capacity ?? {}), known);
    checkPools("unsupported", pairs, known);
    const policies = policyOptions(host, flags, options.region ?? WORLD.region);
    host.onInterrupt();
    const aws = listen({ ...options, instanceTypes, ...policies });
    try {
      host.stdout.write(`${JSON.stringify(readyLine(aws))}\n`);
      await untilInterrupted(host);
    } finally {
      await aws.close();
    }
    return ExitCode.Done;
  },
};

/**
 * What the flags ask for.
 * @throws {UsageError} naming the flag whose value is wrong.
 */
export function simulateOptions(flags: Flags): WireOptions {
  const bootCommand = flags.get("boot-command");
  if (bootCommand === undefined && flags.positional.length > 0) {
    throw new UsageError(
      `Arguments without a boot command: "${flags.positional.join(" ")}" (give --boot-command PATH too)`,
    );
  }
  const tokens = flags.has("tokens");
  return defined({
    port: integer(flags, "port", 65_535),
    region: region(flags),
    seed: integer(flags, "seed"),
    latencyMs: integer(flags, "latency"),
    invisibleMs: integer(flags, "invisible"),
    pendingMs: seconds(flags, "pending-seconds"),
    bootMs: seconds(flags, "boot-seconds"),
    stoppingMs: seconds(flags, "shutdown-seconds"),
    shuttingDownMs: seconds(flags, "shutdown-seconds"),
    instanceAddress: flags.get("instance-address"),
    instanceDnsName: flags.get("instance-dns"),
    capacity: pairs(flags, "capacity", (pool, count) => [pool, naturalNumber("capacity", count)]),
    vcpuQuota: integer(flags, "quota"),
    requestTokens: tokens,
    resourceTokens: tokens,
    faults: [...flags.all("throttle").map(throttle), ...flags.all("fault").flatMap(fault)],
    unsupported: flags.all("unsupported").map(typeInZone),
    parameters: pairs(flags, "parameter", (name, value) => [name, value]),
    guests: bootCommand === undefined ? undefined : {
      command: [bootCommand, ...flags.positional],
      env: pairs(flags, "boot-env", (name, value) => [name, value]),
      align: !flags.has("boot-unaligned"),
      graceMs: 3000,
    },
  });
}

function policyOptions(
  host: Host,
  flags: Flags,
  region: string,
): Pick<WireOptions, "policies" | "nodePolicies"> {
  const read = (flag: string) => {
    const files = flags.all(flag);
    return files.length === 0 ? undefined : readPolicies(host, files, { region, account: WORLD.account });
  };
  return defined({ policies: read("policy"), nodePolicies: read("node-policy") });
}

function readyLine({ url, simulator: { world } }: WireAws): object {
  const { network, settings: { region, account }, instanceTypes } = world;
  return {
    url,
    region,
    account,
    vpc: network.vpcId,
    subnets: [...network.subnets.values()].map(({ subnetId, availabilityZone }) => ({
      subnetId,
      availabilityZone,
    })),
    images: WORLD.imageIds,
    keyPair: WORLD.keyName,
    securityGroups: [WORLD.securityGroupId],
    instanceProfile: WORLD.instanceProfileName,
    instanceTypes: { count: instanceTypes.size, snapshot: SNAPSHOT_DATE },
    env: [
      `AWS_ENDPOINT_URL=${url}`,
      `AWS_REGION=${region}`,
      `AWS_DEFAULT_REGION=${region}`,
      "AWS_ACCESS_KEY_ID=simulated",
      "AWS_SECRET_ACCESS_KEY=simulated",
    ],
  };
}

function untilInterrupted({ interrupted }: Host): Promise<void> {
  return new Promise((resolve) => {
    if (interrupted.aborted) resolve();
    else interrupted.addEventListener("abort", () => resolve(), { once: true });
  });
}

function zonesOf(region: string): readonly string[] {
  return worldZones(region).map(({ zoneName }) => zoneName);
}

function checkPools(
  flag: string,
  pools: readonly string[],
  known: { readonly types: readonly string[]; readonly zones: readonly string[] },
): void {
  for (const pool of pools) {
    const [type = "", zone = "", spot, ...rest] = pool.split(":");
    if (rest.length > 0 || (spot !== undefined && spot !== "spot")) {
      throw new UsageError(`Capacity pool "${pool}" is not TYPE:ZONE or TYPE:ZONE:spot`);
    }
    for (
      const [noun, name, names] of [["instance type", type, known.types], [
        "zone",
        zone,
        known.zones,
      ]] as const
    ) {
      if (names.includes(name)) continue;
      const guess = didYouMean(name, names);
      throw new UsageError(
        `Unknown ${noun} in --${flag}: "${name}"${guess ? ` (did you mean ${guess}?)` : ""}`,
      );
    }
  }
}

/** Begins to serve; a port that can't be had is the user's to mend. */
function listen(options: WireOptions): WireAws {
  try {
    return serveAws(options);
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse) && !(error instanceof Deno.errors.PermissionDenied)) {
      throw error;
    }
    throw new CommandError(
      `Port ${options.port} of 127.0.0.1 can't be had: ${error.message} (--port 0 takes any free one)`,
    );
  }
}

function throttle(text: string): Fault {
  const [action, times] = splitPair("throttle", text);
  if (serviceOf(action) === undefined) throw new UsageError(`Unknown action in --throttle: "${action}"`);
  return { kind: "throttle", action, times: naturalNumber("throttle", times) };
}

function fault(text: string): readonly Fault[] {
  try {
    return parseFaults(JSON.parse(text));
  } catch (error) {
    throw new UsageError(
      `Flag --fault is no fault: ${text}: ${error instanceof Error ? error.message : error}`,
    );
  }
}

function typeInZone(text: string): { readonly instanceType: string; readonly availabilityZone: string } {
  const [instanceType = "", availabilityZone = "", ...rest] = text.split(":");
  if (instanceType !== "" && availabilityZone !== "" && rest.length === 0) {
    return { instanceType, availabilityZone };
  }
  throw new UsageError(`Flag --unsupported needs TYPE:ZONE: "${text}"`);
}

function region(flags: Flags): string | undefined {
  const name = flags.get("region");
  if (name === undefined || /^[a-z]{2,}(-[a-z]+)+-\d+$/.test(name)) return name;
  throw new UsageError(`Flag --region is no region: "${name}" (e.g. ${WORLD.region})`);
}

function integer(flags: Flags, name: string, max = Number.MAX_SAFE_INTEGER): number | undefined {
  const text = flags.get(name);
  return text === undefined ? undefined : naturalNumber(name, text, max);
}

function naturalNumber(name: string, text: string, max = Number.MAX_SAFE_INTEGER): number {
  if (/^\d+$/.test(text) && Number(text) <= max) return Number(text);
  throw new UsageError(
    `Flag --${name} needs a whole number${max < Number.MAX_SAFE_INTEGER ? ` up to ${max}` : ""}: "${text}"`,
  );
}

/** Milliseconds of a flag in seconds. */
function seconds(flags: Flags, name: string): number | undefined {
  const text = flags.get(name);
  if (text === undefined) return undefined;
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
  throw new UsageError(`Flag --${name} needs a number of seconds: "${text}"`);
}

function pairs<T>(
  flags: Flags,
  name: string,
  entry: (left: string, right: string) => [string, T],
): Record<string, T> {
  return Object.fromEntries(flags.all(name).map((text) => entry(...splitPair(name, text))));
}

function splitPair(name: string, text: string): [string, string] {
  const equals = text.indexOf("=");
  if (equals > 0) return [text.slice(0, equals), text.slice(equals + 1)];
  const flag = simulate.flags.find((one) => one.name === name);
  throw new UsageError(`Flag --${name} needs ${flag?.value}: "${text}"`);
}

function defined<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}
