import { type LogLevel, LogLevels } from "./levels.ts";

/** A message on its way to the handlers. */
export class LogRecord {
  readonly msg: string;
  readonly level: number;
  readonly levelName: string;
  readonly loggerName: string;
  readonly #datetime = new Date();

  constructor(options: { msg: string; args: unknown[]; level: LogLevel; loggerName: string }) {
    this.msg = options.msg;
    this.level = options.level;
    this.levelName = Object.entries(LogLevels).find(([, level]) => level === options.level)![0];
    this.loggerName = options.loggerName;
  }

  get datetime(): Date {
    return new Date(this.#datetime.getTime());
  }
}
