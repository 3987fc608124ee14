/** What every command's exit status means; {@link EXIT_CODES} says it to people. */
export const ExitCode = {
  /** All done; for lint: nothing found, or remarks of severity info only. */
  Done: 0,
  /** Nothing, or not the asked thing, was done; the message says what to do next. */
  Failed: 1,
  /** The command line or a file given to it is wrong; nothing was tried. */
  Usage: 2,
  /** Part of it was done; for lint and checks: something was found. */
  Partly: 3,
  /** Done, but what is known of it could not be written down; of the worker only. */
  NotKept: 4,
} as const;

/** One of the exit statuses of {@link ExitCode}. */
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** The same for people, in the README and in every `--help`; a command may say more of its own. */
export const EXIT_CODES: Readonly<Record<Exclude<ExitCode, typeof ExitCode.NotKept>, string>> = {
  [ExitCode.Done]: "done",
  [ExitCode.Failed]: "failed; the message says what to do next",
  [ExitCode.Usage]: "the command line, or a file that it names, is wrong: nothing was tried",
  [ExitCode.Partly]: "partly done, or something was found",
};
