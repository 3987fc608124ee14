import { assertEquals } from "@std/assert";
import {
  before,
  describeVersions,
  inRange,
  parseVersion,
  since,
  type SlurmVersion,
  SUPPORTED_VERSIONS,
  versionsIn,
} from "../../../lib/slurm_conf/versions.ts";

const TEXTS: readonly (readonly [string, SlurmVersion | undefined])[] = [
  ["24.05", "24.05"],
  ["24.05.3", "24.05"],
  ["24.05.3-1.el9", "24.05"],
  ["slurm 22.05.8", "22.05"],
  ["slurm-22.05.8", "22.05"],
  ["v23.11", "23.11"],
  [" 26.05 ", "26.05"],
  ["24.08", undefined],
  ["24", undefined],
  ["24.5", undefined],
  ["24.051", undefined],
  ["", undefined],
];

for (const [text, version] of TEXTS) {
  Deno.test(`parseVersion() takes ${JSON.stringify(text)} for ${version}`, { permissions: "none" }, () => {
    assertEquals(parseVersion(text), version);
  });
}

const SETS: readonly (readonly [readonly SlurmVersion[], string])[] = [
  [SUPPORTED_VERSIONS, "every Slurm version"],
  [versionsIn(since("23.11")), "Slurm 23.11 and newer"],
  [versionsIn(before("23.11")), "Slurm 23.02 and older"],
  [versionsIn({ from: "21.08", before: "23.11" }), "Slurm 21.08 to 23.02"],
  [["22.05"], "Slurm 22.05"],
  [["26.05"], "Slurm 26.05"],
  [["22.05", "23.11"], "Slurm 22.05, 23.11"],
  [["23.11", "22.05", "23.02"], "Slurm 22.05 to 23.11"],
  [[], "no Slurm version"],
];

for (const [versions, text] of SETS) {
  Deno.test(`describeVersions() says ${text}`, { permissions: "none" }, () => {
    assertEquals(describeVersions(versions), text);
  });
}

Deno.test("inRange() takes the beginning in and leaves the end out", { permissions: "none" }, () => {
  const range = { from: "22.05", before: "23.11" };
  assertEquals(["21.08", "22.05", "23.02", "23.11"].map((version) => inRange(version, range)), [
    false,
    true,
    true,
    false,
  ]);
});
