import { regionRemark } from "../../lib/aws/region_remark.ts";
import { SNAPSHOT_DATE, snapshotInstanceTypes } from "../../lib/aws/instance_type_snapshot.ts";
import { WORLD } from "../../lib/sim/fresh_world.ts";
import {
  EXPIRED_ACCESS_KEY,
  INVALID_ACCESS_KEY,
  serveAws,
  type WireAws,
  type WireOptions,
} from "../../lib/sim/wire/server.ts";
import { CommandError, defineCommand } from "../base/command.ts";
import { ExitCode } from "../base/exit_code.ts";
import type { Host } from "../base/host.ts";
import { NO_PERMISSIONS } from "../base/permissions.ts";
import { checkOptions } from "./check_options.ts";
import { SIMULATE_FLAGS, type SimulateFlags } from "./flags.ts";
import { defined, simulateOptions } from "./options.ts";
import { readPolicies } from "./policy.ts";

/** `slurm-ec2 simulate`. */
export const simulate = defineCommand({
  name: "simulate",
  summary:
    "Run a simulated AWS on this host: EC2, SSM, STS and quotas on one port, metadata for every instance.",
  arguments: "[BOOT-ARGUMENT…]",
  flags: SIMULATE_FLAGS,
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
    "When it is ready it says at a terminal how to point a configuration at it. Elsewhere, or with --json, it prints one " +
    "JSON line with its url and the ids of its world, and it lives until SIGTERM or " +
    "SIGINT; then every boot command is ended too. Signatures are not verified, any access key will do.",
    "A boot command finds its metadata service in AWS_EC2_METADATA_SERVICE_ENDPOINT and its id in INSTANCE_ID; what " +
    "it prints is the instance's console, and when it ends by itself the instance was powered off from within.",
    "A capacity POOL is TYPE:ZONE or TYPE:ZONE:spot, either with @GROUP for the room in a placement group, or the id of a " +
    "capacity reservation.",
    "Control, with JSON bodies: GET /_sim/calls, GET /_sim/refusals, GET /_sim/instances, POST /_sim/reset_calls, POST /_sim/faults, " +
    "POST /_sim/capacity, POST /_sim/addresses, POST /_sim/imds, POST /_sim/settings, POST /_sim/power_off, POST /_sim/interrupt_spot, POST /_sim/rebalance, POST /_sim/schedule_event, " +
    "POST /_sim/impair.",
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
    checkOptions({ ...options, instanceTypes });
    const policies = policyOptions(host, flags, options.region ?? WORLD.region);
    const odd = options.region === undefined ? undefined : regionRemark(options.region);
    if (odd !== undefined) host.stderr.write(`slurm-ec2: ${odd}\n`);
    host.onInterrupt();
    const aws = listen({ ...options, instanceTypes, ...policies });
    try {
      const ready = readyLine(aws);
      const isForPeople = host.stdout.isTerminal && !flags.has("json");
      host.stdout.write(isForPeople ? readyText(ready) : `${JSON.stringify(ready)}\n`);
      await untilInterrupted(host);
    } finally {
      await aws.close();
    }
    return ExitCode.Done;
  },
});

function policyOptions(
  host: Host,
  flags: SimulateFlags,
  region: string,
): Pick<WireOptions, "policies" | "nodePolicies"> {
  const read = (flag: "policy" | "node-policy") => {
    const files = flags.all(flag);
    return files.length === 0 ? undefined : readPolicies(host, files, { region, account: WORLD.account });
  };
  return defined({ policies: read("policy"), nodePolicies: read("node-policy") });
}

/** What the ready line says. */
type Ready = ReturnType<typeof readyLine>;

/** How a configuration is pointed at a simulated AWS: what a person at a terminal needs first. */
function readyText(
  { url, region, subnets, images, env }: Pick<Ready, "url" | "region" | "subnets" | "images" | "env">,
): string {
  const [subnet] = subnets;
  return [
    `Simulated AWS on ${url}, until Ctrl-C.`,
    "",
    "In slurm-ec2.yaml:",
    `  region: ${region}`,
    "  aws:",
    "    endpoints:",
    ...["ec2", "ssm", "sts", "quotas"].map((service) => `      ${service}: ${url}`),
    "  defaults:",
    `    subnets: [${subnet?.subnetId}]`,
    `    imageId: ${images.x86_64}`,
    "",
    "In the shell that runs slurm-ec2 (any access key will do):",
    ...env.filter((line) => !line.startsWith("AWS_ENDPOINT_URL=")).map((line) => `  export ${line}`),
    "",
    "All ids of its world: slurm-ec2 simulate --json",
    "",
  ].join("\n");
}

function readyLine({ url, simulator: { world } }: WireAws) {
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

/** Begins to serve; a port that can't be had is for the user to fix. */
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
