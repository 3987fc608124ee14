import { countHostlist, padNumber, splitHostlist } from "../../slurm/hostlist.ts";
import { nameAt, type NameRange, rangeOf } from "../../slurm/name_ranges.ts";
import type { Context, NodeRecord } from "../context.ts";
import type { Document, RecordEntry, Setting } from "../document.ts";
import { membershipOf } from "./membership.ts";
import { firstNames, nodeIndex, rangesOf } from "./node_index.ts";

/** A line of gres.conf that defines GRES. */
export interface GresLine {
  readonly entry: RecordEntry;
  /** As written; undefined where the line lacks it. */
  readonly name: Setting | undefined;
  /** In lower case, as Slurm compares; empty where there is none. */
  readonly type: string;
  /** As written; undefined where there are no device files. */
  readonly files: Setting | undefined;
  /** Device files; undefined where there are none, or they can't be counted. */
  readonly fileCount: number | undefined;
  /** Whether its files are MIG instances and the like, of which several make one device. */
  readonly hasMultipleFiles: boolean;
  /** How many of the GRES: Count, else the files, else 1; undefined where that is not known. */
  readonly count: number | undefined;
}

/** A CLOUD node that stands for all nodes of its NodeName line with the same lines of gres.conf. */
export interface GresSample {
  /** Its name. */
  readonly name: string;
  /** Lines in reading order; those without NodeName hold for every node. */
  readonly lines: readonly GresLine[];
  /** The AutoDetect that holds for it, of its own line before the general one. */
  readonly autoDetect: Setting | undefined;
}

/** What gres.conf says of the CLOUD nodes: the only ones that slurmctld reads it for. */
export interface CloudGres {
  /** Nodes of a NodeName line of slurm.conf, one for each set of lines; at most {@link MAX_SAMPLES}. */
  samplesOf(node: NodeRecord): readonly GresSample[];
  /** Names of all lines, in lower case. */
  readonly names: ReadonlySet<string>;
  /** Whether a line with NodeName turns AutoDetect off. */
  readonly turnsOffSomewhere: boolean;
}

/** Nodes looked at for one NodeName line: nobody writes more kinds of nodes on one. */
const MAX_SAMPLES = 50;

/** Undefined where no gres.conf was given, or GresTypes is not set, so that slurmctld doesn't read it. */
export function cloudGres(context: Context): CloudGres | undefined {
  const { gres } = context;
  if (gres === undefined || gresTypes(context).size === 0) return undefined;
  return context.once(makeCloudGres, () => makeCloudGres(context, gres));
}

/** The words of GresTypes in lower case. */
export function gresTypes(context: Context): ReadonlySet<string> {
  return new Set(context.tokens("GresTypes").map(({ name }) => name.toLowerCase()));
}

/** A record of gres.conf with the nodes that it holds for; undefined: all. */
interface Placed {
  readonly line: GresLine;
  readonly ranges: readonly NameRange[] | undefined;
  readonly autoDetect: Setting | undefined;
}

function makeCloudGres(context: Context, gres: Document): CloudGres {
  const { index } = membershipOf(context);
  const byNode = new Map<NodeRecord, Placed[]>();
  let general: Setting | undefined;
  let turnsOffSomewhere = false;
  for (const entry of gres.entries) {
    if (entry.kind === "setting" && entry.name === "autodetect") general = entry;
    if (entry.kind !== "record") continue;
    const hostlist = settingOf(entry, "nodename")?.value.text;
    // Without NodeName AutoDetect on the line has no effect, which slurmctld logs.
    const autoDetect = hostlist === undefined ? undefined : settingOf(entry, "autodetect");
    const placed = {
      line: gresLine(entry),
      ranges: hostlist === undefined ? undefined : rangesOf(hostlist) ?? [],
      autoDetect,
    };
    const nodes = hostlist === undefined
      ? context.cloudNodes
      : (index.divide(hostlist)?.shares ?? []).map(({ item }) => item).filter(({ isCloud }) => isCloud);
    if (nodes.length > 0 && /^off$/i.test(autoDetect?.value.text ?? "")) turnsOffSomewhere = true;
    for (const node of nodes) push(byNode, node, placed);
  }
  const samples = new Map<NodeRecord, readonly GresSample[]>();
  return {
    samplesOf(node) {
      let found = samples.get(node);
      if (found === undefined) samples.set(node, found = samplesOf(node, byNode.get(node) ?? [], general));
      return found;
    },
    names: new Set(
      gres.entries.flatMap((entry) => {
        const name = entry.kind === "record" ? settingOf(entry, "name") : undefined;
        return name === undefined ? [] : [name.value.text.toLowerCase()];
      }),
    ),
    turnsOffSomewhere,
  };
}

/** The first node of each range that a line and the NodeName line share, and the first that no line names. */
function samplesOf(node: NodeRecord, placed: readonly Placed[], general: Setting | undefined): GresSample[] {
  const own = rangesOf(node.name) ?? [];
  const named = placed.flatMap(({ ranges }) => ranges ?? []);
  const rest = nodeIndex([{ hostlist: foldRanges(named), item: true }]).divide(node.name)?.rest ?? own;
  const names = new Set<string>([
    ...firstNames(rest, 1),
    ...named.slice(0, MAX_SAMPLES).flatMap((range) => own.flatMap((one) => firstShared(one, range) ?? [])),
  ]);
  const bySet = new Map<string, GresSample>();
  for (const name of [...names].slice(0, MAX_SAMPLES)) {
    const at = rangeOf(name);
    const here = placed.filter(({ ranges }) =>
      ranges?.some((range) => firstShared(range, at) !== undefined) ?? true
    );
    const key = here.map((one) => placed.indexOf(one)).join();
    if (bySet.has(key)) continue;
    bySet.set(key, {
      name,
      // A line of NodeName and AutoDetect alone defines nothing.
      lines: here.filter(({ line, autoDetect }) => line.name !== undefined || autoDetect === undefined).map((
        { line },
      ) => line),
      autoDetect: here.findLast(({ autoDetect }) => autoDetect !== undefined)?.autoDetect ?? general,
    });
  }
  return [...bySet.values()];
}

/** The first name that two ranges share. */
function firstShared(a: NameRange, b: NameRange): string | undefined {
  if (a.head !== b.head || a.tail !== b.tail || a.length !== b.length) return undefined;
  const first = Math.max(a.lo, b.lo);
  return first > Math.min(a.hi, b.hi) ? undefined : nameAt(a, first);
}

/** Ranges as a hostlist. */
function foldRanges(ranges: readonly NameRange[]): string {
  return ranges.map((range) => {
    if (range.length === 0) return range.head;
    const number = (n: number) => padNumber(n, range.length);
    return `${range.head}[${number(range.lo)}-${number(range.hi)}]${range.tail}`;
  }).join(",");
}

function push(byNode: Map<NodeRecord, Placed[]>, node: NodeRecord, placed: Placed): void {
  const lines = byNode.get(node);
  if (lines === undefined) byNode.set(node, [placed]);
  else lines.push(placed);
}

function gresLine(entry: RecordEntry): GresLine {
  const files = settingOf(entry, "file") ?? settingOf(entry, "files");
  const multiple = settingOf(entry, "multiplefiles");
  const fileCount = files === undefined ? undefined : countFiles(files.value.text);
  const count = settingOf(entry, "count")?.value.text;
  return {
    entry,
    name: settingOf(entry, "name"),
    type: settingOf(entry, "type")?.value.text.toLowerCase() ?? "",
    files,
    fileCount,
    hasMultipleFiles: multiple !== undefined,
    count: count === undefined
      ? files === undefined ? multiple === undefined ? 1 : undefined : fileCount
      : gresCount(count),
  };
}

/** Device files are listed like nodes: `/dev/nvidia[0-3]`. */
function countFiles(text: string): number | undefined {
  try {
    return splitHostlist(text).reduce((sum, part) => sum + countHostlist(part), 0);
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) return undefined;
    throw error;
  }
}

/** `4G` of gres.conf and slurm.conf: a number with a unit of 1024; undefined when it isn't one. */
export function gresCount(text: string): number | undefined {
  const found = /^\+?(\d+)([kmgtp]?)$/i.exec(text);
  if (found === null) return undefined;
  const unit = found[2]!.toLowerCase();
  return Number(found[1]) * (unit === "" ? 1 : 1024 ** ("kmgtp".indexOf(unit) + 1));
}

function settingOf(entry: RecordEntry, name: string): Setting | undefined {
  return entry.settings.findLast((setting) => setting.name === name);
}
