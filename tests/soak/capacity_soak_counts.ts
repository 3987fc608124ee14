/** What came of some histories. */
export interface Played {
  readonly histories: number;
  /** RunInstances calls. */
  readonly launches: number;
  /** Of them, calls for another offering than a group's first. */
  readonly failovers: number;
  /** Calls that EC2 answered with a refusal or fewer instances than asked for. */
  readonly misses: number;
  /** Histories with a limit. */
  readonly limited: number;
  /** Starts of the worker. */
  readonly starts: number;
  /** What went wrong, with its seed. */
  readonly wrong: readonly { readonly seed: number; readonly problems: readonly string[] }[];
}

/** The sum of several. */
export function counts(all: readonly Played[]): Played {
  const sum = (of: (played: Played) => number) => all.reduce((total, played) => total + of(played), 0);
  return {
    histories: sum(({ histories }) => histories),
    launches: sum(({ launches }) => launches),
    failovers: sum(({ failovers }) => failovers),
    misses: sum(({ misses }) => misses),
    limited: sum(({ limited }) => limited),
    starts: sum(({ starts }) => starts),
    wrong: all.flatMap(({ wrong }) => wrong).sort((a, b) => a.seed - b.seed),
  };
}
