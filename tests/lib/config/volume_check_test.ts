import { assertEquals } from "@std/assert";
import { volumeProblem, type VolumeShape } from "../../../lib/config/volume_check.ts";

const CASES: readonly (readonly [volume: VolumeShape, problem: string | undefined])[] = [
  [{}, undefined],
  [{ size: 1 }, undefined],
  [{ type: "gp3" }, undefined],
  [{ type: "gp3", iops: 3000, throughput: 750 }, undefined],
  [{ type: "gp3", size: 1, iops: 3000 }, undefined],
  [{ type: "gp3", size: 160, iops: 80_000, throughput: 2000 }, undefined],
  [{ type: "io1", size: 100, iops: 5000 }, undefined],
  [{ type: "io2", size: 4, iops: 4000 }, undefined],
  [{ type: "st1", size: 125 }, undefined],
  [{ iops: 3000 }, "iops is for some volume types only"],
  [{ throughput: 125 }, "throughput is for some volume types only"],
  [{ type: "gp2", iops: 3000 }, "iops can't be set for gp2 volumes"],
  [{ type: "sc1", size: 125, throughput: 125 }, "throughput can't be set for sc1 volumes"],
  [{ type: "io1", iops: 100, throughput: 125 }, "throughput can't be set for io1 volumes"],
  [{ type: "io2" }, "iops is missing: io2 volumes have no default"],
  [{ type: "gp3", iops: 2999 }, "iops of gp3 volumes is 3000 to 80000, not 2999"],
  [{ type: "io1", iops: 64_001 }, "iops of io1 volumes is 100 to 64000, not 64001"],
  [
    { type: "gp3", size: 10, iops: 5001 },
    "iops of gp3 volumes is at most 500 for each GiB: 10 GiB is too small for 5001",
  ],
  [
    { type: "io1", size: 10, iops: 501 },
    "iops of io1 volumes is at most 50 for each GiB: 10 GiB is too small for 501",
  ],
  [{ type: "gp3", throughput: 751 }, "throughput of 751 MiB/s needs 3004 iops, four for each MiB/s"],
  [{ type: "gp2", size: 16_385 }, "size of gp2 volumes is 1 to 16384 GiB, not 16385"],
  [{ type: "io2", size: 3, iops: 100 }, "size of io2 volumes is 4 to 65536 GiB, not 3"],
  [{ type: "st1", size: 124 }, "size of st1 volumes is 125 to 16384 GiB, not 124"],
];

for (const [volume, problem] of CASES) {
  Deno.test(
    `volumeProblem() of ${JSON.stringify(volume)}: ${problem ?? "none"}`,
    { permissions: "none" },
    () => {
      const found = volumeProblem(volume);
      assertEquals(found && `${found.key} ${found.why}`, problem);
    },
  );
}
