import type { RenderInput } from "./render_input.ts";

/** NodeName keys that every line of ours sets, so that a DEFAULT line above can't reach them. */
const OUR_NODE_KEYS = new Set(
  "cpus boards socketsperboard corespersocket threadspercore realmemory feature weight state".split(" "),
);

/** What a person should know before installing the files, beside the power-saving block's own notes. */
export function renderNotes(
  input: RenderInput,
  { hasGres, suspendTime }: { readonly hasGres: boolean; readonly suspendTime: number },
): string[] {
  const { config, includeDir, site, zones } = input;
  const used = new Set(config.partitions.flatMap(({ nodeGroups }) => nodeGroups));
  const idle = config.nodeGroups.filter(({ name }) => !used.has(name)).map(({ name }) => name);
  const notes: string[] = [];
  if (idle.length > 0) {
    notes.push(
      `Node groups in no partition: ${
        idle.join(", ")
      }: add them to partitions, or write PartitionName lines of ` +
        `your own with Nodes= these names and SuspendTime=${suspendTime}`,
    );
  }
  if (hasGres && includeDir !== undefined) {
    notes.push(
      `Slurm reads gres.conf from the directory of slurm.conf only: copy ${includeDir}/gres.conf to ` +
        `${config.slurm.confDir}, or include it in the gres.conf there`,
    );
  }
  for (const { key, value, file, line } of site?.nodeDefaults ?? []) {
    if (OUR_NODE_KEYS.has(key.toLowerCase())) continue;
    notes.push(
      `${file}:${line}: NodeName=DEFAULT sets ${key}=${value} for cloud nodes too if it stands above the include ` +
        "lines: put them above it",
    );
  }
  if (zones === undefined) {
    notes.push("Features name no availability zone: subnets' zones are known with --aws only");
  }
  return notes;
}
