import type { AccountLimits } from "../../lib/sim/world.ts";
import type { Fault } from "../../lib/sim/faults.ts";
import { WORLD } from "../../lib/sim/fresh_world.ts";
import { serviceOf } from "../../lib/sim/step.ts";
import { parseFaults } from "../../lib/sim/wire/control.ts";
import type { WireOptions } from "../../lib/sim/wire/server.ts";
import { UsageError } from "../base/command.ts";
import type { Flag } from "../base/flag.ts";
import { SIMULATE_FLAGS, type SimulateFlags } from "./flags.ts";

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
    addresses: pairs(flags, "addresses", (id, count) => [id, naturalNumber("addresses", count)]),
    subnets: flags.all("subnet").map((text) => {
      const [availabilityZone, cidrBlock] = splitPair("subnet", text);
      return { availabilityZone, cidrBlock };
    }),
    vcpuQuota: number.quota,
    quotas: pairs(flags, "quota-code", (code, vcpus) => [code, naturalNumber("quota-code", vcpus)]),
    accountLimits: pairs(flags, "account-limit", accountLimit),
    lacksSpotRole: flags.has("without-spot-role"),
    requestTokens: tokens,
    resourceTokens: tokens,
    faults: [...flags.all("throttle").map(throttle), ...flags.all("fault").flatMap(fault)],
    unsupported: flags.all("unsupported").map(typeInZone),
    parameters: pairs(flags, "parameter", (name, value) => [name, value]),
    guests: bootCommand === undefined ? undefined : {
      command: [bootCommand, ...flags.positional],
      env: pairs(flags, "boot-env", (name, value) => [name, value]),
      align: !flags.has("boot-unaligned"),
      // EC2 lets the operating system shut down, which for systemd may take 90 s; a guest that is loaded needs seconds.
      graceMs: 30_000,
    },
  });
}

const ACCOUNT_LIMITS: readonly string[] = [
  "instances",
  "networkInterfaces",
  "volumeGiB",
] satisfies (keyof AccountLimits)[];

function accountLimit(name: string, most: string): [string, number] {
  if (ACCOUNT_LIMITS.includes(name)) return [name, naturalNumber("account-limit", most)];
  throw new UsageError(`Unknown limit in --account-limit: "${name}" (${ACCOUNT_LIMITS.join(", ")})`);
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
type PairFlag =
  | "account-limit"
  | "addresses"
  | "boot-env"
  | "capacity"
  | "parameter"
  | "quota-code"
  | "subnet"
  | "throttle";

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
