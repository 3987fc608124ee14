import type { FileFacts, Look } from "../../../../lib/preflight/machine/file_facts.ts";
import {
  checkCredential,
  checkMunge,
  type MungeFacts,
} from "../../../../lib/preflight/machine/munge_checks.ts";
import { assertTold } from "./told.ts";

const SOCKET: FileFacts = {
  kind: "there",
  path: "/run/munge/s",
  type: "socket",
  mode: 0o777,
  uid: 402,
  gid: 402,
};
const KEY: FileFacts = {
  kind: "there",
  path: "/etc/munge/munge.key",
  type: "regular file",
  mode: 0o400,
  uid: 402,
  gid: 402,
};
const RIGHT: MungeFacts = { socket: SOCKET, key: KEY, uid: 402, roundTrip: { kind: "ok" }, slurmctld: {} };
const at = (kind: "absent" | "barred" | "stale"): Look => ({ kind, path: "/run/munge/s" });
const OK = [
  "pass: there; munge needs no port",
  "pass: makes credentials",
  "pass: mode 0400, uid 402",
  "pass: slurmctld answers",
];
const but = (index: number, line: string) => OK.map((one, at) => at === index ? line : one);

const CASES: readonly (readonly [says: string, change: Partial<MungeFacts>, wanted: readonly string[]])[] = [
  ["right", {}, OK],
  ["another plugin", { authType: "auth/slurm" }, [
    "info: slurm.conf has AuthType=auth/slurm: munge is not used",
  ]],
  ["munge by name", { authType: "auth/munge" }, OK],
  ["no socket", { socket: at("absent") }, but(0, "fail: not there: munged does not run")],
  ["a barred socket", { socket: at("barred") }, but(0, "fail: this user may not get at it")],
  [
    "no socket but a file",
    { socket: { ...SOCKET, type: "regular file" } },
    but(0, "fail: is a regular file, no socket"),
  ],
  [
    "a hanging socket",
    { socket: { kind: "cut", what: "stat", seconds: 5, path: "/x" } },
    but(0, "can't tell: stat had"),
  ],
  [
    "munged fails",
    { roundTrip: { kind: "failed", words: "Socket communication error" } },
    but(1, "fail: Socket"),
  ],
  [
    "munged hangs",
    { roundTrip: { kind: "cut", what: "munge", seconds: 5 } },
    but(1, "fail: does not answer within 5 s"),
  ],
  ["no munge", { roundTrip: { kind: "missing", program: "munge" } }, but(1, "can't tell: there is no munge")],
  ["key for the group", { key: { ...KEY, mode: 0o440 } }, but(2, "fail: mode 0440: everyone who reads it")],
  ["key for all", { key: { ...KEY, mode: 0o644 } }, but(2, "fail: mode 0644: everyone who reads it")],
  ["another's key", { key: { ...KEY, uid: 1000 } }, but(2, "fail: belongs to uid 1000, not to munge (402)")],
  [
    "no key there",
    { key: at("absent") },
    but(2, "can't tell: not there: munged may have been given another"),
  ],
  ["key out of sight", { key: at("barred") }, but(2, "pass: this user can't get at it")],
  ["keys differ", {
    slurmctld: { trouble: { kind: "unauthenticated", words: "Invalid authentication credential" } },
  }, [
    ...but(3, "fail: slurmctld refuses our credential: Invalid authentication credential"),
  ]],
  [
    "munged is down",
    { slurmctld: { trouble: { kind: "no-munge", words: "Failed" } } },
    but(3, "can't tell: munged makes no"),
  ],
  [
    "slurmctld is down",
    { slurmctld: { trouble: { kind: "unreachable", words: "no" } } },
    but(3, "can't tell: slurmctld was"),
  ],
];

for (const [says, change, wanted] of CASES) {
  Deno.test({
    name: `checkMunge() judges: ${says}`,
    permissions: "none",
    fn: () => {
      assertTold(checkMunge({ ...RIGHT, ...change }, "node"), wanted, "node");
      // A controller would only be asked by itself.
      assertTold(checkMunge({ ...RIGHT, ...change }, "controller"), wanted.slice(0, 3), "controller");
    },
  });
}

/** As unmunge 0.5.15 prints it. */
function unmunged(status: string, decoded: number): string {
  return `STATUS:          ${status}
ENCODE_HOST:     ctl (10.77.0.1)
ENCODE_TIME:     2026-11-25 18:09:59 +0000 (1795630199)
DECODE_TIME:     2026-11-25 18:09:59 +0000 (${1795630199 + decoded})
TTL:             300
`;
}

Deno.test("checkCredential() reads unmunge's verdict", { permissions: "none" }, () => {
  const of = (code: number, stdout: string, stderr = "") =>
    checkCredential({ kind: "ended", code, stdout, stderr });
  assertTold(
    [
      of(0, unmunged("Success (0)", 2)),
      of(17, unmunged("Replayed credential (17)", 9)),
      of(15, unmunged("Expired credential (15)", 400)),
      of(16, unmunged("Rewound credential (16)", -400)),
      of(14, "", "unmunge: Error: Invalid credential\n"),
      of(8, "", "unmunge: Error: Failed to match armor prefix\n"),
      checkCredential({ kind: "cut", what: "unmunge", seconds: 5 }),
    ],
    [
      "pass: made by ctl (10.77.0.1) with the same key, 2 s ago",
      "pass: made by ctl (10.77.0.1) with the same key; it was read before (9 s ago)",
      "fail: made with the same key, but 400 s ago by this clock: Expired credential (15)",
      "fail: made with the same key, but 400 s in the future by this clock: Rewound credential (16)",
      "fail: made with another key: Invalid credential",
      "fail: Failed to match armor prefix",
      "can't tell: unmunge had not ended after 5 s",
    ],
    "credentials",
  );
});
