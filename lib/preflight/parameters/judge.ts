import type { Image, InstanceTypeFacts } from "../../aws/ec2_api.ts";
import { type Answer, MISSING } from "../answer.ts";
import type { CheckResult } from "../check_result.ts";
import { checkImage } from "./image_checks.ts";
import { checkKeyPair } from "./key_pair_checks.ts";
import { checkSecurityGroups, checkSubnets, type NetworkFacts } from "./network_checks.ts";
import { checkParameter, checkUnused, type ParameterFacts } from "./parameter_checks.ts";
import { type Controller, DEFAULT_PORTS, type SlurmPorts } from "./port_checks.ts";
import type { WantedConfig, WantedValue } from "./wanted_value.ts";

/** What EC2 said. */
export interface Ec2Facts extends NetworkFacts {
  readonly images: ReadonlyMap<string, Answer<Image>>;
  readonly keyPairs: ReadonlyMap<string, Answer<{ readonly keyName: string }>>;
}

/** All that was asked. */
export interface Facts extends ParameterFacts {
  /** Absent where EC2 was not asked. */
  readonly ec2?: Ec2Facts;
}

/** What the verdict depends on besides the facts. */
export interface JudgeOptions {
  /** Milliseconds since 1970 UTC. */
  readonly now: number;
  /** What is known of instance types, by name. */
  readonly instanceTypes: ReadonlyMap<string, InstanceTypeFacts>;
  readonly controller?: Controller;
  /** Slurm's own defaults unless given. */
  readonly ports?: SlurmPorts;
}

/** Every finding about the values that a configuration implies: facts in, findings out; nothing is judged before. */
export function judge(config: WantedConfig, facts: Facts, options: JudgeOptions): CheckResult[] {
  return [
    ...facts.wanted.flatMap((one) => judgeValue(config, one, { facts, options })),
    ...(facts.ec2 ? checkSubnets(config.nodeGroups, facts.ec2, config.region) : [NOT_ASKED]),
    ...checkUnused(config, facts),
  ];
}

/** Findings about one value: is it there, is it well formed, does EC2 know what it names? */
export function judgeValue(
  { region }: Pick<WantedConfig, "region">,
  wanted: WantedValue,
  { facts, options }: { readonly facts: Omit<Facts, "wanted">; readonly options: JudgeOptions },
): CheckResult[] {
  const { findings, ids } = checkParameter(wanted, facts);
  const { ec2 } = facts;
  if (ec2 === undefined || ids.length === 0) return [...findings];
  const [id] = ids as [string];
  switch (wanted.kind) {
    case "image":
      return [
        ...findings,
        ...checkImage({ wanted, imageId: id, region, ...options }, ec2.images.get(id) ?? MISSING),
      ];
    case "keyPair":
      return [...findings, ...checkKeyPair({ wanted, keyName: id, region }, ec2.keyPairs.get(id) ?? MISSING)];
    case "securityGroups": {
      const { controller, ports = DEFAULT_PORTS } = options;
      return [...findings, ...checkSecurityGroups({ wanted, ids, region, controller, ports }, ec2)];
    }
  }
}

const NOT_ASKED: CheckResult = {
  check: "ec2",
  status: "info",
  what: "EC2",
  evidence: "was not asked: whether images, key pairs and security groups exist is not known",
};
