import type { Image } from "../../aws/ec2_api.ts";
import type { Parameter } from "../../aws/ssm_api.ts";
import { type Answer, MISSING } from "../answer.ts";
import type { ValueKind, WantedValue } from "./wanted_value.ts";

/**
 * What is to become of one parameter: `create` and `change` write it, `same` needs nothing, `keep` is another value
 * that nobody asked to overwrite.
 */
export interface Write {
  readonly name: string;
  readonly value: string;
  readonly action: "create" | "change" | "same" | "keep";
  /** What is there now, as far as it may be read. */
  readonly before?: Parameter;
}

/** What each value means for what is there; a parameter that may not be read is written only if it is not there. */
export function planWrites(
  values: ReadonlyMap<string, string>,
  there: ReadonlyMap<string, Answer<Parameter>>,
  options: { readonly overwrite: boolean },
): Write[] {
  return [...values].map(([name, value]): Write => {
    const answer = there.get(name) ?? MISSING;
    if (answer.kind === "missing") return { name, value, action: "create" };
    if (answer.kind === "refused") return { name, value, action: options.overwrite ? "change" : "create" };
    const before = answer.value;
    const action = before.value === value ? "same" : options.overwrite ? "change" : "keep";
    return { name, value, action, before };
  });
}

/** A request that can't be turned into parameters: why, and what to do about it. */
export interface PutProblem {
  readonly kind: "problem";
  readonly message: string;
}

/** Values to be put, by what they are for. */
export interface PutValues {
  /** The image as EC2 knows it: its architecture decides which parameter is meant. */
  readonly image?: Image;
  readonly keyPair?: string;
  readonly securityGroups?: string;
}

/** The parameters that the values are for. */
export function valuesByName(
  wanted: readonly WantedValue[],
  { image, keyPair, securityGroups }: PutValues,
): Map<string, string> | PutProblem {
  const given: readonly (readonly [ValueKind, string | undefined])[] = [
    ["image", image?.imageId],
    ["keyPair", keyPair],
    ["securityGroups", securityGroups],
  ];
  const values = new Map<string, string>();
  for (const [kind, value] of given) {
    if (value === undefined) continue;
    const candidates = wanted.filter((one) => one.name !== undefined && one.kind === kind);
    const names = candidates.filter(({ groups }) =>
      kind !== "image" || groups[0]!.architecture === image!.architecture
    )
      .map(({ name }) => name!);
    const [name, ...others] = names;
    if (name === undefined) return { kind: "problem", message: noParameter(kind, image) };
    if (others.length > 0) {
      return {
        kind: "problem",
        message: `${image!.imageId} could be meant for ${
          names.join(", ")
        }: say for which node group by --group NAME`,
      };
    }
    values.set(name, value);
  }
  return values;
}

function noParameter(kind: ValueKind, image: Image | undefined): string {
  if (kind === "image") {
    return `No node group reads an image of architecture ${image!.architecture} from SSM, as ${
      image!.imageId
    } is: imageId in the configuration goes before SSM`;
  }
  const [noun, key] = kind === "keyPair"
    ? ["its key pair", "keyPair"]
    : ["its security groups", "securityGroups"];
  return `No node group reads ${noun} from SSM: ${key} in the configuration goes before SSM`;
}

/** Names that no hook of this configuration reads: writing them would help nobody. */
export function unreadNames(values: ReadonlyMap<string, string>, wanted: readonly WantedValue[]): string[] {
  const read = new Set(wanted.flatMap(({ name }) => name ?? []));
  return [...values.keys()].filter((name) => !read.has(name));
}
