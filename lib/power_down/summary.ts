import { AwsError } from "../aws/aws_error.ts";
import { troubleLines } from "../cluster/troubles.ts";
import { errorClass } from "../aws/error_codes.ts";
import { errorText } from "../base/error_text.ts";
import type { Isolated } from "../base/isolate.ts";
import type { NodeInstance } from "../cluster/tend.ts";
import { type FailureVerdict, failureVerdict } from "../cluster/verdict.ts";

/** What became of one node. */
export type PoweredDown =
  | { readonly kind: "terminated" | "stopped"; readonly instanceIds: readonly string[] }
  | { readonly kind: "no-instance" }
  | { readonly kind: "failed"; readonly reason: string }
  | { readonly kind: "not-ours" };

/** What became of a request; troubles are sentences for the administrator. */
export interface PowerDownResult {
  readonly nodes: ReadonlyMap<string, PoweredDown>;
  readonly troubles: readonly string[];
}

/** What became of each node, as the steps bring it. */
export class Summary implements PowerDownResult {
  readonly nodes = new Map<string, PoweredDown>();
  readonly #others: string[] = [];
  readonly #errors = new Map<string, { readonly code: string; readonly message: string }>();

  constructor(foreign: readonly string[]) {
    for (const nodeName of foreign) this.nodes.set(nodeName, { kind: "not-ours" });
  }

  /** The node's instance may still run. */
  failed(nodeName: string, error: unknown): void {
    const code = error instanceof AwsError ? error.code : error instanceof Error ? error.name : "Unknown";
    const message = errorText(error);
    this.#errors.set(nodeName, { code, message });
    this.nodes.set(nodeName, { kind: "failed", reason: `${code}: ${message}` });
  }

  /** Something else that the administrator must know. */
  trouble(...sentences: readonly string[]): void {
    this.#others.push(...sentences);
  }

  get troubles(): string[] {
    const failed = [...this.#errors].map(([name, { code, message }]) => ({
      name,
      error: `${code}: ${message}`,
    }));
    const lines = troubleLines(
      failed,
      (names, error) => `Nodes ${names} may still have running instances: ${error}`,
    );
    return [...lines, ...this.#others];
  }

  /** Some instances were ended; `failures` are the ids that were not. */
  ended(
    kind: "terminated" | "stopped",
    planned: readonly NodeInstance[],
    failures: readonly Isolated<string>[],
  ): void {
    const errors = new Map(failures.map(({ item, error }) => [item, error]));
    for (const [nodeName, own] of Map.groupBy(planned, (entry) => entry.nodeName)) {
      const ids = own.map(({ instance }) => instance.instanceId);
      const bad = ids.find((id) => errors.has(id));
      if (bad !== undefined) this.failed(nodeName, errors.get(bad));
      else if (!this.#errors.has(nodeName)) this.nodes.set(nodeName, { kind, instanceIds: ids });
    }
  }

  /** Nodes with one verdict. */
  named(kind: PoweredDown["kind"]): string[] {
    return [...this.nodes].flatMap(([node, verdict]) => verdict.kind === kind ? [node] : []);
  }

  /** What Slurm is to be told of the nodes whose instance may still run. */
  failures(clock: { readonly now: number; readonly cooldown: number }): Map<string, FailureVerdict> {
    return new Map([...this.#errors].map(([nodeName, error]) => {
      const verdict = failureVerdict(error, errorClass(error.code), clock);
      // Given back at once, it would be powered up beside its old instance: it stays down until that has ended.
      return [nodeName, verdict.kind === "down" ? verdict : failureVerdict(error, "unknown", clock)];
    }));
  }
}
