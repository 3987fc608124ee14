import { checkUsers, type UserFacts } from "../../../../lib/preflight/machine/user_checks.ts";
import { assertTold } from "./told.ts";

const user = (name: string, uid: number) => ({ name, uid, gid: uid, gids: [uid] });
const RIGHT: UserFacts = {
  slurmName: "slurm",
  slurm: user("slurm", 401),
  munge: user("munge", 402),
  slurmctld: { name: "slurm", uid: 401 },
  state: { kind: "there", path: "/s", type: "directory", mode: 0o700, uid: 401, gid: 401 },
  image: 401,
  against: { slurm: 401, munge: 402 },
};
const MUNGE = "pass: uid 402";

const CASES: readonly (readonly [says: string, change: Partial<UserFacts>, wanted: readonly string[]])[] = [
  ["right", {}, ["pass: uid 401, gid 401", MUNGE]],
  ["unknown", { slurm: { kind: "absent" } }, ["fail: this machine knows no such user", MUNGE]],
  ["not to be asked", { slurm: { kind: "missing", program: "id" } }, ["can't tell: there is no id", MUNGE]],
  ["another number by slurmctld", { slurmctld: { name: "slurm", uid: 99 } }, [
    "fail: uid 401 here, 99 by slurmctld",
    MUNGE,
  ]],
  ["another name by slurmctld", { slurmctld: { name: "hpc", uid: 99 } }, [
    ...["warn: slurmctld runs as hpc, slurm-ec2.yaml says slurm", MUNGE],
  ]],
  ["slurmctld is root", { slurmctld: { name: "root", uid: 0 } }, [
    "pass: uid 401, gid 401",
    MUNGE,
  ]],
  ["another's state", { state: { ...RIGHT.state!, uid: 7 } as UserFacts["state"] & object }, [
    ...["fail: uid 401 here, 7 owns /s (StateSaveLocation)", MUNGE],
  ]],
  ["an image for another", { image: 64030 }, [
    "fail: uid 401 here, 64030 is what this image was made for",
    MUNGE,
  ]],
  ["another on the controller", { against: { slurm: 64030 } }, [
    "fail: uid 401 here, 64030 on the controller",
    MUNGE,
  ]],
  ["another group on the controller", { against: { slurm: 401, slurmGroup: 7 } }, [
    "fail: gid 401 here, 7 on",
    MUNGE,
  ]],
  ["no munge", { munge: { kind: "absent" } }, [
    "pass: uid 401, gid 401",
    "warn: this machine knows no such user",
  ]],
  ["another munge", { against: { slurm: 401, munge: 7 } }, [
    "pass: uid 401, gid 401",
    "info: uid 402 here, 7 on",
  ]],
];

for (const [says, change, wanted] of CASES) {
  Deno.test({
    name: `checkUsers() compares numbers: ${says}`,
    permissions: "none",
    fn: () => assertTold(checkUsers({ ...RIGHT, ...change }), wanted, says),
  });
}
