import type { Outcome, Pass, Sample } from "./power_cycle.ts";
import type {
  BirthCheck,
  FaultName,
  FaultRun,
  LintRun,
  PowerRun,
  Program,
  Results,
  Samples,
} from "./results.ts";

type Found = Pick<Results, "powerRuns" | "faultRuns" | "lintRuns" | "birthCheck" | "clustermgtd">;

/** Collects what single runs found, to be put together at the end. */
export class Measurements {
  readonly #power = new Map<string, { what: Omit<PowerRun, "samples" | "actions">; samples: Sample[] }>();
  readonly #faults = new Map<string, { program: string; fault: FaultName; samples: (Sample & Outcome)[] }>();
  readonly #lints = new Map<string, number[]>();
  #birthCheck: BirthCheck | undefined;
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

  /** Adds the run with the look at new instances. */
  addBirthCheck(run: BirthCheck): void {
    this.#birthCheck = { ...run, wall: rounded(run.wall, 4) };
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
      ...(this.#birthCheck && { birthCheck: this.#birthCheck }),
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
  };
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
