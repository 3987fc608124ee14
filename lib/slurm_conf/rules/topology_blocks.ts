import { isBlockSizes } from "../block_sizes.ts";
import { isHostlist } from "../is_hostlist.ts";
import type { Report } from "../rule.ts";
import { type TopologyContext, undefinedNodes } from "./topology_records.ts";

/** The largest first size that slurmctld 26.05.5 starts with; it ends with 65536 and more. */
const MOST_IN_A_BLOCK = 65_535;

/** What slurmctld refuses or complains of in the blocks of topology/block. */
export function* blockReports(given: TopologyContext): Iterable<Report> {
  const { context, records, topology } = given;
  const all = topology.lines.flat().filter(({ name }) => name === "blocksizes");
  const sizes = all.at(-1);
  if (sizes !== undefined && !isBlockSizes(sizes.value.text)) {
    yield {
      at: sizes.value,
      message:
        `BlockSizes "${sizes.value.text}" must begin with a number above 0, and each further one be larger by a power of two: slurmctld does not start`,
    };
  }
  const least = sizes === undefined ? 0 : Number.parseInt(sizes.value.text, 10);
  if (least > MOST_IN_A_BLOCK && context.isSince("26.05")) {
    yield {
      at: sizes!.value,
      message: `BlockSizes begins with ${least}, more than ${MOST_IN_A_BLOCK}: slurmctld does not start`,
    };
  }
  for (const record of records) {
    const nodes = record.get("nodes");
    if (nodes === undefined && !context.isSince("25.05")) {
      yield {
        at: record.name,
        message: `Block "${record.name.value.text}" has no Nodes: slurmctld does not start`,
      };
    }
    if (nodes !== undefined && !isHostlist(nodes.value.text)) {
      yield {
        at: nodes.value,
        message: `Nodes "${nodes.value.text}" is not a list of node names: slurmctld does not start`,
      };
    }
  }
  yield* undefinedNodes(given);
  if (topology.hasIncludes) return;
  if (context.isSince("26.05")) yield* noBlocks(given, sizes !== undefined);
  else if (!context.isSince("25.05")) yield* smallBlocks(given, sizes?.value.text);
}

function* noBlocks(
  { records, topology, countDefined }: TopologyContext,
  hasSizes: boolean,
): Iterable<Report> {
  const at = { file: topology.file, start: 0, end: 0 };
  if (records.length === 0) yield { at, message: "No BlockName line: slurmctld does not start" };
  const counts = records.map((record) => countDefined(record.get("nodes")?.value.text ?? ""));
  if (records.length === 0 || hasSizes || counts.some((count) => count !== 0)) return;
  yield {
    at: records[0]!.name,
    message: "No block has a node, and BlockSizes is not set: slurmctld does not start",
  };
}

/** Before 25.05 no block may have fewer nodes than the smallest of BlockSizes, or without that than the first block. */
function* smallBlocks(
  { records, countDefined }: TopologyContext,
  sizes: string | undefined,
): Iterable<Report> {
  const counts = records.map((record) => countDefined(record.get("nodes")?.value.text ?? ""));
  const least = sizes === undefined ? counts[0] : Number(sizes.split(",")[0]);
  if (least === undefined || Number.isNaN(least)) return;
  for (const [index, { name }] of records.entries()) {
    const count = counts[index];
    if (count === undefined || (count >= least && count > 0)) continue;
    yield {
      at: name,
      message: `Block "${name.value.text}" has ${count} nodes of slurm.conf, fewer than ${
        sizes === undefined ? "the first block" : `BlockSizes ${sizes}`
      }: slurmctld does not start before 25.05`,
    };
  }
}
