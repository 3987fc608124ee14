import type { Context, NodeRecord, Token } from "../context.ts";
import { removeToken } from "../edit.ts";
import type { Fix, Report, Rule } from "../rule.ts";
import { ALL_VERSIONS, before, since } from "../versions.ts";
import { TOKEN_PARAMETERS, tokensOfParameter } from "../data/param_tokens.ts";
import { isComplete } from "./completeness.ts";
import { DYNAMIC_NODES, fileOf, releaseNotes, SLURM_CONF, slurmConfOf } from "./sources.ts";

const READ_CONFIG = fileOf("23.11", "src/common/read_config.c");

/** Words about cloud nodes, and the parameter that takes them. */
const CLOUD_WORDS: Readonly<Record<string, string>> = {
  cloud_dns: "SlurmctldParameters",
  cloud_reg_addrs: "SlurmctldParameters",
  idle_on_node_suspend: "SlurmctldParameters",
  node_reg_mem_percent: "SlurmctldParameters",
  power_save_interval: "SlurmctldParameters",
  power_save_min_interval: "SlurmctldParameters",
  max_powered_nodes: "SlurmctldParameters",
  noaddrcache: "CommunicationParameters",
};

/** CL001. */
export const noAddrCache: Rule = {
  id: "CL001",
  title: "NoAddrCache is defunct",
  severity: "warning",
  daemon: "logs",
  versions: since("23.11"),
  what: "CommunicationParameters has NoAddrCache.",
  why: "Slurm 23.11 removed it: slurmctld logs an error at every start and ignores it.",
  remedy: "Remove the word. Up to 23.02 it is right where the addresses of nodes change in DNS.",
  sources: [releaseNotes("23.11"), READ_CONFIG],
  check: (context) => defunctToken(context, "CommunicationParameters", "NoAddrCache"),
};

/** CL002. */
export const cloudRegAddrs: Rule = {
  id: "CL002",
  title: "cloud_reg_addrs is defunct",
  severity: "warning",
  daemon: "logs",
  versions: since("23.11"),
  what: "SlurmctldParameters has cloud_reg_addrs.",
  why:
    "From 23.11 on nodes register their address without it: slurmctld logs an error at every start and ignores it.",
  remedy: "Remove the word.",
  sources: [releaseNotes("23.11"), READ_CONFIG],
  check: (context) => defunctToken(context, "SlurmctldParameters", "cloud_reg_addrs"),
};

/** CL003. */
export const privateDataCloud: Rule = {
  id: "CL003",
  title: "PrivateData=cloud without effect",
  severity: "info",
  daemon: "silent",
  versions: since("23.02"),
  what: "PrivateData has cloud.",
  why: "From 23.02 on powered-down cloud nodes are shown without it, and the word is ignored.",
  remedy: "Remove the word.",
  sources: [releaseNotes("23.02")],
  *check(context: Context): Iterable<Report> {
    const token = context.token("PrivateData", "cloud");
    if (token === undefined) return;
    yield {
      at: token,
      message: `"${token.text}" in PrivateData has no effect: cloud nodes are always shown; remove it`,
      fix: removal(token, true),
    };
  },
};

/** CL004. */
export const privateDataCloudMissing: Rule = {
  id: "CL004",
  title: "Powered-down nodes hidden",
  severity: "warning",
  daemon: "silent",
  versions: before("23.02"),
  what: "There are CLOUD nodes and PrivateData lacks cloud.",
  why:
    "Up to 22.05 powered-down cloud nodes are then hidden from all users, root too: sinfo, scontrol and whatever lists nodes with them miss them.",
  remedy: "Add cloud to PrivateData.",
  sources: [slurmConfOf("22.05")],
  *check(context: Context): Iterable<Report> {
    const [node] = context.cloudNodes;
    if (node === undefined || !isComplete(context)) return;
    if (context.token("PrivateData", "cloud") !== undefined) return;
    const setting = context.setting("PrivateData");
    yield {
      at: setting?.value ?? node.entry.name,
      message: setting === undefined
        ? `PrivateData=cloud is not set: powered-down nodes such as "${node.name}" are hidden from all users; add it`
        : `PrivateData "${setting.value.text}" lacks cloud: powered-down nodes such as "${node.name}" are hidden from all users; add cloud`,
    };
  },
};

/** CL006. */
export const fanOutToUnknownAddresses: Rule = {
  id: "CL006",
  title: "Fan-out to nodes without an address",
  severity: "warning",
  daemon: "silent",
  versions: before("23.11"),
  what: "TreeWidth is smaller than the number of CLOUD nodes, which have neither cloud_dns nor a NodeAddr.",
  why:
    "Up to 23.02 nodes forward messages to each other by the addresses in slurm.conf: those of cloud nodes are not there and the messages are lost.",
  remedy: "Set TreeWidth=65533, or put the nodes into DNS and add cloud_dns to SlurmctldParameters.",
  sources: [slurmConfOf("22.05"), `${DYNAMIC_NODES}`, releaseNotes("23.11")],
  *check(context: Context): Iterable<Report> {
    if (!isComplete(context) || context.token("SlurmctldParameters", "cloud_dns") !== undefined) return;
    const unaddressed = context.cloudNodes.filter((node) => node.get("NodeAddr") === undefined);
    const count = unaddressed.reduce((sum, node) => sum + node.count, 0);
    const setting = context.setting("TreeWidth");
    const width = context.number("TreeWidth") ?? 50;
    if (count <= width || width === 0) return;
    yield {
      at: setting?.value ?? unaddressed[0]!.entry.name,
      message: `TreeWidth is ${
        setting === undefined ? "not set (50)" : width
      }, fewer than the ${count} CLOUD nodes whose addresses are not in slurm.conf: messages that nodes forward to each other are lost; write TreeWidth=65533, or use cloud_dns`,
    };
  },
};

/** CL010. */
export const cloudDnsFanOut: Rule = {
  id: "CL010",
  title: "cloud_dns on 23.11",
  severity: "info",
  daemon: "silent",
  versions: { from: "23.11", before: "24.05" },
  what: "SlurmctldParameters has cloud_dns.",
  why: "Up to 23.11.7 messages to cloud nodes were reported lost in the new fan-out with cloud_dns.",
  remedy: "Update to 23.11.8 or newer.",
  sources: ["https://github.com/aws/aws-parallelcluster/issues/6366"],
  *check(context: Context): Iterable<Report> {
    const token = context.token("SlurmctldParameters", "cloud_dns");
    if (token === undefined) return;
    yield {
      at: token,
      message: `"${token.text}" with 23.11.0 to 23.11.7 loses messages to nodes; update Slurm`,
    };
  },
};

/** CL011. */
export const cloudWordMisplaced: Rule = {
  id: "CL011",
  title: "Word in the wrong parameter",
  severity: "warning",
  daemon: "silent",
  versions: ALL_VERSIONS,
  what:
    "A word about cloud nodes stands in another parameter than the one that takes it, e.g. cloud_dns in CommunicationParameters.",
  why:
    "Slurm searches each parameter for its own words only: there the word is ignored, and nothing is logged.",
  remedy: "Move the word.",
  sources: [SLURM_CONF, "https://github.com/aws/aws-parallelcluster-cookbook/pull/705"],
  *check(context: Context): Iterable<Report> {
    for (const parameter of TOKEN_PARAMETERS) {
      for (const token of context.tokens(parameter)) {
        const home = homeOf(token.name);
        if (home === undefined || tokensOfParameter(parameter)?.has(token.name.toLowerCase())) continue;
        yield {
          at: token,
          message: `"${token.text}" is silently ignored in ${parameter}; move it to ${home}`,
          fix: { title: `Remove it from ${parameter}`, edits: [removeToken(token)], safe: false },
        };
      }
    }
  },
};

/** CL016. */
export const cloudNodeAddr: Rule = {
  id: "CL016",
  title: "CLOUD node with an address of its own",
  severity: "warning",
  daemon: "silent",
  versions: ALL_VERSIONS,
  what: "A NodeName line of State=CLOUD has NodeAddr or NodeHostname.",
  why:
    "From the first power down on the value is gone: seen on 24.11.5 and 26.05.5, both are the node's name then, after a reconfigure and a restart too; on 22.05.8 the last instance's stays until one of these.",
  remedy:
    "Remove it: a node's address is set when it is powered up. A fixed pool of addresses belongs into DNS.",
  sources: [fileOf("26.05", "src/slurmctld/power_save.c"), SLURM_CONF],
  *check(context: Context): Iterable<Report> {
    for (const node of context.cloudNodes) {
      for (const name of ["nodeaddr", "nodehostname"]) {
        const setting = ownSetting(node, name);
        if (setting === undefined) continue;
        const after =
          context.isSince("23.02") || context.token("SlurmctldParameters", "cloud_reg_addrs") !== undefined
            ? "is replaced by the node's name at the first power down"
            : "is replaced by the instance's, which stays the last instance's until a reconfigure";
        yield {
          at: setting,
          message: `${setting.key} "${setting.value.text}" of CLOUD node "${node.name}" ${after}; remove it`,
          ...(context.isSince("23.02") ? {} : { severity: "info" }),
        };
      }
    }
  },
};

/** The parameter that a word about cloud nodes belongs to; undefined for any other word. */
export function homeOf(word: string): string | undefined {
  return CLOUD_WORDS[word.toLowerCase()];
}

function* defunctToken(context: Context, parameter: string, word: string): Iterable<Report> {
  const token = context.token(parameter, word);
  if (token === undefined) return;
  yield {
    at: token,
    message: `"${token.text}" in ${parameter} is defunct: slurmctld logs an error and ignores it; remove it`,
    fix: removal(token, true),
  };
}

function removal(token: Token, safe: boolean): Fix {
  return { title: `Remove ${token.text}`, edits: [removeToken(token)], safe };
}

function ownSetting(node: NodeRecord, name: string) {
  return node.entry.settings.findLast((setting) => setting.name === name);
}
