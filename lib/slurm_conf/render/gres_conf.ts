import { comment, type RenderedFile } from "./conf_text.ts";
import { fileHead } from "./file_head.ts";
import { gresLines } from "./gres.ts";
import type { RenderInput } from "./render_input.ts";
import type { ResolvedGroup } from "./resolved_group.ts";

/** gres.conf, where any group has GRES: slurmctld reads CLOUD nodes' lines itself, nodes need the same file. */
export function gresConf(input: RenderInput, groups: readonly ResolvedGroup[]): RenderedFile | undefined {
  const lines = groups.flatMap(({ group, gres, shape }) => gresLines(group.nodes, gres, shape));
  if (lines.length === 0) return undefined;
  return {
    name: "gres.conf",
    text: [
      ...fileHead("gres.conf", input),
      ...comment("It must lie next to slurm.conf, on the controller and on the nodes alike."),
      ...lines,
      "",
    ].join("\n"),
  };
}
