import type { Sample } from "./measure.ts";
import type { Outcome, Pass } from "./power_cycle.ts";
import type {
  CrowdRun,
  FaultName,
  FaultRun,
  LintRun,
  PowerRun,
  Program,
  Results,
  Samples,
} from "./results.ts";

type Found = Pick<Results, "powerRuns" | "faultRuns" | "lintRuns" | "crowdRuns" | "clustermgtd">;

/** Collects what single runs found, to be put together at the end. */
export class Measurements {
  readonly #power = new Map<string, { what: Omit<PowerRun, "samples" | "actions">; samples: Sample[] }>();
  readonly #faults = new Map<string, { program: string; fault: FaultName; samples: (Sample & Outcome)[] }>();
  readonly #lints = new Map<string, number[]>();
  readonly #crowds = new Map<string, Sample[]>();
  #pass: Pass | undefined;

  /** Adds a run that went well. */
  addPower(what: Omit<PowerRun, "samples" | "actions">, sample: Sample): void {
    const key = JSON.stringify(what);
    const entry = this.#power.get(key) ?? { what, samples: [] };
    this.#power.set(key, entry);
    entry.samples.push(sample);
  }

  /** Adds what a pass of the daemon would have slept. */
  addPass(pass: Pass): void {
    this.#pass = pass;
  }

  /** Adds a run of many hooks at once. */
  addCrowd({ id }: Program, sample: Sample): void {
    this.#crowds.set(id, [...this.#crowds.get(id) ?? [], sample]);
  }

  /** Adds a run in which something went wrong. */
  addFault({ id: program }: Program, fault: FaultName, sample: Sample & Outcome): void {
    const key = `${program} ${fault}`;
    const entry = this.#faults.get(key) ?? { program, fault, samples: [] };
    this.#faults.set(key, entry);
    entry.samples.push(sample);
  }

  /** Adds the seconds of a lint. */
  addLint({ id }: Program, seconds: number): void {
    this.#lints.set(id, [...this.#lints.get(id) ?? [], rounded(seconds, 4)]);
  }

  /** Everything so far. */
  found(): Found {
    return {
      powerRuns: [...this.#power.values()].map(({ what, samples }): PowerRun => ({
        ...what,
        samples: columns(samples),
        actions: samples.at(-1)!.actions,
      })),
      faultRuns: [...this.#faults.values()].map(({ program, fault, samples }): FaultRun => {
        const { actions, launched, addressed, told } = samples.at(-1)!;
        return { program, fault, samples: columns(samples), actions, launched, addressed, told };
      }),
      lintRuns: [...this.#lints].map(([program, wall]): LintRun => ({ program, wall })),
      crowdRuns: [...this.#crowds].map(([program, samples]): CrowdRun => ({
        program,
        samples: columns(samples),
        actions: samples.at(-1)!.actions,
      })),
      ...(this.#pass && { clustermgtd: this.#pass }),
    };
  }
}

function columns(samples: readonly Sample[]): Samples {
  const column = (of: (sample: Sample) => number, digits: number) =>
    samples.map((one) => rounded(of(one), digits));
  const seen = samples.filter(({ first }) => first !== undefined);
  return {
    wall: column(({ wall }) => wall, 4),
    first: seen.map(({ first }) => rounded(first!, 4)),
    cpu: column(({ cpu }) => cpu, 4),
    peakMiB: column(({ peakMiB }) => peakMiB, 1),
    requests: samples.map(({ actions }) => Object.values(actions).reduce((sum, count) => sum + count, 0)),
    scontrol: samples.map(({ scontrol }) => scontrol),
    others: column(({ others }) => others, 2),
  };
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
