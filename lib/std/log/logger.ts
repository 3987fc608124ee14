import type { BaseHandler } from "./base_handler.ts";
import { type LevelName, type LogLevel, LogLevels } from "./levels.ts";
import { LogRecord } from "./log_record.ts";

/** Hands each message of its level or above to every handler; answers the message. */
export class Logger {
  handlers: BaseHandler[];
  readonly #name: string;
  readonly #level: LogLevel;

  constructor(loggerName: string, levelName: LevelName, options: { handlers?: BaseHandler[] } = {}) {
    this.#name = loggerName;
    this.#level = LogLevels[levelName];
    this.handlers = options.handlers ?? [];
  }

  debug(msg: string): string {
    return this.#log(LogLevels.DEBUG, msg);
  }

  info(msg: string): string {
    return this.#log(LogLevels.INFO, msg);
  }

  warn(msg: string): string {
    return this.#log(LogLevels.WARN, msg);
  }

  error(msg: string): string {
    return this.#log(LogLevels.ERROR, msg);
  }

  #log(level: LogLevel, msg: string): string {
    if (level < this.#level) return msg;
    const record = new LogRecord({ msg, args: [], level, loggerName: this.#name });
    for (const handler of this.handlers) handler.handle(record);
    return msg;
  }
}
