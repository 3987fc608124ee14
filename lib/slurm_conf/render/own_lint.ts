import type { Config } from "../../config/model.ts";
import type { Document, RecordEntry } from "../document.ts";
import { lint } from "../lint.ts";
import { parseDocument, type ReadFile } from "../parse.ts";
import type { LintFinding } from "../rule.ts";
import { RULES } from "../rules/mod.ts";
import { compareVersions } from "../versions.ts";
import type { RenderedFile } from "./conf_text.ts";
import type { Fault } from "./fault.ts";
import { nodeSetNames } from "./node_set_names.ts";
import type { RenderInput } from "./render_input.ts";
import { weighedTres } from "./weighed_tres.ts";

/** What a slurm.conf needs besides the rendered files, so that nothing that is absent is taken for a mistake of ours. */
const AROUND = [
  "ClusterName=own",
  "SlurmctldHost=own",
  "SelectType=select/cons_tres",
  "ProctrackType=proctrack/cgroup",
  "NodeName=slurm-ec2-own State=CLOUD",
];
/** A partition of the site's own, which may have all that ours lack. */
const OWN_PARTITION = "PartitionName=slurm-ec2-own Nodes=slurm-ec2-own Default=YES";

/**
 * What `config lint` calls an error in rendered files, for the release that they are for: nothing is written that
 * slurmctld would not start with. `site` settings count where they are known; else accounting is taken to have every
 * TRES that a partition weighs.
 */
export function ownFaults(input: RenderInput, files: readonly RenderedFile[]): Fault[] {
  const texts = new Map(files.map(({ name, text }) => [name, text]));
  const ours = ["power_save.conf", "slurm_nodes.conf"].filter((name) => texts.has(name));
  texts.set(
    "slurm.conf",
    [...AROUND, partitionOf(input), ...aroundOf(input), ...ours.map((name) => `include ${name}`), ""].join(
      "\n",
    ),
  );
  const read: ReadFile = (path) => {
    const text = texts.get(path);
    if (text === undefined) throw new Deno.errors.NotFound(path);
    return new TextEncoder().encode(text);
  };
  const document = parseDocument("slurm.conf", read);
  const gres = texts.has("gres.conf") ? { gres: parseDocument("gres.conf", read) } : {};
  const found = lint({ document, ...gres, rules: RULES, versions: [input.version] });
  const errors = found.filter(({ severity, file }) => severity === "error" && file !== "slurm.conf");
  return errors.map((finding) => faultOf(finding, document, input.config));
}

function partitionOf({ version }: RenderInput): string {
  return compareVersions(version, "21.08") < 0 ? OWN_PARTITION : `${OWN_PARTITION} SuspendTime=600`;
}

/** The site's own accounting settings, or such as fit every weight. */
function aroundOf({ site, config }: RenderInput): string[] {
  if (site !== undefined && site.settings.size > 0) {
    return ["accountingstoragetres", "accountingstoragetype"].flatMap((key) => {
      const setting = site.settings.get(key);
      return setting === undefined ? [] : [`${setting.key}=${setting.value}`];
    });
  }
  const own = weighedTres(config);
  return own.length === 0 ? [] : [
    `AccountingStorageTRES=${own.join(",")}`,
    "AccountingStorageType=accounting_storage/slurmdbd",
  ];
}

function faultOf(finding: LintFinding, document: Document, config: Config): Fault {
  const record = document.entries.find((entry): entry is RecordEntry =>
    entry.kind === "record" && entry.span.file === finding.span.file &&
    entry.span.start <= finding.span.start && finding.span.end <= entry.span.end
  );
  const place = record === undefined ? undefined : placeOf(record, finding, config);
  const subject = place?.subject ?? `${finding.file}:${finding.line}`;
  return { message: `${subject}: ${finding.message} (${finding.rule})`, path: place?.path ?? [] };
}

interface PlaceInConfig {
  readonly subject: string;
  readonly path: readonly (string | number)[];
}

function placeOf(record: RecordEntry, { span }: LintFinding, config: Config): PlaceInConfig | undefined {
  const key = record.settings.find((setting) =>
    setting.span.start <= span.start && span.end <= setting.span.end
  )?.key;
  if (record.type === "PartitionName") {
    const index = config.partitions.findIndex(({ name }) => name === record.name.text);
    const partition = config.partitions[index];
    if (partition === undefined) return undefined;
    const isOwn = key !== undefined && hasKey(partition.options, key);
    const isForAll = key !== undefined && !isOwn && hasKey(config.slurm.partitionOptions, key);
    return {
      subject: `Partition ${partition.name}`,
      path: isForAll
        ? ["slurm", "partitionOptions", key]
        : ["partitions", index, ...(isOwn ? [key] : key === "Nodes" ? ["nodeGroups"] : [])],
    };
  }
  const sets = nodeSetNames(config.nodeGroups);
  const index = config.nodeGroups.findIndex(({ name, nodes }) =>
    record.name.text === (record.type === "NodeSet" ? sets.get(name) : nodes)
  );
  const group = config.nodeGroups[index];
  if (group === undefined) return undefined;
  return { subject: `Node group ${group.name}`, path: ["nodeGroups", index, ...(OWN_KEYS[key ?? ""] ?? [])] };
}

/** Keys of a node group that become a key of its NodeName line. */
const OWN_KEYS: Readonly<Record<string, readonly string[]>> = {
  NodeName: ["nodes"],
  Gres: ["gres"],
  Feature: ["features"],
  Weight: ["weight"],
};

function hasKey(options: Readonly<Record<string, string>>, key: string): boolean {
  return Object.keys(options).some((one) => one.toLowerCase() === key.toLowerCase());
}
