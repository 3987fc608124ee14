/** What happens to a cluster, and how often against the others. */
export const MISHAPS = {
  /** SIGKILL to the worker, whatever it is about. */
  "kill-worker": 4,
  /** SIGKILL to what starts workers, and to hooks that are there. */
  "kill-hooks": 2,
  /** The hooks are killed before they can write a request down. */
  "lose-requests": 2,
  /** slurmctld is stopped and started again. */
  "restart-slurmctld": 2,
  "reconfigure": 2,
  "no-capacity": 2,
  "throttle": 3,
  /** A call is carried out and its answer does not arrive. */
  "lose-answers": 4,
  /** A call fails with a code of AWS's own trouble. */
  "refuse": 2,
  "expire-credentials": 1,
  /** DescribeInstances shows a launch only after seconds. */
  "hide-launches": 1,
  "slow-api": 1,
  /** An instance ends itself. */
  "power-off": 3,
  "interrupt-spot": 2,
  /** A guest never comes up. */
  "boot-failure": 1,
  /** An instance dies while it is pending. */
  "death-at-birth": 1,
  "fill-disk": 1,
  /** A person's scontrol. */
  "power-up": 3,
  "power-down": 2,
  "power-down-force": 2,
  "power-down-asap": 1,
  "drain": 1,
  "down": 1,
  "requeue": 2,
  /** A person's `slurm-ec2 reconcile --apply`. */
  "reconcile": 1,
} as const;

/** One kind of {@link MISHAPS}. */
export type MishapKind = keyof typeof MISHAPS;

/** A mishap of a run. */
export interface Mishap {
  /** Seconds after the run's beginning. */
  readonly at: number;
  readonly kind: MishapKind;
  /** For how long it lasts, where it lasts; seconds. */
  readonly seconds: number;
  /** Chooses among nodes, actions and codes; 0..1. */
  readonly rolls: readonly [number, number];
}

/** Seconds between two mishaps. */
const PAUSE = { least: 1, most: 5 };
/** How long a mishap lasts; seconds. */
const LASTS = { least: 2, most: 12 };

/** What happens in a run of so many seconds: the same for the same numbers. */
export function planMishaps(random: () => number, seconds: number): Mishap[] {
  const between = ({ least, most }: typeof PAUSE) => least + random() * (most - least);
  const kinds = Object.entries(MISHAPS).flatMap(([kind, often]) =>
    Array<MishapKind>(often).fill(kind as MishapKind)
  );
  const plan: Mishap[] = [];
  for (let at = between(PAUSE); at < seconds; at += between(PAUSE)) {
    const kind = kinds[Math.floor(random() * kinds.length)]!;
    plan.push({ at, kind, seconds: between(LASTS), rolls: [random(), random()] });
  }
  return plan;
}
