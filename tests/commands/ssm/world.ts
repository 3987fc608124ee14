import { WORLD } from "../../../lib/sim/fresh_world.ts";
import { type InMemoryAws, inMemoryAws, type InMemoryOptions } from "../../../lib/sim/in_memory.ts";

const REGION = WORLD.region;

/** Names of the parameters that {@link SSM_CONFIG} implies. */
export const NAMES = {
  image: `/chip/SlurmNodeAmi/Rocky/9/x86_64/${REGION}`,
  keyPair: `/chip/SlurmNodeEc2KeyPairs/${REGION}`,
  securityGroups: `/chip/SlurmNodeSecurityGroups/${REGION}`,
} as const;

/** Those parameters, with values that the simulated AWS knows. */
export const PARAMETERS: Readonly<Record<string, string>> = {
  [NAMES.image]: WORLD.imageIds.x86_64,
  [NAMES.keyPair]: WORLD.keyName,
  [NAMES.securityGroups]: WORLD.securityGroupId,
};

/** A configuration of one node group that reads everything from SSM. */
export const SSM_CONFIG = `
cluster: chip
region: ${REGION}
nodeGroups:
  - { name: a, nodes: "a[0-9]", os: { distribution: Rocky, version: 9 }, instanceTypes: [c7i.large], subnets: [${
  WORLD.subnetIds[0]
}] }
`;

/** A simulated AWS whose clock moves by sleeping only. */
export function ssmWorld(
  parameters: Readonly<Record<string, string>> = PARAMETERS,
  options: InMemoryOptions = {},
): { readonly aws: InMemoryAws; readonly clock: { now: number } } {
  const clock = { now: Date.UTC(2026, 0, 1) };
  const sleep = (milliseconds: number) => Promise.resolve(void (clock.now += milliseconds));
  return { aws: inMemoryAws({ now: () => clock.now, sleep, parameters, ...options }), clock };
}

/** What Parameter Store holds, newest versions, public parameters left out. */
export function stored({ simulator }: InMemoryAws): Record<string, string> {
  return Object.fromEntries(
    [...simulator.world.parameters].filter(([name]) => !name.startsWith("/aws/"))
      .map(([name, versions]) => [name, versions.at(-1)!.value]),
  );
}
