import { assertEquals } from "@std/assert";
import {
  checkClock,
  checkTimeService,
  readTimedatectl,
  readTracking,
} from "../../../../lib/preflight/machine/clock_checks.ts";
import type { Clock } from "../../../../lib/preflight/machine/machine.ts";
import { assertTold } from "./told.ts";

const read = (seconds: number, within = 0.5): Clock => ({
  kind: "read",
  ahead: seconds * 1000,
  within: within * 1000,
});

const CLOCKS: readonly (readonly [Clock, string])[] = [
  [read(0.3), "pass: the same within 0.5 s"],
  [read(-3), "pass: 3.0 s behind, within 0.5 s"],
  [read(10), "pass: 10.0 s ahead"],
  [read(11), "warn: 11.0 s ahead, within 0.5 s: registrations"],
  [read(-299), "warn: 299.0 s behind"],
  [read(299.6), "fail: 299.6 s ahead, within 0.5 s: past 300 s"],
  [read(-3600), "fail: 3600.0 s behind"],
  [read(20, 30), "pass: the same within 30.0 s"],
  [{ kind: "failed", words: "dns error" }, "can't tell: AWS can't be asked for its time: dns error"],
  [
    { kind: "cut", what: "a request to https://ec2", seconds: 5 },
    "can't tell: a request to https://ec2 had not ended after 5 s",
  ],
];

Deno.test("checkClock() judges by what AWS, munge and slurmctld bear", { permissions: "none" }, () => {
  for (const [clock, wanted] of CLOCKS) assertTold([checkClock({ other: "AWS", clock })], [wanted], wanted);
});

/** As chrony 4.3 prints them. */
const FOLLOWS =
  "A9FEA97B,169.254.169.123,4,1764092000.123456789,0.000001,0.000002,0.000010,-1.2,0.001,0.01,0.0003,0.0001,16.2,Normal\n";
const ALONE =
  "00000000,,0,0.000000000,0.000000000,0.000000000,0.000000000,0.000,0.000,0.000,1.000000000,1.000000000,0.0,Not synchronised\n";

Deno.test(
  "readTracking() and readTimedatectl() say who sets the clock, and whether",
  { permissions: "none" },
  () => {
    const tracking = [FOLLOWS, ALONE, "506 Cannot talk to daemon\n"].map(readTracking);
    assertEquals(tracking.map((service) => service?.kind), ["synchronized", "adrift", undefined]);
    assertEquals(
      ["Timezone=UTC\nNTPSynchronized=yes\n", "NTPSynchronized=no\n", ""].map((text) =>
        readTimedatectl(text)?.kind
      ),
      ["synchronized", "adrift", undefined],
    );
    assertTold(
      [
        ...tracking.slice(0, 2).map((service) => checkTimeService(service!)),
        checkTimeService({ kind: "unknown" }),
      ],
      [
        "pass: chronyd: follows 169.254.169.123, stratum 4",
        "warn: chronyd: not synchronized",
        "can't tell: neither",
      ],
      "time services",
    );
  },
);
