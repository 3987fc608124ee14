/**
 * Something that goes wrong a number of times: a call refused, an answer lost, an instance that dies or never
 * boots. The first fault that fits is used up first.
 */
export type Fault =
  | ThrottleFault
  | ErrorFault
  | LostAnswerFault
  | DeathFault
  | BootFault;

/** The next calls of an action get RequestLimitExceeded (SSM: ThrottlingException) and do nothing. */
export interface ThrottleFault {
  readonly kind: "throttle";
  readonly action: string;
  readonly times: number;
}

/** The next calls of an action fail with a code and do nothing. */
export interface ErrorFault {
  readonly kind: "error";
  readonly action: string;
  readonly times: number;
  readonly code: string;
  readonly message?: string;
  readonly httpStatus?: number;
}

/** The next calls of an action are carried out, but the connection breaks before the answer arrives. */
export interface LostAnswerFault {
  readonly kind: "lost-answer";
  readonly action: string;
  readonly times: number;
}

/** The next instances launched die while pending (EC2 user guide, "Instance terminates immediately"). */
export interface DeathFault {
  readonly kind: "death";
  readonly times: number;
  /** Milliseconds after the launch. */
  readonly afterMs: number;
  /** E.g. `Server.InternalError`, `Client.VolumeLimitExceeded`, `Client.InternalError`. */
  readonly code: string;
  readonly message?: string;
  /** Only instances of this type. */
  readonly instanceType?: string;
}

/** The next instances launched reach `running`, but their guest never comes up. */
export interface BootFault {
  readonly kind: "boot-failure";
  readonly times: number;
  /** Only instances of this type. */
  readonly instanceType?: string;
}

/** Takes one use of the first fault that fits; the faults that remain come back with it. */
export function takeFault<F extends Fault>(
  faults: readonly Fault[],
  fits: (fault: Fault) => fault is F,
): { readonly fault?: F; readonly rest: readonly Fault[] } {
  const at = faults.findIndex((fault) => fault.times > 0 && fits(fault));
  if (at < 0) return { rest: faults };
  const fault = faults[at] as F;
  const used: readonly Fault[] = fault.times > 1 ? [{ ...fault, times: fault.times - 1 }] : [];
  return { fault, rest: [...faults.slice(0, at), ...used, ...faults.slice(at + 1)] };
}
