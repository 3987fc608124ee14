import type { InstanceTypeFacts } from "../../aws/ec2_api.ts";
import { didYouMean } from "../../base/did_you_mean.ts";
import type { NodeGroup } from "../../config/model.ts";
import { valueProblem } from "./conf_text.ts";
import { featureList } from "./feature_list.ts";
import { type Gres, gresProblem, groupGres } from "./gres.ts";
import { type GroupShape, groupShape } from "./group_shape.ts";
import type { RenderInput } from "./render_input.ts";
import { weightByPrice, weightBySize } from "./weight.ts";

/** A node group with all that its lines are made of. */
export interface ResolvedGroup {
  readonly group: NodeGroup;
  readonly shape: GroupShape;
  readonly gres: readonly Gres[];
  readonly features: readonly string[];
  readonly weight: number;
}

/** A group's lines' worth of data, or every reason why it can't be rendered. */
export type Resolution =
  | { readonly kind: "resolved"; readonly value: ResolvedGroup }
  | { readonly kind: "refused"; readonly problems: readonly string[] };

/** Looks up a group's instance types and works out what Slurm shall know of its nodes. */
export function resolveGroup(group: NodeGroup, input: RenderInput): Resolution {
  const here = (problem: string) => `Node group ${group.name}: ${problem}`;
  const types = group.instanceTypes.map((name) => input.facts.types.get(name));
  const problems = group.instanceTypes.flatMap((name, i) =>
    types[i] === undefined ? [here(unknownType(name, input))] : typeProblems(group, types[i]).map(here)
  );
  if (problems.length > 0) return { kind: "refused", problems };
  return resolveKnown(group, types as readonly InstanceTypeFacts[], input, here);
}

function resolveKnown(
  group: NodeGroup,
  types: readonly InstanceTypeFacts[],
  input: RenderInput,
  here: (problem: string) => string,
): Resolution {
  const shape = groupShape(group, types);
  const problems: string[] = [];
  let gres: Gres[] = [];
  try {
    gres = groupGres(group, shape);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    problems.push(here(error.message));
  }
  problems.push(...[gresProblem(gres, shape)].filter((problem) => problem !== undefined).map(here));
  const features = featureList(group, input.zones ?? new Map());
  for (const value of [group.nodes, ...features]) {
    const wrong = valueProblem(value);
    if (wrong !== undefined) problems.push(here(`"${value}" can't stand in slurm.conf: ${wrong}`));
  }
  const weight = group.weight ??
    (input.prices === undefined ? weightBySize(types[0]!) : weightByPrice(group, input.prices));
  if (weight === undefined) {
    problems.push(
      here(
        `no price for ${group.instanceTypes[0]} in ${
          input.prices!.origin
        }: give the group a weight, or a price with --prices`,
      ),
    );
  }
  if (problems.length > 0) return { kind: "refused", problems };
  return { kind: "resolved", value: { group, shape, gres, features, weight: weight! } };
}

function unknownType(name: string, { facts }: RenderInput): string {
  const guess = didYouMean(name, [...facts.types.keys()]);
  return `instance type ${name} is not in ${facts.origin}${
    guess === undefined ? "" : ` (did you mean ${guess}?)`
  }` +
    (facts.isSnapshot ? ": correct it, or take the facts from EC2 with --aws" : ": correct it");
}

function typeProblems(group: NodeGroup, facts: InstanceTypeFacts): string[] {
  const problems: string[] = [];
  if (!facts.architectures.includes(group.architecture)) {
    problems.push(
      `instance type ${facts.instanceType} is ${
        facts.architectures.join(" or ")
      }, the group says ${group.architecture}`,
    );
  }
  if (group.threadsPerCore !== undefined && group.threadsPerCore > facts.defaultThreadsPerCore) {
    problems.push(
      `threadsPerCore is ${group.threadsPerCore}, but instance type ${facts.instanceType} has ` +
        `${facts.defaultThreadsPerCore} thread a core`,
    );
  }
  return problems;
}
