import { assertEquals, assertStringIncludes } from "@std/assert";
import { EMPTY_STATE, type RequestRecord, type State } from "../../../../lib/controller/state.ts";
import { orphanReason, STRAY } from "../../../../lib/controller/orphan.ts";
import { due, firstMark, type Mark, markText, readMark } from "../../../../lib/see/notify/mark.ts";
import { type NewsFacts, withNews } from "../../../../lib/see/notify/news.ts";
import { HAPPENINGS_MAX } from "../../../../lib/see/notify/notice.ts";
import { MemoryStore } from "../../../../lib/store/memory.ts";
import { noticeOf, noticeVariables } from "../../../../lib/see/notify/message.ts";

const NOW = Date.UTC(2026, 10, 30, 3);
const MINUTE = 60_000;
const QUIET: NewsFacts = { state: EMPTY_STATE, history: undefined, beat: NOW, isQueued: false, now: NOW };

const pure = (name: string, fn: () => void) => Deno.test({ name, permissions: "none", fn });
const counts = ({ waiting }: Mark) =>
  Object.fromEntries(Object.entries(waiting).map(([kind, { count }]) => [kind, count]));
const told = (mark: Mark): Mark => ({ ...mark, waiting: {} });

pure("withNews() tells of a breaker when it opens, and again when it opens again", () => {
  const open: State = { ...EMPTY_STATE, bootFailures: { "gpu ami-1": 5, "gpu ami-2": 4 } };
  const first = withNews(firstMark(0), { ...QUIET, state: open });
  assertEquals(counts(first), { "breaker-open": 1 });
  assertStringIncludes(first.waiting["breaker-open"]!.happenings[0]!.sentence, "slurm-ec2 reset gpu");
  const second = withNews(told(first), { ...QUIET, state: open });
  assertEquals(counts(second), {});
  const reset = withNews(second, QUIET);
  assertEquals(counts(withNews(reset, { ...QUIET, state: open })), { "breaker-open": 1 });
  // Nothing is known: what was open still is.
  const blind = withNews(second, { ...QUIET, state: undefined });
  assertEquals(counts(withNews(blind, { ...QUIET, state: open })), {});
});

pure("withNews() tells of a limit when it begins to hold launches back", () => {
  const hold = { code: "MaxNodes", message: "limits.maxNodes is reached", nodes: {}, whole: true, until: 0 };
  const held: State = { ...EMPTY_STATE, holds: [hold, { ...hold, jobId: 7 }] };
  const first = withNews(firstMark(0), { ...QUIET, state: held });
  assertEquals(
    first.waiting["limit-reached"]!.happenings.map(({ subject, sentence }) => [subject, sentence]),
    [
      ["MaxNodes", "limits.maxNodes is reached (2 held back)"],
    ],
  );
  assertEquals(counts(withNews(told(first), { ...QUIET, state: held })), {});
});

pure("withNews() tells of every orphan's end once, and reads on where it stopped", () => {
  const store = new MemoryStore({ run: "r", wall: () => NOW });
  const ended = (why: string, ids: readonly string[]) => ({
    kind: "ended" as const,
    action: "terminate" as const,
    instanceIds: ids,
    why,
  });
  store.commit(EMPTY_STATE, [ended("powered down", ["i-0"]), ended(orphanReason(undefined), ["i-1", "i-2"])]);
  const { history } = store;
  // What happened before the first run is not news.
  assertEquals(counts(withNews(firstMark(history.last()), { ...QUIET, history })), {});
  const first = withNews(firstMark(0), { ...QUIET, history });
  assertEquals(counts(first), { "orphan-ended": 2 });
  store.commit(EMPTY_STATE, [ended(orphanReason("c9"), ["i-3"]), ended(STRAY, ["i-4"])]);
  const second = withNews(first, { ...QUIET, history });
  assertEquals(second.waiting["orphan-ended"]!.happenings.map(({ subject }) => subject), [
    "i-1",
    "i-2",
    "i-3",
    "i-4",
  ]);
  assertEquals(counts(withNews(told(second), { ...QUIET, history })), {});
  // A history that began again, behind a mark of the former one.
  assertEquals(counts(withNews(firstMark(1000), { ...QUIET, history })), { "orphan-ended": 4 });
});

pure("withNews() gathers 1,000 events as one notice", () => {
  const store = new MemoryStore({ run: "r", wall: () => NOW });
  const events = Array.from({ length: 1000 }, (_, i) => ({
    ...{ kind: "ended", action: "terminate", why: STRAY } as const,
    instanceIds: [`i-${i}`],
  }));
  store.commit(EMPTY_STATE, events);
  const { "orphan-ended": gathered } = withNews(firstMark(0), { ...QUIET, history: store.history }).waiting;
  assertEquals([gathered!.count, gathered!.happenings.length], [1000, HAPPENINGS_MAX]);
  const notice = noticeOf("chip", "orphan-ended", gathered!);
  assertStringIncludes(notice.summary, "i-0 belonged to no node");
  assertStringIncludes(notice.summary, "(and 999 more)");
});

const WAITING: State = {
  ...EMPTY_STATE,
  requests: new Map([["resume.1", { settledAt: undefined } as RequestRecord]]),
};

/** The mark after runs at these minutes, with a worker whose last beat is `beat` each time. */
function watch(
  minutes: readonly number[],
  beat: (minute: number) => number | undefined,
  state = WAITING,
): Mark {
  return minutes.reduce(
    (mark, minute) => withNews(mark, { ...QUIET, state, beat: beat(minute), now: NOW + minute * MINUTE }),
    firstMark(0),
  );
}

pure("withNews() misses a worker that is silent in three runs while work waits", () => {
  const silent = () => NOW - 5 * MINUTE;
  assertEquals(counts(watch([0, 1], silent)), {});
  assertEquals(counts(watch([0, 1, 2], silent)), { "worker-dead": 1 });
  assertEquals(counts(watch([0, 1, 2], () => undefined)), { "worker-dead": 1 });
  // Once, however long it lasts.
  assertEquals(counts(watch([0, 1, 2, 3, 4, 5], silent)), { "worker-dead": 1 });
  // One that beats, one without work, runs in quick succession, and a clock that was set are not deaths.
  assertEquals(counts(watch([0, 1, 2, 3], (minute) => NOW + minute * MINUTE)), {});
  assertEquals(counts(watch([0, 1, 2, 3], silent, EMPTY_STATE)), {});
  assertEquals(counts(watch([0, 0.1, 0.2, 0.3], silent)), {});
  assertEquals(counts(watch([0, 500], silent)), {});
  assertEquals(counts(watch([0, -500, -499], silent)), {});
});

pure("due() lets each kind go once in its minutes, and no clock that was set back holds it", () => {
  const gathered = { count: 1, happenings: [] };
  const mark: Mark = {
    ...firstMark(0),
    waiting: { "breaker-open": gathered, "worker-dead": gathered },
    ran: { "breaker-open": NOW },
  };
  assertEquals(due(mark, NOW + 14 * MINUTE, 15), ["worker-dead"]);
  assertEquals(due(mark, NOW + 15 * MINUTE, 15), ["breaker-open", "worker-dead"]);
  assertEquals(due(mark, NOW - MINUTE, 15), ["breaker-open", "worker-dead"]);
});

pure("readMark() reads what markText() writes, and nothing else", () => {
  const mark = watch([0, 1, 2], () => undefined);
  assertEquals({ ...readMark(markText(mark))! }, { v: 1, ...mark } as Mark);
  for (
    const text of ["", "{", "null", "[]", '{"v":2}', markText(mark).slice(0, 40), '{"v":1,"event":"1"}']
      .concat(
        markText(mark).replace('"waiting":{', '"waiting":{"x":1,'),
      )
  ) assertEquals(readMark(text), undefined, text);
});

pure("noticeOf() leaves no control character in what a program gets", () => {
  const nasty = 'x\u0000\u001b[31m\n"$(reboot)`\u202e<b>';
  const notice = noticeOf(`c${nasty}`, "breaker-open", {
    count: 1,
    happenings: [{ time: NOW, subject: nasty, sentence: nasty.repeat(100) }],
  });
  const texts = [JSON.stringify(notice), ...Object.values(noticeVariables(notice))];
  // deno-lint-ignore no-control-regex -- these are what is looked for
  for (const text of texts) assertEquals(/[\x00-\x1f\x7f-\x9f\u202e]|\\u00/.test(text), false, text);
  assertEquals(notice.happenings[0]!.sentence.length <= 500, true);
});
