import { visible } from "../../base/visible.ts";
import type { Gathered, NoticeKind } from "./notice.ts";

/** What `notify.command` gets: one JSON object on standard input, and the same in short as variables. */
export interface Notice {
  /** Version of the object's shape. */
  readonly v: 1;
  readonly cluster: string;
  readonly event: NoticeKind;
  /** How often it happened since the last notice of its kind. */
  readonly count: number;
  /** The first sentence, and how many more there are: fit for a mail's subject. */
  readonly summary: string;
  /** One by one; fewer than `count` where that is large. */
  readonly happenings: readonly {
    readonly time: string;
    readonly subject: string;
    readonly sentence: string;
  }[];
}

/** A notice of what was gathered. No control character of whatever was read is left in it. */
export function noticeOf(cluster: string, event: NoticeKind, { count, happenings }: Gathered): Notice {
  const shown = happenings.map(({ time, subject, sentence }) => ({
    time: new Date(time).toISOString(),
    subject: plain(subject),
    sentence: plain(sentence),
  }));
  const more = count > 1 ? ` (and ${count - 1} more)` : "";
  return {
    ...{ v: 1, cluster: plain(cluster), event, count },
    summary: `${shown[0]?.sentence ?? event}${more}`,
    happenings: shown,
  };
}

/** Variables of the program, besides PATH: nothing of them is ever read by a shell. */
export function noticeVariables({ cluster, event, count, summary }: Notice): Record<string, string> {
  return {
    SLURM_EC2_CLUSTER: cluster,
    SLURM_EC2_EVENT: event,
    SLURM_EC2_COUNT: String(count),
    SLURM_EC2_SUMMARY: summary,
  };
}

/** Longest text of one field, in characters. */
const FIELD_MAX = 500;

function plain(text: string): string {
  return visible(text.slice(0, FIELD_MAX).replaceAll("\t", " "));
}
