/** Why something could not be found out here. */
export type Unanswered =
  /** There is no such program. */
  | { readonly kind: "missing"; readonly program: string }
  /** It had not ended within its time limit, in seconds. */
  | { readonly kind: "cut"; readonly what: string; readonly seconds: number }
  /** This process was started without the permission. */
  | { readonly kind: "denied"; readonly what: string };

/** What running a program came to. */
export type Ran =
  | { readonly kind: "ended"; readonly code: number; readonly stdout: string; readonly stderr: string }
  | Unanswered;

/** How a program is run. */
export interface RunOptions {
  /** Seconds; 5 unless given. */
  readonly limit?: number;
  /** Standard input; none unless given. */
  readonly input?: string;
  /** Besides PATH and LC_ALL=C, the only variables of this process that programs get. */
  readonly env?: Readonly<Record<string, string>>;
}

/** What a resolver, or this machine, says of a name or an address. */
export type Lookup =
  /** Addresses, or names without the point at their end; never empty. */
  | { readonly kind: "found"; readonly values: readonly string[] }
  /** There is no such name (NXDOMAIN), or nothing of this kind under it. */
  | { readonly kind: "none" }
  /** The resolver could not or would not say: SERVFAIL, REFUSED, … */
  | { readonly kind: "failed"; readonly code: string }
  | Unanswered;

/** What came of a TCP connection. */
export type Connection =
  | { readonly kind: "open" }
  /** Somebody is there, and says that nobody listens. */
  | { readonly kind: "refused" }
  /** No route, or a router says so. */
  | { readonly kind: "unreachable"; readonly words: string }
  /** The name has no address. */
  | { readonly kind: "unresolved" }
  | Unanswered;

/** What another machine's clock says. */
export type Clock =
  /** Milliseconds by which this machine's clock is ahead, and how far off that may be. */
  | { readonly kind: "read"; readonly ahead: number; readonly within: number }
  | { readonly kind: "failed"; readonly words: string }
  | Unanswered;

/**
 * The machine that a person sits at, as far as checks look at it. Nothing of this ever throws, changes anything, or
 * takes longer than its limit: what hangs is left behind.
 */
export interface Machine {
  /** Runs a program found in the usual places, or by its absolute path. */
  run(argv: readonly [string, ...string[]], options?: RunOptions): Promise<Ran>;
  /** Asks one resolver itself, past this machine's own settings: A or PTR of a name. */
  ask(resolver: string, type: "A" | "PTR", name: string): Promise<Lookup>;
  connect(host: string, port: number): Promise<Connection>;
  /** Reads the time of an HTTP server from its answer's Date header. */
  clockOf(url: string): Promise<Clock>;
}
