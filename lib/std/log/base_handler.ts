import { type LevelName, LogLevels } from "./levels.ts";
import type { LogRecord } from "./log_record.ts";

/** Makes the line of a record. */
export type FormatterFunction = (logRecord: LogRecord) => string;

/** Where lines go: a subclass writes them in {@link log}. */
export abstract class BaseHandler {
  formatter: FormatterFunction;
  readonly #level: number;

  constructor(levelName: LevelName, options: { formatter?: FormatterFunction } = {}) {
    this.#level = LogLevels[levelName];
    this.formatter = options.formatter ?? (({ levelName, msg }) => `${levelName} ${msg}`);
  }

  handle(logRecord: LogRecord): void {
    if (logRecord.level >= this.#level) this.log(this.format(logRecord));
  }

  format(logRecord: LogRecord): string {
    return this.formatter(logRecord);
  }

  abstract log(msg: string): void;

  setup(): void {}

  destroy(): void {}
}
