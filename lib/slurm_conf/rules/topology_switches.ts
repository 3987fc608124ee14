import { expandHostlist } from "../../slurm/hostlist.ts";
import { isHostlist } from "../is_hostlist.ts";
import type { Report } from "../rule.ts";
import { type TopologyContext, type TopologyRecord, undefinedNodes } from "./topology_records.ts";

/** What slurmctld refuses or complains of in the switches of topology/tree. */
export function* switchReports(given: TopologyContext): Iterable<Report> {
  const { context, records, topology } = given;
  if (records.length === 0 && !topology.hasIncludes && context.isSince("26.05")) {
    yield {
      at: { file: topology.file, start: 0, end: 0 },
      message: "No SwitchName line: slurmctld does not start",
    };
  }
  for (const record of records) yield* ofSwitch(given, record);
  yield* undefinedNodes(given);
  if (!topology.hasIncludes) yield* circles(records);
}

function* ofSwitch(
  { context, records, topology }: TopologyContext,
  record: TopologyRecord,
): Iterable<Report> {
  const { name } = record;
  const [nodes, switches, speed] = ["nodes", "switches", "linkspeed"].map((key) => record.get(key));
  if (nodes !== undefined && switches !== undefined) {
    yield {
      at: switches,
      message:
        `Switch "${name.value.text}" has Nodes and Switches: slurmctld does not start; give the nodes a switch of their own`,
    };
  }
  if (nodes === undefined && switches === undefined) {
    const isTaken = context.isSince("25.05");
    yield {
      at: name,
      message: `Switch "${name.value.text}" has neither Nodes nor Switches: ${
        isTaken ? "no job runs below it" : "slurmctld does not start"
      }`,
      ...(isTaken ? { severity: "warning" as const, daemon: "logs" as const } : {}),
    };
  }
  if (speed !== undefined && !isLinkSpeed(speed.value.text)) {
    yield {
      at: speed.value,
      message: `LinkSpeed "${speed.value.text}" is not a whole number: slurmctld does not start`,
    };
  }
  if (nodes !== undefined && context.isSince("24.11") && !isHostlist(nodes.value.text)) {
    yield {
      at: nodes.value,
      message: `Nodes "${nodes.value.text}" is not a list of node names: slurmctld does not start`,
    };
  }
  if (switches === undefined || topology.hasIncludes) return;
  const names = new Set(records.map((other) => other.name.value.text));
  for (const child of childrenOf(record) ?? [switches.value.text]) {
    if (names.has(child) && child !== name.value.text) continue;
    const why = child === name.value.text ? "is below itself" : `names "${child}", which has no line`;
    yield { at: switches.value, message: `Switch "${name.value.text}" ${why}: slurmctld does not start` };
  }
}

/** Names of a switch's children; undefined where the list can't be read. */
function childrenOf(record: TopologyRecord): readonly string[] | undefined {
  const text = record.get("switches")?.value.text;
  if (text === undefined) return [];
  try {
    return expandHostlist(text);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return undefined;
  }
}

/** Switches that are below each other. */
function* circles(records: readonly TopologyRecord[]): Iterable<Report> {
  const byName = new Map(records.map((record) => [record.name.value.text, record]));
  for (const record of records) {
    const start = record.name.value.text;
    const seen = new Set<string>();
    const queue = (childrenOf(record) ?? []).filter((child) => child !== start);
    for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
      if (seen.has(name)) continue;
      seen.add(name);
      queue.push(...childrenOf(byName.get(name) ?? record) ?? []);
      if (!queue.includes(start)) continue;
      yield { at: record.name.value, message: `Switch "${start}" is below itself: slurmctld does not start` };
      break;
    }
  }
}

/** Whole numbers in decimal, octal and hexadecimal, with a unit or without, and Slurm's words for no limit: seen on the three daemons. */
function isLinkSpeed(text: string): boolean {
  return /^\+?(0x[\da-f]+|0[0-7]*|[1-9]\d*[kmg]?)$|^(infinite|unlimited)$/i.test(text);
}
