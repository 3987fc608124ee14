import type { Context } from "../context.ts";
import type { Report, Rule } from "../rule.ts";
import { since } from "../versions.ts";
import { SLURM_CONF } from "./sources.ts";

/** CF025. */
export const noControllerPort: Rule = {
  id: "CF025",
  title: "SlurmctldPort that is neither a port nor a range of ports",
  severity: "error",
  daemon: "refuses",
  versions: since("22.05"),
  what: "SlurmctldPort is a list, a word, or a range that does not ascend or ends above 65535.",
  why:
    "slurmctld does not start (seen on slurmctld 22.05.8, 24.11.5, 26.05.5; releases between by the manual).",
  remedy: "Write one port, or the first and the last with a hyphen between, e.g. 6817-6820.",
  sources: [SLURM_CONF],
  *check(context: Context): Iterable<Report> {
    const setting = context.setting("SlurmctldPort");
    const text = setting?.value.text ?? "";
    // CF012 and CF016 judge a number.
    if (setting === undefined || /^-?\d+$/.test(text) || isPortOrRange(text)) return;
    yield {
      at: setting.value,
      message:
        `SlurmctldPort "${text}": slurmctld does not start; it takes one port, or a range such as 6817-6820`,
    };
  },
};

/** Whether slurmctld takes a text that is not a plain number. */
function isPortOrRange(text: string): boolean {
  if (/^\+\d+$/.test(text)) return true;
  const range = /^(\d+)-(\d+)$/.exec(text);
  if (range === null) return false;
  const [first, last] = [Number(range[1]), Number(range[2])];
  return first > 0 && first < last && last <= 65_535;
}
