import type { FileFacts, Look } from "../../../../lib/preflight/machine/file_facts.ts";
import { checkReady, type ReadyFacts } from "../../../../lib/preflight/machine/ready_checks.ts";
import { assertTold } from "./told.ts";

const pure = { permissions: "none" } as const;
const PATH = "/opt/slurm/rig/bin/ready";
const LOOK: FileFacts = { kind: "there", path: PATH, type: "regular file", mode: 0o755, uid: 0, gid: 0 };
const RIGHT: ReadyFacts = {
  prologs: [{ path: PATH, look: LOOK }],
  user: { name: "slurm", uid: 401, gid: 401, gids: [401] },
  limits: {},
  expectedBoot: 180,
};
const look = (change: Look): Partial<ReadyFacts> => ({ prologs: [{ path: PATH, look: change }] });
const bad = (kind: "absent" | "stale" | "barred"): Look => ({ kind, path: PATH });

const CASES: readonly (readonly [says: string, change: Partial<ReadyFacts>, wanted: readonly string[]])[] = [
  ["right", {}, [`pass: ${PATH}, mode 0755`]],
  ["not set", { prologs: [] }, ["info: slurmctld does not call ready: a job starts up to 30 s after"]],
  ["the site's own alone", { prologs: [{ path: "/etc/own", look: { ...LOOK, path: "/etc/own" } }] }, [
    "pass: /etc/own, mode 0755",
    "info: slurmctld does not call ready itself: right where the site's own prolog does",
  ]],
  ["the site's own missing next to it", {
    prologs: [{ path: "/etc/own", look: { kind: "absent", path: "/etc/own" } }, { path: PATH, look: LOOK }],
  }, ["fail: /etc/own is not there", `pass: ${PATH}, mode 0755`]],
  ["not absolute", { prologs: [{ path: "bin/ready" }] }, ['fail: "bin/ready" is not an absolute path']],
  ["not there", look(bad("absent")), [`fail: ${PATH} is not there: slurmctld 24.11 and later do not start`]],
  ["stale", look(bad("stale")), [`fail: ${PATH}: stale file handle`]],
  ["out of sight", look(bad("barred")), [`can't tell: ${PATH}: this user may not look`]],
  ["a directory", look({ ...LOOK, type: "directory" }), [
    `fail: ${PATH} has mode 0755: slurm can't execute it`,
  ]],
  ["not executable for SlurmUser", look({ ...LOOK, mode: 0o744 }), [
    `fail: ${PATH} has mode 0744: slurm can't execute it`,
  ]],
  ["executable for SlurmUser's group", look({ ...LOOK, mode: 0o750, gid: 401 }), [
    `pass: ${PATH}, mode 0750`,
  ]],
  ["ended before a boot", { limits: { PrologEpilogTimeout: 120 } }, [
    `pass: ${PATH}, mode 0755`,
    "fail: PrologEpilogTimeout=120 is no longer than a boot",
  ]],
  ["ended after a boot", { limits: { PrologTimeout: 300, PrologEpilogTimeout: 300 } }, [
    `pass: ${PATH}, mode 0755`,
  ]],
  ["absent, with a short limit", { prologs: [], limits: { PrologTimeout: 5 } }, [
    "info: slurmctld does not call ready",
  ]],
];

for (const [says, change, wanted] of CASES) {
  Deno.test(`checkReady() of a prolog that is ${says}`, pure, () => {
    assertTold(checkReady({ ...RIGHT, ...change }), wanted, says);
  });
}
