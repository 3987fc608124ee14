/**
 * Stand-in for jsr:@std/log where JSR can't be reached: the names that we use, with their signatures and
 * behaviour, for messages that are strings. Written out, for a logging library costs each hook 10 ms to load.
 */
export { BaseHandler, type FormatterFunction } from "./base_handler.ts";
export { type LevelName, type LogLevel, LogLevels } from "./levels.ts";
export { LogRecord } from "./log_record.ts";
export { Logger } from "./logger.ts";
