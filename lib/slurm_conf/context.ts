import { countHostlist } from "../slurm/hostlist.ts";
import {
  type Document,
  type Entry,
  type RecordEntry,
  recordSetting,
  type RecordType,
  type Setting,
  type Span,
  spanInValue,
} from "./document.ts";
import type { TopologyConf } from "./topology_conf.ts";
import type { TopologyYaml } from "./topology_yaml.ts";
import { compareVersions, inRange, type SlurmVersion, type VersionRange } from "./versions.ts";

/** One word of a comma-separated value such as SlurmctldParameters: `idle_on_node_suspend`, `node_reg_mem_percent=90`. */
export interface Token {
  /** Before the `=`, as written. */
  readonly name: string;
  /** After the `=`; undefined when there is none. */
  readonly value: string | undefined;
  /** The whole word. */
  readonly text: string;
  /** In the source. */
  readonly span: Span;
  /** The setting that it is a word of. */
  readonly setting: Setting;
  /** Its place among the words, empty ones counted. */
  readonly index: number;
}

/** A record about one or several names: a NodeName, PartitionName or NodeSet line. */
export interface NamedRecord {
  /** The line itself. */
  readonly entry: RecordEntry;
  /** The hostlist or name as written. */
  readonly name: string;
  /** Of the whole line's settings. */
  readonly span: Span;
  /** The setting in force: of the line, else of the DEFAULT lines above it. Key in any case. */
  get(key: string): Setting | undefined;
  /** Text of the setting in force. */
  text(key: string): string | undefined;
  /** The setting in force as a whole number; undefined when absent or none (`INFINITE`, `4G`). */
  number(key: string): number | undefined;
}

/** A NodeName line other than DEFAULT. */
export interface NodeRecord extends NamedRecord {
  /** How many nodes it names; 0 when the hostlist can't be read. */
  readonly count: number;
  /** Whether its State is CLOUD. */
  readonly isCloud: boolean;
}

/** What a rule sees. */
export interface Context {
  /** slurm.conf with its includes. */
  readonly document: Document;
  /** gres.conf with its includes, where it was given. */
  readonly gres: Document | undefined;
  /** topology.conf next to slurm.conf, where it could be read. */
  readonly topology: TopologyConf | undefined;
  /** topology.yaml next to slurm.conf, where there is one. */
  readonly topologyYaml: TopologyYaml | undefined;
  /** The release that is being checked. */
  readonly version: SlurmVersion;
  /**
   * Whether this is a part of a slurm.conf (no SlurmctldHost, ControlMachine or ClusterName): then what is absent
   * may stand in another part, and rules about absent keys keep quiet or soften.
   */
  readonly isFragment: boolean;
  /** Whether the release being checked is that one or newer. */
  isSince(version: SlurmVersion): boolean;
  /** Whether the release being checked lies in the range. */
  isIn(range: VersionRange): boolean;
  /** The plain setting in force: the last of that key. Key in any case. */
  setting(key: string): Setting | undefined;
  /** All plain settings of a key, in reading order. */
  settings(key: string): readonly Setting[];
  /** Every plain setting by key in lower case, in order of first appearance. */
  readonly settingsByKey: ReadonlyMap<string, readonly Setting[]>;
  /** Text of the plain setting in force. */
  text(key: string): string | undefined;
  /** The plain setting in force as a whole number; undefined when absent or none (`INFINITE`). */
  number(key: string): number | undefined;
  /** The words of the plain setting in force, empty ones left out. */
  tokens(key: string): readonly Token[];
  /** The last word of that name (any case) in the plain setting in force. */
  token(key: string, name: string): Token | undefined;
  /** NodeName lines, DEFAULT left out. */
  readonly nodes: readonly NodeRecord[];
  /** Those of State=CLOUD. */
  readonly cloudNodes: readonly NodeRecord[];
  /** How many CLOUD nodes there are. */
  readonly cloudNodeCount: number;
  /** PartitionName lines, DEFAULT left out. */
  readonly partitions: readonly NamedRecord[];
  /** NodeSet lines. */
  readonly nodeSets: readonly NamedRecord[];
  /** Records of any type, DEFAULT lines included, in reading order. */
  records(type: RecordType): readonly RecordEntry[];
  /** Where to point when something is absent: the first entry, or the beginning of the root file. */
  readonly start: Span;
  /** What rules work out of the facts once for all releases: `make` asks for no release that `key` does not name. */
  once<T>(key: unknown, make: () => T): T;
}

/** The words of a comma-separated value with their places; empty words are left out. */
export function tokensOf(setting: Setting): Token[] {
  const tokens: Token[] = [];
  const { text } = setting.value;
  let start = 0;
  for (let index = 0; start <= text.length; index++) {
    const comma = text.indexOf(",", start);
    const end = comma < 0 ? text.length : comma;
    const word = text.slice(start, end);
    if (word !== "") {
      const equals = word.indexOf("=");
      tokens.push({
        name: equals < 0 ? word : word.slice(0, equals),
        value: equals < 0 ? undefined : word.slice(equals + 1),
        text: word,
        span: spanInValue(setting.value, start, end),
        setting,
        index,
      });
    }
    start = end + 1;
  }
  return tokens;
}

/** A whole number as slurm.conf takes it: decimal, octal with a leading 0, or 0x; undefined for anything else. */
export function wholeNumber(text: string | undefined): number | undefined {
  if (text === undefined || !/^[+-]?(0x[0-9a-f]+|\d+)$/i.test(text)) return undefined;
  const digits = text.replace(/^[+-]/, "");
  // strtoul takes a leading 0 for octal, and stops at an 8 or 9.
  if (/^0\d*[89]/.test(digits)) return undefined;
  const value = /^0\d/.test(digits) ? parseInt(digits, 8) : Number(digits);
  return text.startsWith("-") ? -value : value;
}

/** Everything of a context that no release changes. */
export type Facts = Omit<Context, "version" | "isSince" | "isIn">;

/** Gathers what rules ask for, once for all releases. */
export function gatherFacts(
  document: Document,
  gres: Document | undefined,
  topology?: TopologyConf | undefined,
  topologyYaml?: TopologyYaml | undefined,
): Facts {
  const settingsByKey = groupSettings(document.entries);
  const records = groupRecords(document.entries);
  const recordsOf = (type: RecordType) => records.get(type) ?? [];
  const named = (type: RecordType) => recordsOf(type).filter((entry) => !entry.isDefault).map(namedRecord);
  const settings = (key: string) => settingsByKey.get(key.toLowerCase()) ?? [];
  const setting = (key: string) => settings(key).at(-1);
  const tokens = (key: string) => {
    const found = setting(key);
    return found === undefined ? [] : tokensOf(found);
  };
  const nodes = recordsOf("NodeName").filter((entry) => !entry.isDefault).map(nodeRecord);
  const cloudNodes = nodes.filter((node) => node.isCloud);
  const workedOut = new Map<unknown, unknown>();
  return {
    document,
    gres,
    topology,
    topologyYaml,
    isFragment: ["slurmctldhost", "controlmachine", "clustername"].every((key) => !settingsByKey.has(key)),
    settingsByKey,
    settings,
    setting,
    text: (key) => setting(key)?.value.text,
    number: (key) => wholeNumber(setting(key)?.value.text),
    tokens,
    token: (key, name) => tokens(key).findLast((token) => token.name.toLowerCase() === name.toLowerCase()),
    nodes,
    cloudNodes,
    cloudNodeCount: cloudNodes.reduce((sum, node) => sum + node.count, 0),
    partitions: named("PartitionName"),
    nodeSets: named("NodeSet"),
    records: recordsOf,
    start: document.entries[0]?.span ?? { file: document.root, start: 0, end: 0 },
    once: <T>(key: unknown, make: () => T) => {
      if (!workedOut.has(key)) workedOut.set(key, make());
      return workedOut.get(key) as T;
    },
  };
}

/** The facts as one release's context; `onVersion` is called whenever the answer depends on the release. */
export function contextFor(facts: Facts, version: SlurmVersion, onVersion: () => void): Context {
  return Object.create(facts, {
    version: {
      get: () => {
        onVersion();
        return version;
      },
    },
    isSince: {
      value: (other: SlurmVersion) => {
        onVersion();
        return compareVersions(version, other) >= 0;
      },
    },
    isIn: {
      value: (range: VersionRange) => {
        onVersion();
        return inRange(version, range);
      },
    },
  });
}

function groupSettings(entries: readonly Entry[]): Map<string, Setting[]> {
  const groups = new Map<string, Setting[]>();
  for (const entry of entries) {
    if (entry.kind !== "setting") continue;
    const group = groups.get(entry.name);
    if (group === undefined) groups.set(entry.name, [entry]);
    else group.push(entry);
  }
  return groups;
}

function groupRecords(entries: readonly Entry[]): Map<RecordType, RecordEntry[]> {
  const groups = new Map<RecordType, RecordEntry[]>();
  for (const entry of entries) {
    if (entry.kind !== "record") continue;
    const group = groups.get(entry.type);
    if (group === undefined) groups.set(entry.type, [entry]);
    else group.push(entry);
  }
  return groups;
}

function namedRecord(entry: RecordEntry): NamedRecord {
  const get = (key: string) => recordSetting(entry, key);
  return {
    entry,
    name: entry.name.text,
    span: entry.span,
    get,
    text: (key) => get(key)?.value.text,
    number: (key) => wholeNumber(get(key)?.value.text),
  };
}

function nodeRecord(entry: RecordEntry): NodeRecord {
  const record = namedRecord(entry);
  return {
    ...record,
    count: orElse(() => countHostlist(record.name), 0),
    isCloud: record.text("State")?.toUpperCase().startsWith("CLOUD") ?? false,
  };
}

/** A hostlist that can't be read is reported by its own rule, and stands for no nodes elsewhere. */
function orElse<T>(make: () => T, fallback: T): T {
  try {
    return make();
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) return fallback;
    throw error;
  }
}
