/** The running log of a hook or command, for people; decisions go to the event log instead. */
export interface Log {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
  /** Writes out what is buffered and closes the file. */
  close(): void;
}
