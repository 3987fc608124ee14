import type { RenderInput } from "./render_input.ts";
import type { ResolvedGroup } from "./resolved_group.ts";
import { weighedTresNotes } from "./weighed_tres.ts";

/** NodeName keys that every line of ours sets, so that a DEFAULT line above can't reach them. */
const OUR_NODE_KEYS = new Set(
  "cpus boards socketsperboard corespersocket threadspercore realmemory feature weight state".split(" "),
);

/** What a person should know before installing the files, besides the power-saving block's own notes. */
export function renderNotes(
  input: RenderInput,
  groups: readonly ResolvedGroup[],
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
  notes.push(...shapeNotes(groups, input), ...architectureNotes(config), ...topologyNotes(input));
  // A site's slurm.conf that is known was held against the weights: what it lacks is refused.
  if (site === undefined || site.settings.size === 0) {
    notes.push(...weighedTresNotes(config).map(({ message }) => message));
  }
  if (zones === undefined) {
    notes.push("Features name no availability zone: subnets' zones are known with --aws only");
  }
  return notes;
}

/** How much larger a group's largest type may be than its smallest before it is worth a word. */
const MUCH_LARGER = 2;

/** What nodes lose by the group's other types. */
function shapeNotes(groups: readonly ResolvedGroup[], { facts }: RenderInput): string[] {
  return groups.flatMap(({ group, shape, gres }) => {
    const types = group.instanceTypes.flatMap((name) => facts.types.get(name) ?? []);
    const largest = types.toSorted((a, b) =>
      b.memoryMiB - a.memoryMiB || b.defaultVCpus - a.defaultVCpus
    )[0]!;
    const notes: string[] = [];
    if (
      largest.memoryMiB > MUCH_LARGER * shape.memoryMiB || largest.defaultVCpus > MUCH_LARGER * shape.cpus
    ) {
      notes.push(
        `Node group ${group.name}: every node counts as ${shape.cpus} CPUs and ${shape.realMemory} MiB, the least of its ` +
          `types, also a ${largest.instanceType}: put types of other sizes into groups of their own`,
      );
    }
    const names = new Set(types.flatMap(({ gpus }) => gpus.map(({ name }) => name)));
    if (
      group.gres === undefined && gres.some(({ name, type }) => name === "gpu" && type === undefined) &&
      names.size > 1
    ) {
      notes.push(
        `Node group ${group.name}: its types have different GPUs (${
          [...names].join(", ")
        }), so Gres has no type and ` +
          "--gres=gpu:TYPE:N is refused: put them into groups of their own, or set gres",
      );
    }
    return notes;
  });
}

/** A program built for one architecture fails on the nodes of the other. */
function architectureNotes({ partitions, nodeGroups }: RenderInput["config"]): string[] {
  const byName = new Map(nodeGroups.map((group) => [group.name, group.architecture]));
  return partitions.flatMap((partition) => {
    const architectures = new Set(partition.nodeGroups.flatMap((name) => byName.get(name) ?? []));
    return architectures.size < 2 ? [] : [
      `Partition ${partition.name} has ${
        [...architectures].sort().join(" and ")
      } nodes: a job that doesn't say ` +
      "--constraint may get either; give each architecture a partition of its own",
    ];
  });
}

/** The topology must name the cloud nodes, or Slurm refuses their jobs (https://slurm.schedmd.com/topology.html). */
function topologyNotes({ site, config }: RenderInput): string[] {
  const plugin = site?.settings.get("topologyplugin");
  const kind = /^topology\/(tree|block)$/i.exec(plugin?.value ?? "")?.[1]?.toLowerCase();
  if (plugin === undefined || kind === undefined) return [];
  const isOptional = site?.settings.get("topologyparam")?.value.split(",").some((word) =>
    /^topooptional$/i.test(word)
  );
  if (isOptional) return [];
  const nodes = config.nodeGroups.map((group) => group.nodes).join(",");
  const line = kind === "tree"
    ? `SwitchName=cloud Nodes=${nodes}`
    : config.nodeGroups.map((group) => `BlockName=${group.name} Nodes=${group.nodes}`).join(" and ");
  return [
    `${plugin.file}:${plugin.line}: with ${plugin.value} Slurm refuses jobs for nodes that topology.conf doesn't name: ` +
    `add ${line} there${
      kind === "tree"
        ? ", and cloud to the Switches of the root switch where jobs span both kinds of nodes"
        : ""
    }; or set TopologyParam=TopoOptional`,
  ];
}
