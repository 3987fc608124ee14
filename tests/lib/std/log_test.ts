import { assertEquals } from "@std/assert";
import { BaseHandler, type LevelName, Logger, type LogRecord } from "@std/log";

class Lines extends BaseHandler {
  readonly lines: string[] = [];

  override log(line: string): void {
    this.lines.push(line);
  }
}

function lines(
  handlerLevel: LevelName,
  loggerLevel: LevelName,
  formatter?: (record: LogRecord) => string,
): string[] {
  const handler = new Lines(handlerLevel, formatter && { formatter });
  const logger = new Logger("name", loggerLevel, { handlers: [handler] });
  logger.debug("a");
  logger.info("b");
  logger.warn("c");
  logger.error("d");
  return handler.lines;
}

Deno.test("Logger hands messages to its handlers", { permissions: "none" }, () => {
  assertEquals(lines("DEBUG", "DEBUG"), ["DEBUG a", "INFO b", "WARN c", "ERROR d"]);
});

Deno.test("Logger and handler each keep back what is below their level", { permissions: "none" }, () => {
  assertEquals(lines("WARN", "DEBUG"), ["WARN c", "ERROR d"]);
  assertEquals(lines("DEBUG", "ERROR"), ["ERROR d"]);
  assertEquals(lines("NOTSET", "CRITICAL"), []);
});

Deno.test("BaseHandler formats records by its formatter", { permissions: "none" }, () => {
  const format = ({ levelName, level, loggerName, msg, datetime }: LogRecord) =>
    `${levelName} ${level} ${loggerName} ${msg} ${datetime instanceof Date}`;
  assertEquals(lines("ERROR", "DEBUG", format), ["ERROR 40 name d true"]);
});

Deno.test("Logger answers the message", { permissions: "none" }, () => {
  assertEquals(new Logger("name", "ERROR").info("a"), "a");
});
