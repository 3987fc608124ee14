import { WORLD } from "../../lib/sim/fresh_world.ts";
import { JSON_FLAG } from "../base/command.ts";
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
    value: "POOL=N",
    repeat: true,
    summary: "How many instances a capacity pool holds; others never run out",
  },
  {
    name: "subnet",
    value: "ZONE=CIDR",
    repeat: true,
    summary: "One more subnet, e.g. us-east-1a=10.0.96.0/28, which has 11 addresses",
  },
  {
    name: "addresses",
    value: "SUBNET=N",
    repeat: true,
    summary: "How many addresses others leave in a subnet",
  },
  {
    name: "quota",
    value: "VCPUS",
    kind: "number",
    summary: "vCPU quota of each set of instance families, on-demand and spot",
  },
  {
    name: "quota-code",
    value: "CODE=VCPUS",
    repeat: true,
    summary: "The same for one quota, e.g. L-1216C47A=64",
  },
  {
    name: "account-limit",
    value: "LIMIT=N",
    repeat: true,
    summary: "A limit of the account: instances of a type, networkInterfaces or volumeGiB",
  },
  {
    name: "without-spot-role",
    summary: "The service-linked role for spot instances is missing and can't be made",
  },
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
