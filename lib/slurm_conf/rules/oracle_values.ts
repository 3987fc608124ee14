import { type Context, tokensOf } from "../context.ts";
import { keyInfo } from "../data/keys.ts";
import type { Setting, Span } from "../document.ts";
import { knowsWords, ORACLE_VERSIONS, type OracleAnswer, oracleAnswer, type OracleTable } from "../oracle.ts";
import type { Report, Rule } from "../rule.ts";
import { since, type SlurmVersion } from "../versions.ts";
import { SLURM_CONF } from "./sources.ts";
import { isWordList } from "./word_lists.ts";

/**
 * Words by which slurmctld complains of what stands elsewhere: another key, a node, a partition, accounting. The
 * daemon was asked with one change to a plain configuration, so they say nothing of the value in another one.
 */
const OF_ANOTHER_SETTING =
  /incompatible|requires? |is required|must be used with|is not available|SlurmctldHost is set|not a valid controller|slurmdbd|cannot be combined|lookup failure|Invalid node names|configured group|no MCSPlugin|unrecognized key|more configured than expected|-less GPU|invalid child|_run_primary_prog| set for |You need at least|not found|No such file|does not exist|don't exist|Permission denied|on cloud(?:\/dynamic)? node/i;

/** Words about a plugin that was not loaded: of a real one that says something of the machine that was asked. */
const OF_A_PLUGIN = /plugin|Failed to initialize/i;

/** Keys whose plugins are part of every Slurm. */
const ALWAYS_INSTALLED: ReadonlySet<string> = new Set([
  "hashplugin",
  "mcsplugin",
  "preempttype",
  "prioritytype",
  "schedulertype",
  "selecttype",
  "topologyplugin",
]);

/** Keys whose values name nodes, partitions or TRES, or must have as many parts as there are nodes: other rules judge them. */
const JUDGED_ELSEWHERE: ReadonlySet<string> = new Set([
  "accountingstoragetres",
  "allowqos",
  "denyqos",
  "maxnodecount",
  "nodeaddr",
  "nodehostname",
  "nodes",
  "port",
  "priorityweighttres",
  "qos",
  "suspendexcnodes",
  "suspendexcparts",
  "tresbillingweights",
  "tresweights",
]);

/** Keys of gres.conf whose values don't depend on the GRES that they are of; CF015, CF018 and CL038 judge the others. */
const OF_GRES: ReadonlySet<string> = new Set(["autodetect", "flags", "links", "multiplefiles"]);

/** CF016. */
export const valueSlurmRefuses: Rule = {
  id: "CF016",
  title: "Value that slurmctld does not take",
  severity: "error",
  daemon: "refuses",
  versions: since("22.05"),
  isEcho: true,
  what:
    "A value that real slurmctld 22.05.8, 24.11.5 or 26.05.5 refused, or logged and ignored, in a configuration that was good otherwise; or one of the same form.",
  why: "slurmctld does not start, or logs an error and takes another value (then a warning).",
  remedy: "Write a value that slurm.conf(5) has for the key; the message quotes slurmctld's own words.",
  sources: [SLURM_CONF],
  *check(context: Context): Iterable<Report> {
    for (const { table, setting, text, places } of context.once(givenValues, () => givenValues(context))) {
      const judgement = judgementOf(context.version, table, setting, text);
      if (judgement === undefined) continue;
      for (const at of places) yield { at, ...judgement };
    }
  },
};

/** A value of a key, and where it stands: thousands of nodes have the same few. */
interface GivenValue {
  readonly table: OracleTable;
  /** The first that has it. */
  readonly setting: Setting;
  /** The value, or a word of it. */
  readonly text: string;
  readonly places: Span[];
}

/** Every value that some daemon refused or complained of, once for all releases: of the others none has anything to say. */
function givenValues(context: Context): readonly GivenValue[] {
  const values = new Values();
  for (const settings of context.settingsByKey.values()) {
    const setting = settings.at(-1)!;
    const words = isWordList(setting.name) ? tokensOf(setting) : [setting.value];
    for (const { text, span } of words) values.add("slurm.conf", setting, text, span);
  }
  for (const entry of [...context.document.entries, ...context.gres?.entries ?? []]) {
    if (entry.kind !== "record") continue;
    const table = entry.span.file.kind === "gres.conf" ? "gres.conf" : entry.type as OracleTable;
    for (let i = 1; i < entry.settings.length; i++) {
      const setting = entry.settings[i]!;
      values.add(table, setting, setting.value.text, setting.value.span);
    }
  }
  return values.all.filter(isDoubtful);
}

function isDoubtful({ table, setting, text }: GivenValue): boolean {
  return ORACLE_VERSIONS.some((daemon) => isComplaint(oracleAnswer(daemon, table, setting.key, text)));
}

function isComplaint(answer: OracleAnswer | undefined): answer is OracleAnswer {
  return answer?.outcome === "refused" || answer?.outcome === "logged";
}

class Values {
  readonly all: GivenValue[] = [];
  readonly #tables = new Map<OracleTable, Map<string, Map<string, GivenValue> | "elsewhere">>();

  add(table: OracleTable, setting: Setting, text: string, span: Span): void {
    let keys = this.#tables.get(table);
    if (keys === undefined) this.#tables.set(table, keys = new Map());
    // As written, since the message quotes it.
    let values = keys.get(setting.key);
    if (values === undefined) {
      values = isJudgedElsewhere(table, setting.name) ? "elsewhere" : new Map();
      keys.set(setting.key, values);
    }
    if (values === "elsewhere") return;
    const known = values.get(text);
    if (known !== undefined) {
      known.places.push(span);
      return;
    }
    const value = { table, setting, text, places: [span] };
    values.set(text, value);
    this.all.push(value);
  }
}

function isJudgedElsewhere(table: OracleTable, name: string): boolean {
  return JUDGED_ELSEWHERE.has(name) || (table === "gres.conf" && !OF_GRES.has(name));
}

/** What is said of a value, wherever it stands. */
type Judgement = Omit<Report, "at">;

function judgementOf(
  version: SlurmVersion,
  table: OracleTable,
  setting: Setting,
  text: string,
): Judgement | undefined {
  // CF005 judges what is not a number of its type, YES and NO too; the daemons know the limits of each key's own.
  const isTyped = table !== "gres.conf" && table !== "topology.conf" &&
    keyInfo(table, setting.name)?.type !== undefined;
  if (isTyped && !/^-?(?:0|[1-9]\d*)$/.test(text)) return;
  const answer = oracleAnswer(version, table, setting.key, text);
  if (!isComplaint(answer)) return;
  // CF025: of a range of ports the daemons were asked about a few, good ones and bad ones of one form.
  if (setting.name === "slurmctldport" && !/^-?\d+$/.test(text)) return;
  // Slurm looks for "none" anywhere in the name of some plugins, and takes what has it for none.
  if (answer.how === "alike" && /none/i.test(text)) return;
  // Of OverSubscribe slurmctld reads no further than the colon and a number.
  if (answer.how === "alike" && /^(?:yes|force):\d/i.test(text)) return;
  const isWord = /^[A-Za-z]/.test(text);
  if (isWord && answer.how === "alike" && !knowsWords(version, table, setting.key)) return;
  const agreeing = ORACLE_VERSIONS.flatMap((daemon) => {
    const other = oracleAnswer(daemon, table, setting.key, text);
    return other?.outcome === answer.outcome ? [other] : [];
  });
  const { words } = agreeing.at(-1) ?? answer;
  if ([answer.words, words].some((one) => OF_ANOTHER_SETTING.test(one) || namesAnotherKey(one))) return;
  if (OF_A_PLUGIN.test(answer.words) && answer.how === "asked" && !ALWAYS_INSTALLED.has(setting.name)) return;
  const refuses = answer.outcome === "refused";
  return {
    message: `${setting.key} "${text}": slurmctld ${refuses ? "does not start" : "logs an error"}: ${
      said(words, setting.key, text)
    } (${basis(agreeing)}); correct it`,
    ...(refuses ? {} : { severity: "warning", daemon: "logs" }),
  };
}

/** Whether the daemon's words name a key; the setting's own stands there as KEY. */
function namesAnotherKey(words: string): boolean {
  // A removed key is refused whatever its value; its words name the one to take.
  if (/KEY (?:option )?has been removed/.test(words)) return false;
  return (words.match(/[A-Za-z]{6,}/g) ?? []).some((word) => keyInfo("slurm.conf", word)?.name === word);
}

/** The daemon's words without their severity, the setting's own key and value in them. */
function said(words: string, key: string, value: string): string {
  // Without the names of the node and the partition that the daemon was asked with.
  const plain = words.replace(/^(error|fatal|warning): /, "").replace(
    /NodeNames=d0 |Partition=q | from d0|node c0 has /g,
    "",
  );
  return plain.replaceAll("KEY", key).replaceAll("VALUE", value);
}

/** One text for all releases: which daemons were asked, and that releases between them follow the manual. */
function basis(answers: readonly OracleAnswer[]): string {
  const seen = [...new Set(answers.flatMap((answer) => answer.seen))];
  return `seen on slurmctld ${seen.join(", ")}${seen.length > 1 ? "; releases between by the manual" : ""}`;
}
