import type { FileFacts, Look } from "../../../../lib/preflight/machine/file_facts.ts";
import {
  checkHookProgram,
  type HookProgramFacts,
} from "../../../../lib/preflight/machine/hook_program_checks.ts";
import { assertTold } from "./told.ts";

const PATH = "/opt/slurm/rig/bin/resume";
const LOOK: FileFacts = { kind: "there", path: PATH, type: "regular file", mode: 0o755, uid: 0, gid: 0 };
const RIGHT: HookProgramFacts = {
  key: "ResumeProgram",
  path: PATH,
  look: LOOK,
  open: [],
  is: "resume",
  user: { name: "slurm", uid: 401, gid: 401, gids: [401] },
};
const bad = (kind: "absent" | "stale" | "barred"): Look => ({ kind, path: PATH });
const none = { path: undefined, look: undefined, is: undefined } as unknown as Partial<HookProgramFacts>;

const CASES:
  readonly (readonly [says: string, change: Partial<HookProgramFacts>, wanted: readonly string[]])[] = [
    ["right", {}, [`pass: ${PATH}, mode 0755`]],
    ["SlurmUser's own", { look: { ...LOOK, uid: 401, mode: 0o700 } }, [`pass: ${PATH}, mode 0700`]],
    ["not set", none, ["fail: not set: power saving is off"]],
    ["no ResumeFailProgram", { ...none, key: "ResumeFailProgram" }, [
      "warn: not set: instances of nodes that never",
    ]],
    ["not absolute", { ...none, path: "resume" }, ['warn: "resume" is not an absolute path']],
    ["not there", { look: bad("absent") }, [`fail: ${PATH} is not there`]],
    ["stale", { look: bad("stale") }, [`fail: ${PATH}: stale file handle`]],
    ["out of sight", { look: bad("barred") }, [`can't tell: ${PATH}: this user may not look`]],
    ["hangs", { look: { kind: "cut", what: "stat", seconds: 5, path: PATH } }, [
      "can't tell: stat had not ended",
    ]],
    ["a directory", { look: { ...LOOK, type: "directory" } }, [`fail: ${PATH} is a directory, no program`]],
    ["group may write", { look: { ...LOOK, mode: 0o775 } }, [
      `fail: ${PATH} has mode 0775: slurmctld refuses`,
    ]],
    ["all may write", { look: { ...LOOK, mode: 0o757 } }, [`fail: ${PATH} has mode 0757: slurmctld refuses`]],
    ["another's", { look: { ...LOOK, uid: 1000 } }, [
      `fail: ${PATH} belongs to uid 1000, who could change what slurm runs`,
    ]],
    ["not to be executed", { look: { ...LOOK, mode: 0o744 } }, [
      `fail: ${PATH} has mode 0744: slurm can't execute it`,
    ]],
    ["executed by the group", { look: { ...LOOK, mode: 0o750, gid: 401 } }, [`pass: ${PATH}, mode 0750`]],
    ["in an open directory", {
      open: ["Others may write to /opt (mode 0777) and so replace the hooks: chmod go-w /opt"],
    }, [
      "fail: Others may write to /opt (mode 0777) and so replace the hooks",
    ]],
    ["the wrong hook", { is: "stop" }, [
      `pass: ${PATH}`,
      `fail: ${PATH} is the hook stop, and resume belongs here`,
    ]],
    ["another program", { is: "other" }, [`pass: ${PATH}`, `info: ${PATH} is not a hook of slurm-ec2`]],
  ];

for (const [says, change, wanted] of CASES) {
  Deno.test({
    name: `checkHookProgram() judges a program: ${says}`,
    permissions: "none",
    fn: () => assertTold(checkHookProgram({ ...RIGHT, ...change }), wanted, says),
  });
}
