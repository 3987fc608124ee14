import { comment } from "./conf_text.ts";
import type { RenderInput } from "./render_input.ts";

/** In the first line of every rendered file: what distinguishes a file of ours from the site's own. */
export const WRITTEN_BY = "written by slurm-ec2";

/** The first lines of a rendered file: what made it and from what, nothing that changes from run to run. */
export function fileHead(
  name: string,
  input: Pick<RenderInput, "config" | "version" | "facts" | "program">,
): string[] {
  const { config, version, facts, program } = input;
  return comment(
    `${name} for Slurm ${version}, ${WRITTEN_BY} (${program}); edits are lost when it is rendered again.`,
    `Cluster ${config.cluster}, region ${config.region}. Facts of instance types: ${facts.origin}.`,
  );
}
