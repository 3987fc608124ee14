/** What every command's exit status means; printed in the README and in `--help`. */
export const ExitCode = {
  /** All done; for lint: nothing found, or remarks of severity info only. */
  Done: 0,
  /** Nothing, or not the asked thing, was done; the message says what to do next. */
  Failed: 1,
  /** The command line or a file given to it is wrong; nothing was tried. */
  Usage: 2,
  /** Part of it was done; for lint and checks: something was found. */
  Partly: 3,
} as const;

/** One of the exit statuses of {@link ExitCode}. */
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];
