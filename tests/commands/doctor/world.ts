import { doctor } from "../../../commands/doctor/doctor.ts";
import type { ExitCode } from "../../../commands/base/exit_code.ts";
import type { PricingApi } from "../../../lib/aws/pricing_api.ts";
import type { InstanceTypeFacts } from "../../../lib/aws/ec2_api.ts";
import { EXAMPLE_INSTANCE_TYPES } from "../../../lib/sim/example_instance_types.ts";
import { WORLD } from "../../../lib/sim/fresh_world.ts";
import { type InMemoryAws, inMemoryAws, type InMemoryOptions } from "../../../lib/sim/in_memory.ts";
import type { CheckResult } from "../../../lib/preflight/check_result.ts";
import { type AwsWorld, runWithAws } from "../aws_host.ts";

/** Two groups in two subnets, one of which stops its instances, and a partition over both. */
export const DOCTOR_CONFIG = `
cluster: chip
region: ${WORLD.region}
aws: { profile: slurm, credentialsFile: /etc/slurm/aws/credentials, configFile: /etc/slurm/aws/config }
defaults: { os: { distribution: Rocky, version: "9" }, instanceProfile: ${WORLD.instanceProfileName} }
nodeGroups:
  - { name: a, nodes: "a[0-9]", instanceTypes: [c7i.xlarge, c7i.large], subnets: [${WORLD.subnetIds[0]}] }
  - { name: b, nodes: "b[0-9]", instanceTypes: [c7i.large], subnets: [${
  WORLD.subnetIds[1]
}], powerDownAction: stop }
partitions: [{ name: cloud, nodeGroups: [a, b] }]
limits: { expectedBootSeconds: 30 }
`;

/** The SSM parameters that it implies. */
export const DOCTOR_PARAMETERS: Readonly<Record<string, string>> = {
  [`/chip/SlurmNodeAmi/Rocky/9/x86_64/${WORLD.region}`]: WORLD.imageIds.x86_64,
  [`/chip/SlurmNodeEc2KeyPairs/${WORLD.region}`]: WORLD.keyName,
  [`/chip/SlurmNodeSecurityGroups/${WORLD.region}`]: WORLD.securityGroupId,
};

/** Files of a controller where all is as it should be. */
export const DOCTOR_FILES: Readonly<Record<string, string>> = {
  "./slurm-ec2.yaml": DOCTOR_CONFIG,
  "/etc/slurm/aws/credentials": "[slurm]\naws_access_key_id = x\n",
  "/etc/slurm/aws/config": "[profile slurm]\nregion = us-east-1\n",
  "/etc/passwd":
    "root:x:0:0::/root:/bin/sh\nslurm:x:64030:64030::/var/lib/slurm:/bin/false\nann:x:1000:1000::/h:/bin/sh\n",
};

/** A price list in which everything costs 0.1 USD/h. */
export const PRICING: PricingApi = {
  getProducts: () =>
    Promise.resolve({
      items: [JSON.stringify({
        terms: { OnDemand: { x: { priceDimensions: { y: { unit: "Hrs", pricePerUnit: { USD: "0.1" } } } } } },
      })],
    }),
};

/** A simulated AWS whose clock moves by sleeping only. */
export function doctorAws(
  options: InMemoryOptions = {},
): { readonly aws: InMemoryAws; readonly clock: { now: number } } {
  const clock = { now: Date.UTC(2026, 0, 1) };
  const sleep = (milliseconds: number) => Promise.resolve(void (clock.now += milliseconds));
  const types: ReadonlyMap<string, InstanceTypeFacts> = EXAMPLE_INSTANCE_TYPES;
  return {
    clock,
    aws: inMemoryAws({
      now: () => clock.now,
      sleep,
      parameters: DOCTOR_PARAMETERS,
      instanceTypes: types,
      ...options,
    }),
  };
}

/** What doctor did. */
export interface Examined {
  readonly exit: ExitCode;
  readonly stdout: string;
  readonly stderr: string;
  /** As --json has them; none where it printed something else. */
  readonly findings: readonly (CheckResult & { readonly section: string })[];
}

/** Sections that ask AWS. */
export const AWS_SECTIONS = [
  "credentials",
  "permissions",
  "parameters",
  "quotas",
  "subnets",
  "launch",
] as const;

/** Runs the sections that ask AWS, as the slurm user on a controller where all is well but what the world says. */
export async function examine(
  args: readonly string[],
  world: Omit<AwsWorld, "files"> & { readonly files?: AwsWorld["files"] },
): Promise<Examined> {
  const only = args.some((arg) => ["--only", "--launch"].includes(arg))
    ? []
    : AWS_SECTIONS.flatMap((name) => ["--only", name]);
  const { exit, stdout, stderr } = await runWithAws(doctor, ["--json", ...only, ...args], {
    pricing: PRICING,
    ...world,
    files: { ...DOCTOR_FILES, ...world.files },
    process: { uid: () => 64030, onInterrupt: () => {}, ...world.process },
  });
  const findings = stdout.startsWith("{") ? JSON.parse(stdout).findings : [];
  return { exit, stdout, stderr, findings };
}

/** Findings in short, those that passed left out. */
export function told(
  { findings }: Pick<Examined, "findings">,
  sections: readonly string[] = AWS_SECTIONS,
): string[] {
  return findings.filter(({ status, section }) =>
    ["warn", "fail"].includes(status) && sections.includes(section)
  ).map(({ status, section, what }) => `${section}: ${status} ${what}`);
}
