import type { FileFacts } from "../../../../lib/preflight/machine/file_facts.ts";
import {
  checkStateLocation,
  type StateLocationFacts,
} from "../../../../lib/preflight/machine/state_location_checks.ts";
import { assertTold } from "./told.ts";

const LOOK: FileFacts = { kind: "there", path: "/s", type: "directory", mode: 0o700, uid: 401, gid: 401 };
const RIGHT: StateLocationFacts = {
  look: LOOK,
  volume: { type: "xfs", free: 1e9 },
  user: { name: "slurm", uid: 401, gid: 401, gids: [401] },
  controllers: 1,
};

const CASES:
  readonly (readonly [says: string, change: Partial<StateLocationFacts>, wanted: readonly string[]])[] = [
    ["right", {}, ["pass: /s, mode 0700, uid 401, on xfs"]],
    ["open", { look: { ...LOOK, mode: 0o770 } }, ["fail: /s has mode 0770: others may forge"]],
    ["another's", { look: { ...LOOK, uid: 0 } }, [
      "fail: /s belongs to uid 0, slurmctld runs as slurm (401)",
    ]],
    ["in memory", { volume: { type: "tmpfs", free: 1e9 } }, ["fail: /s is on tmpfs: a reboot forgets"]],
    ["two hosts, one disk", { controllers: 2 }, ["warn: /s is on xfs, but slurmctld has 2 hosts"]],
    ["two hosts, one server", { controllers: 2, volume: { type: "nfs", free: 1 } }, [
      "pass: /s, mode 0700, uid 401, on nfs",
    ]],
    ["not there", { look: { kind: "absent", path: "/s" } }, ["fail: /s is not there"]],
    ["out of sight", { look: { kind: "barred", path: "/s" } }, ["can't tell: /s: this user"]],
    ["stale", { look: { kind: "stale", path: "/s" } }, ["fail: /s: stale file handle"]],
    ["hangs", { look: { kind: "cut", what: "stat", seconds: 5, path: "/s" } }, [
      "can't tell: stat had not ended",
    ]],
  ];

for (const [says, change, wanted] of CASES) {
  Deno.test({
    name: `checkStateLocation() judges it: ${says}`,
    permissions: "none",
    fn: () => assertTold(checkStateLocation({ ...RIGHT, ...change }), wanted, says),
  });
}
