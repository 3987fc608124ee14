import { compareVersions } from "../versions.ts";
import { comment, recordLine, type RenderedFile } from "./conf_text.ts";
import { fileHead } from "./file_head.ts";
import { gresValue } from "./gres.ts";
import { MEMORY_MODEL } from "./memory_model.ts";
import { nodeSetNames } from "./node_set_names.ts";
import { partitionLine } from "./partition_line.ts";
import type { RenderInput } from "./render_input.ts";
import type { ResolvedGroup } from "./resolved_group.ts";
import { weightRule } from "./weight.ts";

/**
 * slurm_nodes.conf: the nodes of every group, a NodeSet for each, and the partitions. It has no DEFAULT line:
 * those would reach into whatever is included after it.
 */
export function nodesConf(
  input: RenderInput,
  groups: readonly ResolvedGroup[],
  suspendTime: number,
): RenderedFile {
  const { config, profile, version } = input;
  const sets = nodeSetNames(config.nodeGroups);
  const perPartition = profile === "slurm-ec2" && compareVersions(version, "21.08") >= 0;
  return {
    name: "slurm_nodes.conf",
    text: [
      ...fileHead("slurm_nodes.conf", input),
      ...comment(
        "CPUs, cores and RealMemory are the least of a group's instance types; EC2 publishes no number of sockets.",
        MEMORY_MODEL,
        weightRule(input.prices),
      ),
      ...groups.flatMap((group) => groupLines(group, sets.get(group.group.name)!)),
      "",
      ...(perPartition
        ? comment(
          "SuspendTime stands on these partitions alone: nodes of other partitions are never powered down.",
        )
        : []),
      ...config.partitions.map((partition) =>
        partitionLine(config, partition, {
          nodes: partition.nodeGroups.map((name) => sets.get(name)!).join(","),
          suspendTime: perPartition ? suspendTime : undefined,
        })
      ),
      "",
    ].join("\n"),
  };
}

function groupLines({ group, shape, gres, features, weight }: ResolvedGroup, set: string): string[] {
  const { smallestType, memoryMiB, cpus, coresPerSocket, threadsPerCore } = shape;
  return [
    "",
    ...comment(
      `${group.name}: ${group.instanceTypes.join(", ")} (${smallestType}: ${cpus} CPUs; ${memoryMiB} MiB)`,
    ),
    recordLine([
      ["NodeName", group.nodes],
      ["CPUs", cpus],
      ["Boards", 1],
      ["SocketsPerBoard", 1],
      ["CoresPerSocket", coresPerSocket],
      ["ThreadsPerCore", threadsPerCore],
      ["RealMemory", shape.realMemory],
      ["Gres", gresValue(gres)],
      ["Feature", features.join(",")],
      ["Weight", weight],
      ["State", "CLOUD"],
    ]),
    recordLine([["NodeSet", set], ["Nodes", group.nodes]]),
  ];
}
