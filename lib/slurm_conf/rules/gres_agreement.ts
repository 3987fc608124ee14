import type { Context } from "../context.ts";
import type { Setting } from "../document.ts";
import type { Report, Rule } from "../rule.ts";
import { ALL_VERSIONS } from "../versions.ts";
import { isComplete } from "./completeness.ts";
import { cloudGres, gresCount, type GresLine, type GresSample, gresTypes } from "./gres_lines.ts";
import { cpusOf } from "./node_sizes.ts";
import { GRES_CONF, SLURM_CONF } from "./sources.ts";

/** CF018. */
export const gresRecordsRefused: Rule = {
  id: "CF018",
  title: "Records of gres.conf that contradict each other",
  severity: "error",
  daemon: "refuses",
  versions: ALL_VERSIONS,
  what:
    "For a CLOUD node gres.conf has one GRES twice without Type and File, one device file twice, File or Type on some lines of a GRES only, a Count other than the number of files, Flags with no_gpu_env and a vendor's variables, or shards without a gpu line that has File.",
  why: "slurmctld reads gres.conf for CLOUD nodes, and does not start.",
  remedy:
    "Write one line for each type, with as many device files as there are devices; File and Type on all lines of a GRES or on none.",
  sources: [GRES_CONF],
  *check(context: Context): Iterable<Report> {
    yield* sharedWithoutDevices(context);
    const gres = cloudGres(context);
    if (gres === undefined) return;
    const seen = new Set<GresLine>();
    for (const node of context.cloudNodes) {
      for (const { lines } of gres.samplesOf(node)) {
        for (const line of lines) {
          const beyond = seen.has(line) ? undefined : coreBeyond(line, cpusOf(node));
          if (beyond === undefined) continue;
          seen.add(line);
          yield {
            at: beyond,
            message: `${beyond.key}=${beyond.value.text} is beyond the ${
              cpusOf(node)
            } CPUs of "${node.name}" (from 0), or not a list of them: slurmctld does not start; correct it`,
          };
        }
      }
      const groups = gres.samplesOf(node).flatMap(({ lines }) => [...byName(context, lines).values()]);
      for (const lines of groups) {
        for (const [line, problem] of recordProblems(lines)) {
          if (seen.has(line)) continue;
          seen.add(line);
          yield { at: line.entry, message: `${problem}: slurmctld does not start` };
        }
      }
    }
  },
};

/** slurmctld ends with "failed to merge SHARED and SHARING configuration": shards are cut from devices that it knows by their files. */
function* sharedWithoutDevices(context: Context): Iterable<Report> {
  if (!isComplete(context) || !gresTypes(context).has("gpu")) return;
  const gres = cloudGres(context);
  for (const node of context.cloudNodes) {
    const setting = node.get("Gres");
    const shared = ["shard", "mps"].find((name) => configuredGres(setting).has(name));
    if (setting === undefined || shared === undefined || !gresTypes(context).has(shared)) continue;
    const hasDevices = gres !== undefined &&
      gres.samplesOf(node).every(({ lines }) =>
        lines.some(({ name, files }) => name?.value.text.toLowerCase() === "gpu" && files !== undefined)
      );
    if (hasDevices) continue;
    yield {
      at: setting,
      message:
        `Gres of "${node.name}" has ${shared}, and gres.conf has no line of gpu with File for it: slurmctld does not start; add NodeName=${node.name} Name=gpu File=/dev/nvidia[…]`,
    };
  }
}

/** The Cores or CPUs of a line that its node doesn't have. */
function coreBeyond({ entry }: GresLine, cpus: number): Setting | undefined {
  return entry.settings.find(({ name, value }) =>
    ["cores", "cpus"].includes(name) &&
    [...value.text.matchAll(/\d+/g)].some(([digits]) => Number(digits) >= cpus)
  );
}

/** Flags that set variables for a vendor's devices; no_gpu_env excludes each of them (seen on the three daemons). */
const VENDOR_ENV = /^((nvidia|amd|intel)_gpu|opencl)_env$/;

/** The Flags of a line that has no_gpu_env and a vendor's variables. */
function flagsAtOdds({ entry }: GresLine): Setting | undefined {
  return entry.settings.find(({ name, value }) => {
    const flags = value.text.split(",").map((flag) => flag.trim().toLowerCase());
    return name === "flags" && flags.includes("no_gpu_env") && flags.some((flag) => VENDOR_ENV.test(flag));
  });
}

function* recordProblems(lines: readonly GresLine[]): Iterable<readonly [GresLine, string]> {
  const name = lines[0]!.name!.value.text;
  const withFiles = (line: GresLine) => line.files !== undefined || line.hasMultipleFiles;
  const fileless = lines.find((line) => !withFiles(line));
  if (fileless !== undefined && lines.some(withFiles)) {
    yield [
      fileless,
      `Some lines of ${name} have File, and this one does not; add File, or remove it from the others`,
    ];
  }
  const untyped = lines.find(({ type }) => type === "");
  if (untyped !== undefined && lines.some(({ type }) => type !== "")) {
    yield [
      untyped,
      `Some lines of ${name} have Type, and this one does not; add Type, or remove it from the others`,
    ];
  }
  const files = new Set<string>();
  let plain = 0;
  for (const line of lines) {
    if (flagsAtOdds(line) !== undefined) {
      yield [line, `Flags of ${name} has no_gpu_env and a vendor's variables; remove one of them`];
    }
    const { files: setting, fileCount, count } = line;
    if (setting === undefined && line.type === "" && !line.hasMultipleFiles && ++plain > 1) {
      yield [line, `${name} has a line for these nodes already; write Count on one line`];
    }
    if (setting === undefined) continue;
    if (files.has(setting.value.text)) {
      yield [line, `File ${setting.value.text} of ${name} stands on two lines; remove one`];
    }
    files.add(setting.value.text);
    if (count !== undefined && fileCount !== undefined && count !== fileCount) {
      yield [line, `Count of ${name} is ${count}, but File names ${fileCount}; remove Count`];
    }
  }
}

/** CL038. */
export const gresDisagrees: Rule = {
  id: "CL038",
  title: "gres.conf and Gres of CLOUD nodes disagree",
  severity: "warning",
  daemon: "logs",
  versions: ALL_VERSIONS,
  what: "Gres of a CLOUD node has another type or count than the lines of gres.conf for that node.",
  why:
    "slurmctld drops what is not in both; the node boots, registers with other GRES than slurm.conf promises, and is drained while it costs.",
  remedy:
    "Give both the same types and counts: Gres=gpu:a100:2 and Name=gpu Type=a100 File=/dev/nvidia[0-1].",
  sources: [GRES_CONF, SLURM_CONF],
  *check(context: Context): Iterable<Report> {
    const gres = cloudGres(context);
    if (gres === undefined || !isComplete(context)) return;
    const types = gresTypes(context);
    for (const node of context.cloudNodes) {
      const setting = node.get("Gres");
      const configured = configuredGres(setting);
      for (const sample of gres.samplesOf(node)) {
        if (wordOf(sample) !== "off") continue;
        const lines = byName(context, sample.lines);
        for (const name of new Set([...configured.keys(), ...lines.keys()])) {
          // CL015 speaks where the file has no line of that name at all.
          if (!types.has(name) || !gres.names.has(name)) continue;
          const wrong = disagreement(context, name, configured.get(name) ?? new Map(), lines.get(name) ?? []);
          if (wrong === undefined) continue;
          yield {
            at: setting ?? node.entry.name,
            message: message(sample.name, setting, wrong),
            ...(wrong.isLogged ? {} : { daemon: "silent" }),
          };
        }
      }
    }
  },
};

interface Disagreement {
  readonly says: string;
  /** Whether slurmctld of the release says so at its start. */
  readonly isLogged: boolean;
}

function message(name: string, setting: Setting | undefined, { says }: Disagreement): string {
  const gres = setting === undefined
    ? `"${name}" has no Gres`
    : `Node "${name}" has Gres "${setting.value.text}"`;
  return `${gres}, but gres.conf ${says} for it: the node is drained when it registers; give both the same`;
}

/** GRES by name in lower case, then by type: how many; undefined where that is not known. */
function configuredGres(setting: Setting | undefined): Map<string, Map<string, number | undefined>> {
  const configured = new Map<string, Map<string, number | undefined>>();
  for (const word of setting?.value.text.split(",") ?? []) {
    const parts = word.replace(/\(.*\)$/, "").split(":").filter((part) => part !== "no_consume");
    const name = parts[0]!.toLowerCase();
    if (name === "") continue;
    const last = parts.length > 1 ? gresCount(parts.at(-1)!) : undefined;
    const type = last === undefined ? parts[1] ?? "" : parts.length > 2 ? parts[1]! : "";
    const ofName = configured.get(name) ?? new Map<string, number | undefined>();
    configured.set(name, ofName.set(type.toLowerCase(), last ?? 1));
  }
  return configured;
}

function disagreement(
  context: Context,
  name: string,
  configured: ReadonlyMap<string, number | undefined>,
  lines: readonly GresLine[],
): Disagreement | undefined {
  // Slurm names file-less GPUs from the first release on that 24.11.5 stands for; 22.05.8 does not.
  const logsMissing = name === "gpu" && context.isSince("23.02");
  const inFile = new Map<string, number>();
  for (const { type, count } of lines) {
    if (count === undefined) return undefined;
    inFile.set(type, (inFile.get(type) ?? 0) + count);
  }
  if (lines.length === 0) {
    // What needs no device file needs no line.
    return name === "gpu" && total(configured) > 0
      ? { says: "has no line of gpu", isLogged: logsMissing }
      : undefined;
  }
  for (const [type, count] of inFile) {
    const wanted = configured.get(type) ?? 0;
    if (count > wanted) return { says: `has ${shown(name, type, count)}`, isLogged: true };
  }
  const fileless = lines.some(({ files, hasMultipleFiles }) => files === undefined && !hasMultipleFiles);
  if (name === "gpu" && fileless && logsMissing && total(configured) > 0) {
    return { says: "names no device File for its gpu", isLogged: true };
  }
  for (const [type, wanted] of configured) {
    const count = inFile.get(type) ?? 0;
    if (wanted !== undefined && name === "gpu" && count < wanted) {
      return { says: `has ${shown(name, type, count)}`, isLogged: logsMissing };
    }
  }
  return undefined;
}

function total(counts: ReadonlyMap<string, number | undefined>): number {
  return [...counts.values()].reduce<number>((sum, count) => sum + (count ?? 0), 0);
}

function shown(name: string, type: string, count: number): string {
  return `${name}${type === "" ? "" : `:${type}`}:${count}`;
}

/** CL039. */
export const autoDetectOnCloud: Rule = {
  id: "CL039",
  title: "AutoDetect with CLOUD nodes",
  severity: "error",
  daemon: "logs",
  versions: ALL_VERSIONS,
  what: "AutoDetect of gres.conf holds for CLOUD nodes.",
  why:
    "slurmctld can't look at the devices of nodes that don't run: up to 22.05 it does not start, later it logs an error for each node and the GRES can't be asked for.",
  remedy: "Write a line for the CLOUD nodes: NodeName=… AutoDetect=off Name=gpu File=/dev/nvidia0.",
  sources: [GRES_CONF],
  *check(context: Context): Iterable<Report> {
    const gres = cloudGres(context);
    if (gres === undefined) return;
    // Seen on 22.05.8 and 24.11.5, not on 26.05.5: one line that turns it off for CLOUD nodes is enough for all.
    if (gres.turnsOffSomewhere && !context.isSince("25.05")) return;
    const reported = new Set<Setting>();
    for (const node of context.cloudNodes) {
      const sample = gres.samplesOf(node).find((one) => detects(context, wordOf(one)));
      const setting = sample?.autoDetect;
      if (setting === undefined || reported.has(setting)) continue;
      reported.add(setting);
      const refuses = !context.isSince("23.02");
      yield {
        at: setting,
        message: `AutoDetect=${setting.value.text} holds for CLOUD node "${sample!.name}": ${
          refuses ? "slurmctld does not start" : "slurmctld logs an error and leaves its GRES out"
        }; write NodeName=${node.name} AutoDetect=off Name=gpu File=/dev/nvidia0 for it`,
        ...(refuses ? { daemon: "refuses" } : {}),
      };
    }
  },
};

/** The word of AutoDetect that holds for a node. */
function wordOf({ autoDetect }: GresSample): string {
  return autoDetect?.value.text.toLowerCase() ?? "off";
}

/** Whether a word makes a release look for devices; others it logs and ignores. */
function detects(context: Context, word: string): boolean {
  if (["nvml", "rsmi", "oneapi"].includes(word)) return true;
  return ["nrt", "nvidia"].includes(word) && context.isSince("24.11");
}

/** Lines by their name in lower case; those without a name, or of one that GresTypes lacks, are not read. */
function byName(context: Context, lines: readonly GresLine[]): Map<string, GresLine[]> {
  const types = gresTypes(context);
  const groups = new Map<string, GresLine[]>();
  for (const line of lines) {
    const name = line.name?.value.text.toLowerCase();
    if (name === undefined || !types.has(name)) continue;
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [line]);
    else group.push(line);
  }
  return groups;
}
