import type { SlurmVersion } from "../e2e/rig.ts";
import { askConfigurations } from "./ask.ts";
import type { HeldOut } from "./held_out.ts";
import { askLint, type LintAnswer } from "./lint_answer.ts";
import type { Verdict } from "./verdict.ts";

/** An input with both answers. */
export interface Compared {
  readonly input: Pick<HeldOut, "kind" | "what">;
  readonly verdict: Verdict;
  readonly lint: LintAnswer;
}

/** How often lint and daemon agree on inputs of one version. */
export interface Agreement {
  readonly inputs: number;
  /** Inputs that the daemon refuses, and those of them with an error of lint. */
  readonly refused: number;
  readonly refusedFound: number;
  /** Inputs that the daemon takes in silence, and those of them of which lint doesn't say that slurmctld complains. */
  readonly accepted: number;
  readonly acceptedLeft: number;
  /** Of the accepted ones: those with an error of lint that itself says slurmctld is silent: power saving is dead. */
  readonly acceptedDead: number;
  /** Inputs that the daemon starts with and logs an error or warning of, and those with any finding. */
  readonly logged: number;
  readonly loggedFound: number;
  /** Inputs whose outcome depends on the machine: left out. */
  readonly machine: number;
}

/** Asks daemon and lint about the same inputs. */
export async function compare(version: SlurmVersion, inputs: readonly HeldOut[]): Promise<Compared[]> {
  const verdicts = await askConfigurations(version, inputs);
  return inputs.map((input, index) => ({
    input,
    verdict: verdicts[index]!,
    lint: askLint(version, input.files),
  }));
}

/** Counts. */
export function agreementOf(compared: readonly Compared[]): Agreement {
  const of = (outcome: Verdict["outcome"]) => compared.filter(({ verdict }) => verdict.outcome === outcome);
  const refused = of("refused");
  const accepted = of("accepted");
  const logged = of("logged");
  return {
    inputs: compared.length,
    refused: refused.length,
    refusedFound: refused.filter((one) => !isWrong(one)).length,
    accepted: accepted.length,
    acceptedLeft: accepted.filter((one) => !isWrong(one)).length,
    acceptedDead: accepted.filter((one) => !isWrong(one) && one.lint.errors.length > 0).length,
    logged: logged.length,
    loggedFound: logged.filter(({ lint }) => lint.findings.length > 0).length,
    machine: of("machine").length,
  };
}

/** Whether lint and daemon disagree about an input that one of them refuses. */
export function isWrong({ verdict, lint }: Compared): boolean {
  if (verdict.outcome === "refused") return lint.errors.length === 0;
  if (verdict.outcome === "accepted") return lint.errors.some(({ daemon }) => daemon !== "silent");
  return false;
}

/** A disagreement in one line. */
export function describeDisagreement({ input, verdict, lint }: Compared): string {
  const said = lint.errors.map(({ rule, message }) => `${rule} ${message}`).join(" | ");
  return `${verdict.outcome.toUpperCase()} ${input.kind} ${input.what}\n    daemon: ${
    verdict.words || "-"
  }\n    lint: ${said || "-"}`;
}
