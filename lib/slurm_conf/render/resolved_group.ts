import type { InstanceTypeFacts } from "../../aws/ec2_api.ts";
import { didYouMean } from "../../base/did_you_mean.ts";
import type { NodeGroup } from "../../config/model.ts";
import { valueProblem } from "./conf_text.ts";
import type { Fault } from "./fault.ts";
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
  | { readonly kind: "refused"; readonly problems: readonly Fault[] };

/** A message about a key of the group that is being resolved. */
type Say = (problem: string, ...key: readonly (string | number)[]) => Fault;

/** Looks up a group's instance types and works out what Slurm shall know of its nodes; `index` is its place in the list. */
export function resolveGroup(group: NodeGroup, index: number, input: RenderInput): Resolution {
  const here: Say = (problem, ...key) => ({
    message: `Node group ${group.name}: ${problem}`,
    path: ["nodeGroups", index, ...key],
  });
  const types = group.instanceTypes.map((name) => input.facts.types.get(name));
  const problems = group.instanceTypes.flatMap((name, i) =>
    types[i] === undefined
      ? [here(unknownType(name, input), "instanceTypes", i)]
      : typeProblems(group, types[i]).map(([problem, key]) =>
        here(problem, ...key === "instanceTypes" ? [key, i] : [key])
      )
  );
  if (problems.length > 0) return { kind: "refused", problems };
  return resolveKnown(group, types as readonly InstanceTypeFacts[], input, here);
}

function resolveKnown(
  group: NodeGroup,
  types: readonly InstanceTypeFacts[],
  input: RenderInput,
  here: Say,
): Resolution {
  const shape = groupShape(group, types);
  const problems: Fault[] = [];
  let gres: Gres[] = [];
  try {
    gres = groupGres(group, shape);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    problems.push(here(error.message, "gres"));
  }
  const wrongGres = gresProblem(gres, shape);
  if (wrongGres !== undefined) problems.push(here(wrongGres, "gres"));
  const mix = group.gres === undefined ? gpuMix(types) : undefined;
  if (mix !== undefined) problems.push(here(mix, "instanceTypes"));
  const features = featureList(group, input.zones ?? new Map());
  for (const value of [group.nodes, ...features]) {
    const wrong = valueProblem(value);
    if (wrong === undefined) continue;
    problems.push(
      here(`"${value}" can't stand in slurm.conf: ${wrong}`, value === group.nodes ? "nodes" : "features"),
    );
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

/** Why types with and without GPUs can't be one group: its nodes would have no Gres, and no job could ask for a GPU. */
function gpuMix(types: readonly InstanceTypeFacts[]): string | undefined {
  const [withGpu, without] = [
    types.find(({ gpus }) => gpus.length > 0),
    types.find(({ gpus }) => gpus.length === 0),
  ];
  if (withGpu === undefined || without === undefined) return undefined;
  return `${withGpu.instanceType} has GPUs and ${without.instanceType} has none, so that no node of the group could ` +
    "promise one: put them into two groups";
}

function unknownType(name: string, { facts }: RenderInput): string {
  const guess = didYouMean(name, [...facts.types.keys()]);
  return `instance type ${name} is not in ${facts.origin}${
    guess === undefined ? "" : ` (did you mean ${guess}?)`
  }` +
    (facts.isSnapshot ? ": correct it, or take the facts from EC2 with --aws" : ": correct it");
}

function typeProblems(
  group: NodeGroup,
  facts: InstanceTypeFacts,
): (readonly [problem: string, key: "instanceTypes" | "threadsPerCore"])[] {
  const problems: [string, "instanceTypes" | "threadsPerCore"][] = [];
  if (!facts.architectures.includes(group.architecture)) {
    problems.push([
      `instance type ${facts.instanceType} is ${
        facts.architectures.join(" or ")
      }, the group says ${group.architecture}`,
      "instanceTypes",
    ]);
  }
  if (group.threadsPerCore !== undefined && group.threadsPerCore > facts.defaultThreadsPerCore) {
    problems.push([
      `threadsPerCore is ${group.threadsPerCore}, but instance type ${facts.instanceType} has ` +
      `${facts.defaultThreadsPerCore} thread a core`,
      "threadsPerCore",
    ]);
  }
  if (group.efa && facts.efa === undefined) {
    problems.push([
      `instance type ${facts.instanceType} has no Elastic Fabric Adapter: take efa: true away, or the type`,
      "instanceTypes",
    ]);
  }
  return problems;
}
