import { assertEquals } from "@std/assert";
import type { FileFacts, Look } from "../../../../lib/preflight/machine/file_facts.ts";
import { checkLastHook, checkPlace, lastHook } from "../../../../lib/preflight/machine/hook_state_checks.ts";
import { assertTold } from "./told.ts";

const LOOK: FileFacts = { kind: "there", path: "/v", type: "directory", mode: 0o750, uid: 401, gid: 401 };
const USER = { name: "slurm", uid: 401, gid: 401, gids: [401] };
const BIG = { type: "xfs", free: 5e9 };

const PLACES: readonly (readonly [says: string, name: string, look: Look, free: number, wanted: string])[] = [
  ["right", "stateDir", LOOK, 5e9, "pass: /v, uid 401, mode 0750, 5000 MB free"],
  ["not there", "stateDir", { kind: "absent", path: "/v" }, 0, "fail: /v is not there"],
  ["no cache yet", "DENO_DIR of the hooks", { kind: "absent", path: "/v" }, 0, "info: /v is not there yet"],
  [
    "root's",
    "stateDir",
    { ...LOOK, uid: 0, gid: 0, mode: 0o755 },
    5e9,
    "fail: slurm may not write to /v (uid 0, mode 0755)",
  ],
  ["root's cache", "DENO_DIR of the hooks", { ...LOOK, uid: 0, gid: 0 }, 5e9, "warn: slurm may not write"],
  ["a file", "stateDir", { ...LOOK, type: "regular file" }, 5e9, "fail: /v is a regular file, no directory"],
  ["little room", "stateDir", LOOK, 5e7, "warn: 50 MB free"],
  ["no room", "stateDir", LOOK, 0, "fail: 0 MB free"],
  [
    "hangs",
    "stateDir",
    { kind: "cut", what: "stat", seconds: 5, path: "/v" },
    0,
    "can't tell: stat had not ended",
  ],
];

Deno.test("checkPlace() refuses a stateDir on a network file system, and no other place", {
  permissions: "none",
}, () => {
  const volume = { type: "nfs", free: 5e9 };
  assertTold(
    [checkPlace({ name: "stateDir", look: LOOK, volume }, USER)],
    ["fail: /v is on nfs: its locks"],
    "nfs",
  );
  assertTold(
    [checkPlace({ name: "logFile's directory", look: LOOK, volume }, USER)],
    ["pass: /v, uid 401"],
    "log",
  );
});

Deno.test("checkPlace() judges what hooks write to", { permissions: "none" }, () => {
  for (const [says, name, look, free, wanted] of PLACES) {
    assertTold([checkPlace({ name, look, volume: { ...BIG, free } }, USER)], [wanted], says);
  }
});

const line = (run: string, event: Readonly<Record<string, unknown>>) =>
  JSON.stringify({ v: 1, time: "2026-11-25T10:00:00Z", run, cluster: "rig", ...event });
const LOG = [
  '"cut off at the beginning"}',
  line("a", { kind: "verdict", verdict: "down", nodes: "c9", reason: "old" }),
  line("a", { kind: "done", hook: "stop", verdicts: { terminated: 1 } }),
  line("b", { kind: "asked", hook: "resume", nodes: "c[0-2]" }),
  line("b", { kind: "verdict", verdict: "assigned", nodes: "c[0-1]" }),
  line("b", {
    kind: "verdict",
    verdict: "down",
    nodes: "c2",
    reason: "slurm-ec2 (Code:InsufficientInstanceCapacity)",
  }),
  line("b", { kind: "trouble", message: "log is full" }),
  line("b", { kind: "done", hook: "resume", verdicts: { assigned: 2, down: 1 } }),
  line("c", { kind: "asked", hook: "resume", nodes: "c3" }),
  '{"v":1,"time":"20',
].join("\n");

Deno.test("lastHook() is the last that ended, with its own troubles", { permissions: "none" }, () => {
  const at = Date.parse("2026-11-25T10:00:00Z");
  const last = lastHook(LOG);
  assertEquals(last, {
    hook: "resume",
    at,
    verdicts: { assigned: 2, down: 1 },
    troubles: ["slurm-ec2 (Code:InsufficientInstanceCapacity)", "log is full"],
  });
  assertEquals([lastHook(""), lastHook("null\n3\n[]\n")], [undefined, undefined]);
  assertTold(
    [
      checkLastHook(last, at + 120_000),
      checkLastHook({ ...last!, troubles: [] }, at + 7_200_000),
      checkLastHook(undefined, at),
    ],
    [
      "warn: resume 2 min ago: 2 assigned, 1 down; slurm-ec2 (Code:InsufficientInstanceCapacity) (and 1 more)",
      "pass: resume 2 h ago: 2 assigned, 1 down",
      "info: none has run yet",
    ],
    "last hooks",
  );
});
