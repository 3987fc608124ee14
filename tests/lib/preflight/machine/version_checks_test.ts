import { checkVersions, type VersionFacts } from "../../../../lib/preflight/machine/version_checks.ts";
import { SUPPORTED_VERSIONS } from "../../../../lib/slurm_conf/versions.ts";
import type { NodeDetails } from "../../../../lib/slurm/node_details.ts";
import { assertTold } from "./told.ts";

const node = (name: string, version?: string): NodeDetails => ({
  ...{
    name,
    base: "IDLE",
    flags: new Set<string>(),
    nodeAddr: "",
    nodeHostname: name,
    reason: "",
    partitions: [],
  },
  ...(version !== undefined && { version }),
});

/** https://slurm.schedmd.com/upgrades.html#compatibility_window */
const PAIRS: readonly (readonly [slurmctld: string, slurmd: string, wanted: string])[] = [
  ["22.05.8", "slurm-wlm 22.05.3", "pass: version 22.05.3"],
  ["22.05.8", "slurm 21.08.1", "info: version 21.08.1, which slurmctld 22.05.8 still speaks with"],
  ["22.05.8", "slurm 20.11.1", "info: version 20.11.1"],
  [
    "23.02.1",
    "slurm 20.11.1",
    "fail: version 20.11.1: slurmctld 23.02.1 speaks with 2 releases before its own only",
  ],
  ["24.05.0", "slurm 23.02.0", "info: version 23.02.0"],
  ["24.05.0", "slurm 22.05.0", "fail: version 22.05.0: slurmctld 24.05.0 speaks with 2"],
  ["24.11.5", "slurm 23.02.0", "info: version 23.02.0"],
  ["24.11.5", "slurm 22.05.0", "fail: version 22.05.0: slurmctld 24.11.5 speaks with 3"],
  ["26.05.5", "slurm 24.11.0", "info: version 24.11.0"],
  ["26.05.5", "slurm 24.05.0", "fail: version 24.05.0: slurmctld 26.05.5 speaks with 3"],
  ["22.05.8", "slurm 24.11.5", "fail: version 24.11.5 is newer than slurmctld 22.05.8"],
  [
    "22.05.8",
    "slurm 19.05.5",
    "can't tell: version 19.05.5 with slurmctld 22.05.8: not both are known here",
  ],
  ["22.05.8", "unknown", "can't tell: version unknown"],
];

Deno.test("checkVersions() knows which slurmd a slurmctld speaks with", { permissions: "none" }, () => {
  for (const [slurmctld, slurmd, wanted] of PAIRS) {
    const facts: VersionFacts = { slurmctld, slurmd, nodes: [], releases: SUPPORTED_VERSIONS };
    assertTold(checkVersions(facts), [`pass: version ${slurmctld}`, wanted], `${slurmctld} and ${slurmd}`);
  }
});

Deno.test(
  "checkVersions() compares image, nodes and configuration with slurmctld",
  { permissions: "none" },
  () => {
    const nodes = [node("c0", "22.05.8"), node("c1", "24.11.5"), node("c2", "24.11.5"), node("c3")];
    const facts = {
      slurmctld: "22.05.8",
      image: "22.05",
      configured: "24.05",
      nodes,
      releases: SUPPORTED_VERSIONS,
    };
    assertTold(checkVersions(facts), [
      "warn: version 22.05.8, where slurm-ec2.yaml says 24.05",
      "pass: version 22.05",
      "pass: version 22.05.8",
      "fail: version 24.11.5 is newer",
    ], "all");
    assertTold(checkVersions({ nodes, releases: SUPPORTED_VERSIONS }), [], "nothing to compare with");
  },
);
