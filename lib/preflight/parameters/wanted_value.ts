import { parameterNames } from "../../cluster/ssm_parameters.ts";
import type { Config, NodeGroup } from "../../config/model.ts";

/** What a launch needs to know. */
export type ValueKind = "image" | "keyPair" | "securityGroups";

/** The parts of the configuration that decide what is wanted. */
export type WantedConfig = Pick<Config, "cluster" | "region" | "ssm" | "nodeGroups">;

/** One value that node groups need, from a parameter or from the configuration itself. */
export interface WantedValue {
  readonly kind: ValueKind;
  /** How findings call it: the parameter's name, or the place in the configuration. */
  readonly what: string;
  /** The parameter that hooks read; absent: the configuration has the value. */
  readonly name?: string;
  /** The same parameter in the other spelling and under the other prefix, which hooks do not read. */
  readonly otherNames: readonly string[];
  /** The configuration's own value; security groups joined by commas. */
  readonly configured?: string;
  /** Where it is wanted. */
  readonly region: string;
  /** Who needs it. */
  readonly groups: readonly NodeGroup[];
}

/** Every value that the configuration implies, each once, parameters by name first; `keyPair: none` wants none. */
export function wantedValues(config: WantedConfig): WantedValue[] {
  const single = config.nodeGroups.flatMap((group) => ofGroup(config, group));
  const merged = Map.groupBy(single, ({ kind, name, configured }) => `${kind} ${name ?? `=${configured}`}`);
  return [...merged.values()].map((same): WantedValue => {
    const groups = same.flatMap(({ groups }) => groups);
    const first = same[0]!;
    return { ...first, groups, what: first.name ?? `nodeGroups ${names(groups)}: ${FIELD[first.kind]}` };
  }).sort((a, b) => Number(a.name === undefined) - Number(b.name === undefined) || compare(a.what, b.what));
}

/** Keys of the configuration that hold the values. */
const FIELD: Readonly<Record<ValueKind, string>> = {
  image: "imageId",
  keyPair: "keyPair",
  securityGroups: "securityGroups",
};

function ofGroup(config: WantedConfig, group: NodeGroup): WantedValue[] {
  const { region } = config;
  const asked = parameterNames(config, group);
  const others = alternatives(config).map((ssm) => parameterNames({ ...config, ssm }, group));
  const configured: Readonly<Record<ValueKind, string | undefined>> = {
    image: group.imageId,
    keyPair: group.keyPair === "none" ? undefined : group.keyPair,
    securityGroups: group.securityGroups?.join(","),
  };
  return (["image", "keyPair", "securityGroups"] as const).flatMap((kind): WantedValue[] => {
    const [name, value] = [asked[kind], configured[kind]];
    if (name === undefined) {
      return value === undefined
        ? []
        : [{ kind, what: "", otherNames: [], configured: value, region, groups: [group] }];
    }
    const otherNames = [...new Set(others.flatMap((names) => names[kind] ?? []))].filter((one) =>
      one !== name
    );
    return [{ kind, what: name, name, otherNames, region, groups: [group] }];
  });
}

/** Other places where somebody may have put the parameters: the other spelling, the cluster's name as prefix. */
function alternatives({ ssm, cluster }: WantedConfig): Config["ssm"][] {
  const spellings = ["SlurmNodeAmi", "SlurmNodeAmis"] as const;
  return prefixesOf({ ssm, cluster }).flatMap((prefix) =>
    spellings.map((spelling) => ({ prefix, spelling }))
  );
}

/**
 * The prefixes under which parameters are looked for, the configured one first. A cluster may be called what
 * Parameter Store keeps for itself (https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html).
 */
export function prefixesOf({ ssm, cluster }: Pick<WantedConfig, "ssm" | "cluster">): string[] {
  return [...new Set([ssm.prefix, ...(/^(aws|ssm)/i.test(cluster) ? [] : [cluster])])];
}

function names(groups: readonly NodeGroup[]): string {
  return groups.map(({ name }) => name).join(", ");
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
