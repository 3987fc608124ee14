import type { NodeGroup } from "../../config/model.ts";
import { recordLine } from "./conf_text.ts";
import type { GroupShape } from "./group_shape.ts";

/** One element of a Gres list: `gpu:a10g:4`, `lustre:no_consume:4G`. */
export interface Gres {
  readonly name: string;
  readonly type: string | undefined;
  readonly noConsume: boolean;
  /** As written, e.g. `4` or `4G`. */
  readonly count: string;
}

/** First device file of each maker's GPUs that Slurm can hand out; others are counted only when asked for. */
const FIRST_DEVICE: Readonly<Record<string, { readonly path: string; readonly number: number }>> = {
  NVIDIA: { path: "/dev/nvidia", number: 0 },
  AMD: { path: "/dev/dri/renderD", number: 128 },
};

/** GRES that have a plugin of their own (https://slurm.schedmd.com/gres.html); others are only counted. */
const WITH_PLUGIN = new Set(["gpu", "mps", "shard", "nic"]);

/**
 * The elements of a Gres value.
 * @throws {SyntaxError} naming the element that is not `name[:type][:no_consume][:count]`.
 */
export function parseGres(text: string): Gres[] {
  return text.split(",").map((element) => {
    const [name = "", ...rest] = element.split(":");
    const last = rest.at(-1);
    const count = last !== undefined && /^\d+[KMGTP]?$/i.test(last) ? rest.pop()! : "1";
    const noConsume = rest.at(-1) === "no_consume" && rest.pop() !== undefined;
    if (!/^[A-Za-z_]\w*$/.test(name) || rest.length > 1 || rest.some((type) => !/^[\w.-]+$/.test(type))) {
      throw new SyntaxError(
        `Gres element is not name[:type][:no_consume][:count]: "${element}" in gres "${text}"`,
      );
    }
    return { name, type: rest[0], noConsume, count };
  });
}

/** The Gres of a group's nodes: the group's own, else the GPUs that all its types have, else none. */
export function groupGres(group: Pick<NodeGroup, "gres">, shape: Pick<GroupShape, "gpus">): Gres[] {
  if (group.gres !== undefined) return parseGres(group.gres);
  const { gpus } = shape;
  if (gpus === undefined || gpus.manufacturer === undefined || !(gpus.manufacturer in FIRST_DEVICE)) {
    return [];
  }
  return [{ name: "gpu", type: gpus.type, noConsume: false, count: String(gpus.count) }];
}

/** The value of a NodeName line's Gres key; undefined for none. */
export function gresValue(gres: readonly Gres[]): string | undefined {
  if (gres.length === 0) return undefined;
  return gres.map(({ name, type, noConsume, count }) =>
    [name, type, noConsume ? "no_consume" : undefined, count].filter((part) => part !== undefined).join(":")
  ).join(",");
}

/**
 * Why a group's nodes would be drained for their GPUs, or undefined when they would not: slurmd finds fewer
 * devices than slurm.conf promises (https://slurm.schedmd.com/gres.conf.html).
 */
export function gresProblem(gres: readonly Gres[], shape: Pick<GroupShape, "gpus">): string | undefined {
  const asked = gres.filter(({ name }) => name === "gpu").reduce((sum, { count }) => sum + Number(count), 0);
  const there = shape.gpus?.count ?? 0;
  return asked > there ? `gres asks for ${asked} GPUs, but its instance types have ${there}` : undefined;
}

/** The lines of gres.conf for a group's nodes. */
export function gresLines(nodes: string, gres: readonly Gres[], shape: Pick<GroupShape, "gpus">): string[] {
  const device = FIRST_DEVICE[shape.gpus?.manufacturer ?? ""];
  let next = device?.number ?? 0;
  return gres.map(({ name, type, count }) => {
    const head = [["NodeName", nodes], ["Name", name], ["Type", type]] as const;
    if (name !== "gpu" || device === undefined) {
      return recordLine([...head, ["Count", count], [
        "Flags",
        WITH_PLUGIN.has(name) ? undefined : "CountOnly",
      ]]);
    }
    const first = next;
    next += Number(count);
    const range = next - first === 1 ? String(first) : `[${first}-${next - 1}]`;
    return recordLine([...head, ["File", `${device.path}${range}`]]);
  });
}
