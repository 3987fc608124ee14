/** The running log of a hook or command, for people; decisions go to the event log instead. */
export interface Log {
  /** For finding a fault. */
  debug(message: string): void;
  /** What was done. */
  info(message: string): void;
  /** What went wrong and was got over. */
  warn(message: string): void;
  /** What went wrong and stays so. */
  error(message: string): void;
  /** Writes out what is buffered and closes the file. */
  close(): void;
}
