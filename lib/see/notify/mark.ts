import { type Gathered, HAPPENINGS_MAX, NOTICE_KINDS, type NoticeKind } from "./notice.ts";

/** What a run of `slurm-ec2 notify` leaves for the next one. */
export interface Mark {
  /** Id of the history's last event that was looked at. */
  readonly event: number;
  /** Breakers that were open, by node group and image. */
  readonly breakers: readonly string[];
  /** Codes of the limits that held something back. */
  readonly limits: readonly string[];
  /** The worker's last sign of life while work waits for it, and how often it was found like that; absent: none is missed. */
  readonly silent?: Silence;
  /** What is to be reported. */
  readonly waiting: Readonly<Partial<Record<NoticeKind, Gathered>>>;
  /** When the program was last run for each kind: milliseconds since 1970 UTC. */
  readonly ran: Readonly<Partial<Record<NoticeKind, number>>>;
  /** Whether the program failed when it was last run: that is logged once. */
  readonly isFailing: boolean;
}

/** A worker of which nothing is heard. */
export interface Silence {
  /** Its last sign of life; absent: there never was one. Milliseconds since 1970 UTC. */
  readonly beat?: number;
  /** When that was first found; milliseconds since 1970 UTC. */
  readonly since: number;
  /** In how many runs it was found. */
  readonly runs: number;
  /** Whether it was reported. */
  readonly isReported: boolean;
}

/** Where a first run begins: what has happened before is not reported. */
export function firstMark(lastEvent: number): Mark {
  return { event: lastEvent, breakers: [], limits: [], waiting: {}, ran: {}, isFailing: false };
}

/** A mark as its file holds it. */
export function markText(mark: Mark): string {
  return `${JSON.stringify({ v: 1, ...mark })}\n`;
}

/** A mark from its file's text; undefined when it is not a whole one. */
export function readMark(text: string): Mark | undefined {
  try {
    const value = JSON.parse(text) as Record<string, unknown>;
    return isMark(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The kinds whose time has come. A clock that was set back keeps nothing waiting. */
export function due({ waiting, ran }: Mark, now: number, minutes: number): readonly NoticeKind[] {
  return NOTICE_KINDS.filter((kind) => {
    const last = ran[kind];
    return waiting[kind] !== undefined &&
      (last === undefined || now < last || now - last >= minutes * 60_000);
  });
}

function isMark(value: unknown): value is Mark {
  if (!isRecord(value) || value.v !== 1 || !Number.isSafeInteger(value.event)) return false;
  if (!isTexts(value.breakers) || !isTexts(value.limits) || typeof value.isFailing !== "boolean") {
    return false;
  }
  if (value.silent !== undefined && !isSilence(value.silent)) return false;
  return isRecord(value.waiting) && Object.values(value.waiting).every(isGathered) &&
    isRecord(value.ran) && Object.values(value.ran).every((time) => Number.isFinite(time));
}

function isSilence(value: unknown): boolean {
  return isRecord(value) && (value.beat === undefined || Number.isFinite(value.beat)) &&
    Number.isFinite(value.since) && Number.isSafeInteger(value.runs) && typeof value.isReported === "boolean";
}

function isGathered(value: unknown): boolean {
  return isRecord(value) && Number.isSafeInteger(value.count) && Array.isArray(value.happenings) &&
    value.happenings.length <= HAPPENINGS_MAX &&
    value.happenings.every((one: unknown) =>
      isRecord(one) && Number.isFinite(one.time) && typeof one.subject === "string" &&
      typeof one.sentence === "string"
    );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}
