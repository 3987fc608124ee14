import { didYouMean } from "../../base/did_you_mean.ts";
import type { Context, Token } from "../context.ts";
import { removeEntry, removeToken } from "../edit.ts";
import type { Fix, Report, Rule } from "../rule.ts";
import { ALL_VERSIONS, since } from "../versions.ts";
import { isComplete } from "./completeness.ts";
import { fileOf, SLURM_CONF } from "./sources.ts";

/** What SuspendExcStates takes (slurm.conf(5)). */
const STATES: readonly string[] = [
  "CLOUD",
  "DOWN",
  "DRAIN",
  "DYNAMIC_FUTURE",
  "DYNAMIC_NORM",
  "FAIL",
  "INVALID_REG",
  "MAINTENANCE",
  "NOT_RESPONDING",
  "PLANNED",
  "RESERVED",
];

/** PS021. */
export const cloudStateExcluded: Rule = {
  id: "PS021",
  title: "SuspendExcStates=CLOUD",
  severity: "warning",
  daemon: "silent",
  versions: since("23.02"),
  what: "SuspendExcStates contains CLOUD.",
  why:
    "CLOUD is a state flag of every cloud node, powered up or not: none is ever suspended, and EC2 bills them all.",
  remedy: "Remove CLOUD; exclude nodes by name with SuspendExcNodes.",
  sources: [SLURM_CONF],
  *check(context: Context): Iterable<Report> {
    const token = context.token("SuspendExcStates", "CLOUD");
    if (token === undefined) return;
    yield {
      at: token,
      message: `SuspendExcStates has "${token.text}": no cloud node is ever powered down; remove it`,
      fix: removal(token),
    };
  },
};

/** PS022. */
export const brokenStateExcluded: Rule = {
  id: "PS022",
  title: "SuspendExcStates keeps broken instances",
  severity: "warning",
  daemon: "silent",
  versions: since("23.02"),
  what: "SuspendExcStates contains DOWN or NOT_RESPONDING and there are CLOUD nodes.",
  why:
    "A cloud node that broke is then never powered down: its instance runs on and is billed until an administrator looks.",
  remedy: "Remove the word; name on-premises nodes in SuspendExcNodes.",
  sources: [SLURM_CONF],
  *check(context: Context): Iterable<Report> {
    if (context.cloudNodes.length === 0 && isComplete(context)) return;
    for (const token of context.tokens("SuspendExcStates")) {
      if (!/^(down|not_responding)$/i.test(token.name)) continue;
      yield {
        at: token,
        message:
          `SuspendExcStates has "${token.text}": a broken cloud node keeps its instance and is billed; remove it`,
        fix: removal(token),
      };
    }
  },
};

/** PS023. */
export const suspendExcStatesInvalid: Rule = {
  id: "PS023",
  title: "SuspendExcStates unknown",
  severity: "error",
  daemon: "logs",
  versions: ALL_VERSIONS,
  what: "SuspendExcStates is used before 23.02, or has a state that it doesn't take.",
  why:
    "Before 23.02 the key is unknown and slurmctld does not start. An unknown state is logged and excludes nothing.",
  remedy: `Write one of ${STATES.join(", ")}.`,
  sources: [SLURM_CONF, fileOf("26.05", "src/slurmctld/power_save.c")],
  *check(context: Context): Iterable<Report> {
    const setting = context.setting("SuspendExcStates");
    if (setting === undefined) return;
    if (!context.isSince("23.02")) {
      yield {
        at: setting,
        message: "SuspendExcStates is unknown to this Slurm: slurmctld does not start; remove the line",
        daemon: "refuses",
        fix: { title: "Remove the line", edits: [removeEntry(setting)], safe: false },
      };
      return;
    }
    const states = context.isSince("26.05") ? [...STATES, "EXTERNAL"] : STATES;
    for (const token of context.tokens("SuspendExcStates")) {
      if (isTaken(token.text.toUpperCase(), states)) continue;
      const near = didYouMean(token.text, states);
      yield {
        at: token,
        message: `SuspendExcStates takes no "${token.text}": it is logged and ignored; ${
          near === undefined ? `write one of ${states.join(", ")}` : `did you mean ${near}?`
        }`,
      };
    }
  },
};

function removal(token: Token): Fix {
  return { title: `Remove ${token.text}`, edits: [removeToken(token)], safe: false };
}

/** States that slurmctld knows by their beginning, whatever follows: DRAINED, FAILING, RESERVED_X. */
const BEGINNINGS = ["CLOUD", "DRAIN", "FAIL", "RESERVED"];

/** Whether slurmctld takes a word for a state: it compares beginnings, so MAINT and PLAN are taken (seen on 24.11.5 and 26.05.5). */
function isTaken(word: string, states: readonly string[]): boolean {
  return states.some((state) => state.startsWith(word) && word.length >= SHORTEST) ||
    BEGINNINGS.some((state) => word.startsWith(state));
}

/** Letters of the shortest beginning that the daemons were asked about. */
const SHORTEST = 3;
