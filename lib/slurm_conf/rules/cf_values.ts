import { keyInfo, keysOf, keyStatus, type KeyTable, type ValueType } from "../data/keys.ts";
import { type Context, wholeNumber } from "../context.ts";
import { positionAt, type Setting } from "../document.ts";
import type { Report, Rule } from "../rule.ts";
import { ALL_VERSIONS } from "../versions.ts";

const PARSER = "https://github.com/SchedMD/slurm/blob/master/src/common/parse_config.c";

/** Keys of which rules PS009 and PS015 judge the range. */
const RANGE_JUDGED_ELSEWHERE: ReadonlySet<string> = new Set([
  "resumetimeout",
  "suspendtimeout",
  "resumerate",
  "suspendrate",
]);

/** CF005. */
export const valueOfWrongType: Rule = {
  id: "CF005",
  title: "Value of the wrong type",
  severity: "error",
  daemon: "refuses",
  versions: ALL_VERSIONS,
  what: "A key that takes a number or yes/no has another value, or a number beyond its type.",
  why: "slurmctld logs that the value is not valid and refuses to start.",
  remedy:
    "Whole numbers, decimal without a leading 0 (that makes it octal), or INFINITE; at most 65535 or 4294967295, as the key has it; YES or NO.",
  sources: [PARSER],
  *check(context: Context): Iterable<Report> {
    for (const settings of context.settingsByKey.values()) {
      for (const setting of settings) yield* checkType(context, "slurm.conf", setting);
    }
    for (const entry of context.document.entries) {
      if (entry.kind !== "record" || entry.type === "Name") continue;
      for (const setting of entry.settings.slice(1)) yield* checkType(context, entry.type, setting);
    }
  },
};

function* checkType(context: Context, table: KeyTable, setting: Setting): Iterable<Report> {
  const info = keyInfo(table, setting.name);
  if (info?.type === undefined) return;
  if (isPlainNumber(setting.value.text) && info.type !== "boolean") return;
  if (RANGE_JUDGED_ELSEWHERE.has(setting.name) && wholeNumber(setting.value.text) !== undefined) return;
  const wrong = whatIsWrong(info.type, setting.value.text);
  // Looked at last, because it makes the answer one of this release only.
  if (wrong === undefined || keyStatus(table, setting.name, context.version) !== "known") return;
  yield { at: setting.value, message: `${setting.key}=${JSON.stringify(setting.value.text)} ${wrong}` };
}

/** Most values are, and fit every type of number. */
function isPlainNumber(text: string): boolean {
  return /^[1-9]\d{0,3}$/.test(text);
}

/** Why a text is not a value of a type, as `_handle_uint16`, `_handle_boolean` etc. of parse_config.c judge; undefined when it is one. */
function whatIsWrong(type: ValueType, text: string): string | undefined {
  if (type === "boolean") {
    return /^(yes|up|true|1|no|down|false|0)$/i.test(text) ? undefined : "is neither YES nor NO";
  }
  if (/^(infinite|unlimited)$/i.test(text)) return undefined;
  // strtoul with base 0: blanks and a sign before it, 0x for hexadecimal, a leading 0 for octal.
  const found = /^[ \t\v\f\r\n]*([+-]?)(0x[0-9a-f]+|0[0-7]*|[1-9]\d*)([kK]?)$/i.exec(text);
  if (found === null || (found[3] !== "" && type === "uint16")) return "is not a whole number";
  if (found[1] === "-") return "is less than zero";
  const digits = found[2]!;
  const value = (/^0\d/.test(digits) ? parseInt(digits, 8) : Number(digits)) * (found[3] === "" ? 1 : 1024);
  if (type === "uint16" && value > 0xffff) return "is greater than 65535";
  if (type === "uint32" && value > 0xffffffff) return "is greater than 4294967295";
  return undefined;
}

/** CF008. */
export const swallowedSetting: Rule = {
  id: "CF008",
  title: "Setting swallowed by the line before",
  severity: "error",
  daemon: "silent",
  versions: ALL_VERSIONS,
  what: "A line ends with a backslash and the next one begins a setting of its own.",
  why:
    "The backslash makes both one line, so the second key is a part of the first one's value. Slurm sets neither as meant, and logs nothing.",
  remedy: "Remove the backslash at the end of the line before.",
  sources: [PARSER],
  *check(context: Context): Iterable<Report> {
    const known = keysOf("slurm.conf");
    for (const settings of context.settingsByKey.values()) {
      for (const setting of settings) {
        const { value } = setting;
        if (value.offsets === undefined) continue;
        const { file } = value.span;
        for (let i = 1; i < value.text.length; i++) {
          const [before, here] = [value.offsets[i - 1]!, value.offsets[i]!];
          if (here === before + 1 || !file.text.slice(before, here).includes("\n")) continue;
          const key = /^([A-Za-z]+)\s*=/.exec(value.text.slice(i))?.[1];
          if (key === undefined || !known.has(key.toLowerCase())) continue;
          const backslash = file.text.indexOf("\\", before);
          const { line } = positionAt(file, backslash);
          yield {
            at: { file, start: here, end: here + key.length },
            message:
              `${key} is not set: the backslash at the end of line ${line} makes it a part of ${setting.key}`,
            fix: {
              title: "Remove the backslash",
              edits: [{ span: { file, start: backslash, end: backslash + 1 }, text: "" }],
              safe: false,
            },
          };
        }
      }
    }
  },
};
