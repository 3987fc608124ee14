import type { FileRange, Finding, Severity } from "../base/finding.ts";
import type { Context } from "./context.ts";
import type { Span } from "./document.ts";
import type { SlurmVersion, VersionRange } from "./versions.ts";

/** One replacement in one file: the text from `start` up to `end` becomes `text`. */
export interface Edit {
  /** What is replaced; empty to put something in. */
  readonly span: Span;
  /** What stands there instead. */
  readonly text: string;
}

/** How to fix a finding; made with the functions of edit.ts. */
export interface Fix {
  /** What it does, as an order: `Remove the token`. */
  readonly title: string;
  /** Made together or not at all. */
  readonly edits: readonly Edit[];
  /**
   * Whether `--fix` may make it unasked: it can't change what the cluster does, other than as the finding says. In
   * a finding it is true only where the finding holds for all target releases.
   */
  readonly safe: boolean;
}

/** What a rule's check reports; the rule itself says the rest. */
export interface Report {
  /** The key, value, token or record that is wrong: anything with a span, or a span. */
  readonly at: Span | { readonly span: Span };
  /** What is wrong here, with the value quoted, and the next step. No version: the engine adds it. */
  readonly message: string;
  /** Where it differs from the rule's own. */
  readonly severity?: Severity;
  /** Where it differs from the rule's own. */
  readonly daemon?: DaemonEffect;
  /** How to fix it, where an edit can. */
  readonly fix?: Fix;
}

/**
 * What slurmctld itself does about it: `refuses` to start, `logs` an error and goes on, or says nothing. The
 * differential test holds rules to it.
 */
export type DaemonEffect = "refuses" | "logs" | "silent";

/** A named check of a configuration: a pure function and what there is to know about it. */
export interface Rule {
  /** `PS006`, `CL001`, `SC013`. */
  readonly id: string;
  /** A few words, for lists and SARIF. */
  readonly title: string;
  /** How bad a finding is, unless it says otherwise; error: slurmctld refuses, or what the line is for does not work. */
  readonly severity: Severity;
  /** What slurmctld does about it, unless a finding says otherwise. */
  readonly daemon: DaemonEffect;
  /** The releases for which check is asked at all. */
  readonly versions: VersionRange;
  /** Whether a finding of it is left out where another rule speaks of the same text for the same releases. */
  readonly isEcho?: boolean;
  /** What the rule looks for. One or two sentences. */
  readonly what: string;
  /** What goes wrong otherwise. */
  readonly why: string;
  /** How to fix it. */
  readonly remedy: string;
  /** Public pages that say so. */
  readonly sources: readonly string[];
  /**
   * Asked once per target release; when it never looks at the context's version (nor at what depends on it) the
   * answer of the first release stands for all.
   */
  check(context: Context): Iterable<Report>;
}

/** Something to fix in a file, as printed: a {@link Finding} with its edit, and what slurmctld does. */
export interface LintFinding extends Pick<Finding, "severity" | "message">, FileRange {
  /** Id of the rule. */
  readonly rule: string;
  /** What slurmctld does about it. */
  readonly daemon: DaemonEffect;
  /** The target releases to which it applies. */
  readonly versions: readonly SlurmVersion[];
  /** The place in the file that was read. */
  readonly span: Span;
  /** How to fix it, where an edit can. */
  readonly fix?: Fix;
}
