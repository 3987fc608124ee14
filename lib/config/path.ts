/** The way from the top of the file to a piece of it: keys and list indices (from 0). */
export type Path = readonly (string | number)[];

/** A path as people write it: `nodeGroups[0].subnets[1]`. */
export function pathText(path: Path): string {
  return path.map((part, index) => typeof part === "number" ? `[${part}]` : index === 0 ? part : `.${part}`)
    .join("");
}
