import type { Fault } from "../../lib/sim/faults.ts";
import { WORLD } from "../../lib/sim/fresh_world.ts";
import { serviceOf } from "../../lib/sim/step.ts";
import { parseFaults } from "../../lib/sim/wire/control.ts";
import type { WireOptions } from "../../lib/sim/wire/server.ts";
import { JSON_FLAG, UsageError } from "../base/command.ts";
import type { Flag, Flags } from "../base/flag.ts";

/** The flags of `simulate`. */
export const SIMULATE_FLAGS = [
  JSON_FLAG,
  {
    name: "port",
    value: "PORT",
    kind: "number",
    max: 65_535,
    summary: "Port on 127.0.0.1 (0: any free one, the default)",
  },
  { name: "region", value: "REGION", summary: `Region of the simulated world (${WORLD.region})` },
  { name: "latency", value: "MS", kind: "duration", unit: "ms", summary: "How long every call takes (0)" },
  {
    name: "invisible",
    value: "MS",
    kind: "duration",
    unit: "ms",
    summary: "How long a new instance stays invisible to other calls (0)",
  },
  { name: "pending-seconds", value: "S", kind: "duration", summary: "From launch to running (0)" },
  { name: "boot-seconds", value: "S", kind: "duration", summary: "From running to a guest that is up (0)" },
  {
    name: "shutdown-seconds",
    value: "S",
    kind: "duration",
    summary: "How long stopping and terminating take (0)",
  },
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
    kind: "address",
    summary: "What every instance says its private address is",
  },
  { name: "instance-dns", value: "NAME", summary: "What every instance says its private DNS name is" },
  {
    name: "capacity",
    value: "TYPE:ZONE[:spot]=N",
    repeat: true,
    summary: "How many instances a capacity pool holds; others never run out",
  },
  { name: "quota", value: "VCPUS", kind: "number", summary: "vCPU quota of on-demand and of spot instances" },
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
  { name: "seed", value: "N", kind: "number", summary: "Another seed gives other instance ids (1)" },
] as const satisfies readonly Flag[];

/** What `simulate` was given. */
export type SimulateFlags = Flags<typeof SIMULATE_FLAGS>;

/**
 * What the flags ask for.
 * @throws {UsageError} naming the flag whose value is wrong.
 */
export function simulateOptions(flags: SimulateFlags): WireOptions {
  const bootCommand = flags.get("boot-command");
  if (bootCommand === undefined && flags.positional.length > 0) {
    throw new UsageError(
      `Arguments without a boot command: "${flags.positional.join(" ")}" (give --boot-command PATH too)`,
    );
  }
  const tokens = flags.has("tokens");
  const { number, milliseconds } = flags;
  return defined({
    port: number.port,
    region: region(flags),
    seed: number.seed,
    latencyMs: milliseconds.latency,
    invisibleMs: milliseconds.invisible,
    pendingMs: milliseconds["pending-seconds"],
    bootMs: milliseconds["boot-seconds"],
    stoppingMs: milliseconds["shutdown-seconds"],
    shuttingDownMs: milliseconds["shutdown-seconds"],
    instanceAddress: flags.get("instance-address"),
    instanceDnsName: flags.get("instance-dns"),
    capacity: pairs(flags, "capacity", (pool, count) => [pool, naturalNumber("capacity", count)]),
    vcpuQuota: number.quota,
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
      `Flag --fault is not a fault: ${text}: ${error instanceof Error ? error.message : error}`,
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

function region(flags: SimulateFlags): string | undefined {
  const name = flags.get("region");
  if (name === undefined || /^[a-z]{2,}(-[a-z]+)+-\d+$/.test(name)) return name;
  throw new UsageError(`Flag --region is not a region: "${name}" (e.g. ${WORLD.region})`);
}

function naturalNumber(name: string, text: string): number {
  if (/^\d+$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text);
  throw new UsageError(`Flag --${name} needs a whole number: "${text}"`);
}

/** Flags whose values are `LEFT=RIGHT`. */
type PairFlag = "capacity" | "parameter" | "boot-env" | "throttle";

function pairs<T>(
  flags: SimulateFlags,
  name: PairFlag,
  entry: (left: string, right: string) => [string, T],
): Record<string, T> {
  return Object.fromEntries(flags.all(name).map((text) => entry(...splitPair(name, text))));
}

function splitPair(name: PairFlag, text: string): [string, string] {
  const equals = text.indexOf("=");
  if (equals > 0) return [text.slice(0, equals), text.slice(equals + 1)];
  const flag: Flag | undefined = SIMULATE_FLAGS.find((one) => one.name === name);
  throw new UsageError(`Flag --${name} needs ${flag?.value}: "${text}"`);
}

/** The same without what is undefined. */
export function defined<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}
