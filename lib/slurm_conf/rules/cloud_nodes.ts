import type { Context, NodeRecord } from "../context.ts";
import { wholeNumber } from "../context.ts";
import { removeToken } from "../edit.ts";
import type { Report, Rule } from "../rule.ts";
import { ALL_VERSIONS, since } from "../versions.ts";
import { hasAllIncludes, isComplete } from "./completeness.ts";
import { cloudGres, type GresSample, gresTypes } from "./gres_lines.ts";
import { membershipOf } from "./membership.ts";
import { changelog, fileOf, GRES_CONF, POWER_SAVE, SLURM_CONF, slurmConfOf } from "./sources.ts";

/** CLOUD nodes beyond which `scontrol show nodes` takes longer than commands wait. */
const TOO_MANY_TO_SHOW = 10_000;
/** Percent of RealMemory that a CLOUD node may register without being invalid, where nothing is set. */
const CLOUD_MEMORY_PERCENT = 90;

/** CL012. */
export const memoryWithoutMargin: Rule = {
  id: "CL012",
  title: "No margin for the memory of CLOUD nodes",
  severity: "warning",
  daemon: "silent",
  versions: ALL_VERSIONS,
  what:
    "CLOUD nodes have RealMemory, and node_reg_mem_percent is 96 or more, or the release is older than 21.08.",
  why:
    "Firmware and kernel take a part of an instance's memory: a node whose RealMemory is that of the type registers with less and is set INVALID_REG or DOWN.",
  remedy: "Set RealMemory to 95 % of the type's memory or less, or node_reg_mem_percent=90.",
  sources: [SLURM_CONF, slurmConfOf("21.08"), fileOf("26.05", "src/slurmctld/node_mgr.c")],
  *check(context: Context): Iterable<Report> {
    const node = context.cloudNodes.find((one) => one.get("RealMemory") !== undefined);
    if (node === undefined || !isComplete(context)) return;
    if (context.token("SlurmdParameters", "config_overrides") !== undefined) return;
    const memory = node.get("RealMemory")!;
    if (!context.isSince("21.08")) {
      yield {
        at: memory,
        message:
          `RealMemory of "${node.name}" must not be above what the node registers: this Slurm has no margin; write 95 % of the type's memory or less`,
        severity: "info",
      };
      return;
    }
    const token = context.token("SlurmctldParameters", "node_reg_mem_percent");
    if (token === undefined || !(Number(token.value) > 95)) return;
    yield {
      at: token,
      message:
        `"${token.text}" takes the margin of CLOUD nodes away: "${node.name}" is invalid when it registers less than ${token.value} % of RealMemory ${memory.value.text}; write 90, or lower RealMemory`,
    };
  },
};

/** CL013. */
export const memoryPercentOverridden: Rule = {
  id: "CL013",
  title: "node_reg_mem_percent without effect",
  severity: "info",
  daemon: "silent",
  versions: since("21.08"),
  what: "SlurmctldParameters has node_reg_mem_percent and SlurmdParameters has config_overrides.",
  why:
    "With config_overrides Slurm believes slurm.conf whatever a node registers, so the percentage is never looked at.",
  remedy: "Remove one of them; config_overrides is for tests.",
  sources: [SLURM_CONF],
  *check(context: Context): Iterable<Report> {
    const token = context.token("SlurmctldParameters", "node_reg_mem_percent");
    if (token === undefined || context.token("SlurmdParameters", "config_overrides") === undefined) return;
    yield {
      at: token,
      message: `"${token.text}" has no effect with SlurmdParameters=config_overrides; remove one of them`,
    };
  },
};

/** CL015. */
export const gresUndefined: Rule = {
  id: "CL015",
  title: "Gres of CLOUD nodes not defined",
  severity: "error",
  daemon: "logs",
  versions: ALL_VERSIONS,
  what: "A CLOUD node has Gres of a type that GresTypes lacks, or that the given gres.conf has no line for.",
  why:
    "slurmctld reads the Gres of CLOUD nodes from the files: a type it doesn't know can't be asked for, and a node that registers other Gres is drained.",
  remedy:
    "Add the type to GresTypes and give it a line in gres.conf; AutoDetect does not work for CLOUD nodes.",
  sources: [SLURM_CONF, GRES_CONF],
  *check(context: Context): Iterable<Report> {
    if (!isComplete(context)) return;
    const types = gresTypes(context);
    const gres = cloudGres(context);
    const seen = new Set<string>();
    for (const node of context.cloudNodes) {
      const setting = node.get("Gres");
      for (const word of setting?.value.text.split(",") ?? []) {
        const type = word.split(":")[0]!.toLowerCase();
        if (type === "" || seen.has(type)) continue;
        if (!types.has(type)) {
          seen.add(type);
          yield {
            at: setting!,
            message:
              `Gres "${word}" of "${node.name}" is not in GresTypes: no job gets it; add ${type} to GresTypes`,
            daemon: types.size > 0 ? "logs" : "silent",
          };
        } else if (gres !== undefined && !gres.names.has(type) && !hasAutoDetect(gres.samplesOf(node))) {
          seen.add(type);
          yield {
            at: setting!,
            message:
              `Gres "${word}" of "${node.name}" has no line in gres.conf: the node is drained when it registers; add Name=${type}`,
            severity: "warning",
            daemon: "silent",
          };
        }
      }
    }
  },
};

/** Such nodes are CL039's. */
function hasAutoDetect(samples: readonly GresSample[]): boolean {
  return samples.some(({ autoDetect }) => autoDetect !== undefined && !/^off$/i.test(autoDetect.value.text));
}

/** CL017. */
export const futureNodes: Rule = {
  id: "CL017",
  title: "FUTURE nodes are not resumed",
  severity: "warning",
  daemon: "silent",
  versions: ALL_VERSIONS,
  what: "Nodes have State=FUTURE while ResumeProgram is set.",
  why:
    "Slurm doesn't know FUTURE nodes until a slurmd takes the name: jobs can't be given to them and ResumeProgram is never called.",
  remedy: "Write State=CLOUD for nodes that ResumeProgram starts.",
  sources: [SLURM_CONF],
  *check(context: Context): Iterable<Report> {
    if (context.setting("ResumeProgram") === undefined) return;
    for (const node of context.nodes) {
      if (!/^future/i.test(node.text("State") ?? "")) continue;
      yield {
        at: node.get("State")!,
        message:
          `"${node.name}" has State=FUTURE, which ResumeProgram is never called for; write State=CLOUD`,
      };
    }
  },
};

/** CL024. */
export const cloudWeight: Rule = {
  id: "CL024",
  title: "CLOUD and static nodes of one Weight",
  severity: "info",
  daemon: "silent",
  versions: ALL_VERSIONS,
  what: "A partition has CLOUD nodes and others of the same Weight.",
  why:
    "Slurm takes the node of the lowest Weight: at equal ones a job may start an instance while a static node is free.",
  remedy: "Give the CLOUD nodes a higher Weight.",
  sources: [POWER_SAVE, SLURM_CONF],
  *check(context: Context): Iterable<Report> {
    const membership = membershipOf(context);
    const reported = new Set<NodeRecord>();
    for (const partition of context.partitions) {
      const { records } = membership.nodesOf(partition);
      const weights = new Map<string, NodeRecord>();
      for (const node of records) if (!node.isCloud) weights.set(node.text("Weight") ?? "1", node);
      if (weights.size === 0) continue;
      const cloud = [...records].find((node) => node.isCloud && weights.has(node.text("Weight") ?? "1"));
      if (cloud === undefined || reported.has(cloud)) continue;
      reported.add(cloud);
      const weight = cloud.text("Weight") ?? "1";
      yield {
        at: cloud.get("Weight") ?? cloud.entry.name,
        message: `CLOUD node "${cloud.name}" has Weight ${weight} like "${
          weights.get(weight)!.name
        }" in partition "${partition.name}": jobs may start it while that one is free; give it a higher Weight`,
      };
    }
  },
};

/** CL025. */
export const tooManyCloudNodes: Rule = {
  id: "CL025",
  title: "More CLOUD nodes than scontrol can show",
  severity: "info",
  daemon: "silent",
  versions: ALL_VERSIONS,
  what: `There are more than ${TOO_MANY_TO_SHOW} CLOUD nodes.`,
  why: "`scontrol show nodes` was seen to need 30 s for 10,000 of them and to fail with 15,000.",
  remedy: "Define only what the quotas allow to run.",
  sources: ["https://github.com/aws/aws-parallelcluster-node/pull/266"],
  *check(context: Context): Iterable<Report> {
    if (context.cloudNodeCount <= TOO_MANY_TO_SHOW) return;
    yield {
      at: context.cloudNodes[0]!.entry.name,
      message:
        `${context.cloudNodeCount} CLOUD nodes: scontrol show nodes takes half a minute or fails; define fewer`,
    };
  },
};

/** CL027. */
export const memoryPercentDefault: Rule = {
  id: "CL027",
  title: "node_reg_mem_percent at its default",
  severity: "info",
  daemon: "silent",
  versions: since("21.08"),
  what: `SlurmctldParameters has node_reg_mem_percent=${CLOUD_MEMORY_PERCENT}.`,
  why:
    `${CLOUD_MEMORY_PERCENT} is the default for CLOUD nodes already; written out, it takes the strict default of 100 from the other nodes.`,
  remedy: "Remove the word, unless it is meant for the other nodes.",
  sources: [SLURM_CONF, slurmConfOf("21.08")],
  *check(context: Context): Iterable<Report> {
    const token = context.token("SlurmctldParameters", "node_reg_mem_percent");
    if (token === undefined || wholeNumber(token.value) !== CLOUD_MEMORY_PERCENT) return;
    yield {
      at: token,
      message:
        `"${token.text}" is the default for CLOUD nodes and loosens the check of all other nodes; remove it`,
      fix: {
        title: `Remove ${token.text}`,
        edits: [removeToken(token)],
        safe: context.nodes.length > 0 && hasAllIncludes(context) &&
          context.nodes.every((node) => node.isCloud),
      },
    };
  },
};

/** CL028. */
export const memoryPercentNotLast: Rule = {
  id: "CL028",
  title: "node_reg_mem_percent before other words",
  severity: "info",
  daemon: "silent",
  versions: { from: "25.05", before: "25.11" },
  what: "In SlurmctldParameters other words follow node_reg_mem_percent.",
  why: "25.05.0 and 25.05.1 fail to read a number that other words follow, and the default holds instead.",
  remedy: "Write it as the last word.",
  sources: [changelog("25.05")],
  *check(context: Context): Iterable<Report> {
    const tokens = context.tokens("SlurmctldParameters");
    const at = tokens.findIndex((token) => token.name.toLowerCase() === "node_reg_mem_percent");
    if (at < 0 || at === tokens.length - 1) return;
    const token = tokens[at]!;
    const text = [...tokens.filter((one) => one !== token), token].map((one) => one.text).join(",");
    yield {
      at: token,
      message:
        `"${token.text}" is not the last word of SlurmctldParameters: 25.05.0 and 25.05.1 don't read its number; write it last`,
      fix: { title: "Move it to the end", edits: [{ span: token.setting.value.span, text }], safe: true },
    };
  },
};
