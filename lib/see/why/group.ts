import { foldHostlist } from "../../slurm/hostlist.ts";
import type { NodeState } from "../../slurm/node_state.ts";
import { useOf, whyBooting, type WhyContext, whyNode } from "./node.ts";
import type { Why } from "./why.ts";

/** Nodes with the same answer. */
export interface WhyRow extends Why {
  /** Hostlist. */
  readonly nodes: string;
  readonly count: number;
}

/** Why nodes of a group can't be had, or that they can: the answer that most of the held nodes have, and all answers. */
export function whyGroup(
  nodes: readonly NodeState[],
  context: WhyContext,
): { readonly why: Why; readonly rows: readonly WhyRow[] } {
  const answers = nodes.map((node) => ({ name: node.name, why: whyNode(node, context) }));
  const alike = Map.groupBy(answers, ({ why }) => `${why.class} ${why.code} ${why.at ?? ""} ${why.sentence}`);
  const rows = [...alike.values()].map((some) => ({
    ...(some[0]!.why.class === "BOOTING"
      ? whyBooting(some.map(({ name }) => name), some[0]!.why.since, context)
      : some[0]!.why),
    nodes: foldHostlist(some.map(({ name }) => name)),
    count: some.length,
  })).sort((a, b) => Number(a.class === "NONE") - Number(b.class === "NONE") || b.count - a.count);
  const first = rows[0];
  if (first !== undefined && first.class !== "NONE") {
    const { nodes: names, count, ...why } = first;
    const others = nodes.length - count;
    const sentence = `${count} of ${nodes.length} nodes (${names}): ${why.sentence}`;
    return { why: { ...why, sentence }, rows: others === 0 ? [first] : rows };
  }
  const counts = [...Map.groupBy(nodes, useOf)].map(([use, some]) => `${some.length} ${use}`).join(", ");
  return {
    why: {
      class: "NONE",
      code: "OK",
      sentence: `no node of the group is held back (${counts === "" ? "slurmctld knows none" : counts})`,
      next: "slurmctld powers nodes up when jobs need them",
    },
    rows,
  };
}
