import { comment, type RenderedFile } from "./conf_text.ts";
import { fileHead } from "./file_head.ts";
import type { RenderInput } from "./render_input.ts";

/** Name of the file that holds the lines for slurm.conf. */
export const INCLUDE_LINES_FILE = "slurm.conf.include";
/** Name of the file for the site's own nodes, where the config names none. */
const ON_PREM_FILE = "slurm_nodes_on_prem.conf";

/**
 * The Include lines for the end of slurm.conf. The site's own nodes come last: DEFAULT lines among them then
 * can't reach ours.
 */
export function includeLines(input: RenderInput): RenderedFile {
  const { config, includeDir } = input;
  const path = (name: string) => includeDir === undefined ? name : `${includeDir}/${name}`;
  const onPrem = config.slurm.onPremConf ?? path(ON_PREM_FILE);
  return {
    name: INCLUDE_LINES_FILE,
    text: [
      ...fileHead(INCLUDE_LINES_FILE, input),
      ...comment("Paste these lines at the end of slurm.conf."),
      ...[path("power_save.conf"), path("slurm_nodes.conf"), onPrem].map((file) => `include ${file}`),
      "",
    ].join("\n"),
  };
}

/** An empty file for the site's own nodes. */
export function onPremConf(input: RenderInput): RenderedFile {
  return {
    name: ON_PREM_FILE,
    // Not the usual head: that marks files which are ours, and this one is the site's from now on.
    text: [
      ...comment(
        "The site's own nodes and partitions; the file may stay empty.",
        `Made once by ${input.program}, which never writes it again.`,
      ),
      "",
    ].join("\n"),
    keepInstalled: true,
  };
}
