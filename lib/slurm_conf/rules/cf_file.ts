import type { Context } from "../context.ts";
import type { ParseProblem } from "../document.ts";
import type { Fix, Report, Rule } from "../rule.ts";
import { ALL_VERSIONS } from "../versions.ts";

const MANUAL = "https://slurm.schedmd.com/slurm.conf.html";
const PARSER = "https://github.com/SchedMD/slurm/blob/master/src/common/parse_config.c";

/** CF001. */
export const unreadableText: Rule = {
  ...parseRule(["binary", "too-large"]),
  id: "CF001",
  title: "No text file",
  severity: "error",
  daemon: "refuses",
  versions: ALL_VERSIONS,
  what: "The file holds NUL bytes, or is far larger than any slurm.conf.",
  why: "It is not a configuration file: an archive, a core dump, UTF-16 text. slurmctld can't parse it.",
  remedy: "Give the right file; save UTF-16 text as UTF-8.",
  sources: [MANUAL],
};

/** CF002. */
export const unreadableInclude: Rule = {
  ...parseRule(["include-unreadable", "include-cluster-name", "include-limit"]),
  id: "CF002",
  title: "Include that can't be read",
  severity: "error",
  daemon: "refuses",
  versions: ALL_VERSIONS,
  what: "An Include line names a file that can't be read, a pattern, or %c before ClusterName is set.",
  why:
    "slurmctld tries for 60 seconds and then refuses to start. Without the file this check is incomplete, too.",
  remedy: "Create the file (an empty one will do), correct the path, or remove the line.",
  sources: [MANUAL, PARSER],
};

/** CF003. */
export const includeLoop: Rule = {
  ...parseRule(["include-loop"]),
  id: "CF003",
  title: "Include loop",
  severity: "error",
  daemon: "refuses",
  versions: ALL_VERSIONS,
  what: "A file includes itself, directly or through others.",
  why: "slurmctld reads the circle again and again and never starts.",
  remedy: "Remove the Include line that closes the circle.",
  sources: [PARSER],
};

/** CF004. */
export const unparsableText: Rule = {
  ...parseRule([
    "syntax",
    "empty-value",
    "second-setting",
    "blank-in-value",
    "byte-order-mark",
    "unterminated-include",
  ]),
  id: "CF004",
  title: "Text that Slurm can't parse",
  severity: "error",
  daemon: "refuses",
  versions: ALL_VERSIONS,
  what:
    "A line is not a key=value, has no value, has a second setting or loose words behind its value, or begins with a byte order mark.",
  why: "slurmctld logs a parse error and refuses to start.",
  remedy: "One setting a line; values with blanks in double quotes; Include in the first column.",
  sources: [PARSER],
};

/** CF006. */
export const directoryInclude: Rule = {
  ...parseRule(["directory-include"]),
  id: "CF006",
  title: "Include of a directory",
  severity: "warning",
  daemon: "silent",
  versions: ALL_VERSIONS,
  what: "An Include line names a directory.",
  why: "Slurm reads nothing from it and says nothing: the files in it are not part of the configuration.",
  remedy: "Include each file by its name.",
  sources: [PARSER],
};

/** CF007. */
export const relativeInclude: Rule = {
  id: "CF007",
  title: "Relative Include in an included file",
  severity: "warning",
  daemon: "silent",
  versions: ALL_VERSIONS,
  what: "A file in another directory than slurm.conf includes a file by a relative path.",
  why:
    "Slurm 22.05 looks next to the file that holds the line, 24.11 and later next to slurm.conf: an update makes it another file, or none, and then slurmctld does not start.",
  remedy: "Write the absolute path.",
  sources: [MANUAL, PARSER],
  *check(context: Context): Iterable<Report> {
    for (const document of [context.document, context.gres]) {
      for (const problem of document?.problems ?? []) {
        if (!problem.kind.startsWith("relative-include")) continue;
        // Releases between the two that were asked are given the benefit of the doubt.
        const isMissing = (problem.kind === "relative-include-old" && context.isSince("24.11")) ||
          (problem.kind === "relative-include-new" && !context.isSince("23.02"));
        const severity = isMissing ? { severity: "error", daemon: "refuses" } as const : {};
        yield { at: problem, message: problem.message, ...severity };
      }
    }
  },
};

/** CF009. */
export const openContinuation: Rule = {
  ...parseRule(["continuation-at-end"], removeBackslash),
  id: "CF009",
  title: "Backslash at the end of the file",
  severity: "info",
  daemon: "silent",
  versions: ALL_VERSIONS,
  what: "The last line ends with a backslash.",
  why:
    "Harmless until a line is appended: it becomes a part of this one, and its setting is lost without a word.",
  remedy: "Remove the backslash.",
  sources: [PARSER],
};

/** The common half of rules whose findings the parser already made. */
function parseRule(
  kinds: readonly ParseProblem["kind"][],
  fixOf?: (problem: ParseProblem) => Fix,
): Pick<Rule, "check"> {
  return {
    *check(context: Context): Iterable<Report> {
      for (const document of [context.document, context.gres]) {
        for (const problem of document?.problems ?? []) {
          if (!kinds.includes(problem.kind)) continue;
          const fix = fixOf?.(problem) ?? defaultFix(problem);
          yield { at: problem, message: problem.message, ...(fix === undefined ? {} : { fix }) };
        }
      }
    },
  };
}

function defaultFix({ kind, span }: ParseProblem): Fix | undefined {
  const { file, end } = span;
  switch (kind) {
    case "byte-order-mark":
      return { title: "Remove the byte order mark", edits: [{ span, text: "" }], safe: true };
    case "unterminated-include": {
      const atEnd = end === file.text.length;
      const edit = { span: { file, start: end, end }, text: atEnd ? "\n" : " " };
      return { title: atEnd ? "End the line" : "Put a blank before the comment", edits: [edit], safe: true };
    }
    default:
      return undefined;
  }
}

function removeBackslash({ span }: ParseProblem): Fix {
  const { file } = span;
  const at = file.text.lastIndexOf("\\", span.end);
  return {
    title: "Remove the backslash",
    edits: [{ span: { file, start: at, end: at + 1 }, text: "" }],
    safe: true,
  };
}
