import { assert, assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import type { ErrorClass } from "../../../lib/aws/error_codes.ts";
import { readReason } from "../../../lib/cluster/reason.ts";
import { failureVerdict } from "../../../lib/cluster/verdict.ts";

const pure = { permissions: "none" } as const;
const NOW = Date.UTC(2026, 0, 1);
const CLOCK = { now: NOW, cooldown: 300 };
const refusal = { code: "SomeCode", message: "some words" };

for (
  const [errorClass, seconds] of [
    ["pool", 300],
    ["subnet", 300],
    ["quota", 600],
    ["permission", 600],
    ["credentials", 300],
    ["request", 600],
    ["network", 60],
    ["unknown", 300],
    ["throttle", undefined],
    ["transient", undefined],
    ["deadline", undefined],
    ["split", undefined],
    ["state", undefined],
    ["not-found", undefined],
  ] as const satisfies readonly (readonly [ErrorClass, number | undefined])[]
) {
  const what = seconds === undefined ? "gives the node back at once" : `keeps the node down for ${seconds} s`;
  Deno.test(`failureVerdict() ${what} when the refusal is of class ${errorClass}`, pure, () => {
    const verdict = failureVerdict(refusal, errorClass, CLOCK);
    if (seconds === undefined) {
      assertEquals(verdict, { kind: "powered-down", reason: "SomeCode: some words [slurm-ec2]" });
    } else {
      assert(verdict.kind === "down");
      assertEquals(verdict.until, NOW + seconds * 1000);
      assertEquals(readReason(verdict.reason)?.until, verdict.until);
      assertMatch(verdict.reason, /^SomeCode: some words \[slurm-ec2 until=2026-01-01T00:\d\d:00Z\]$/);
    }
  });
}

Deno.test("failureVerdict() keeps to the site's own cooldown", pure, () => {
  const until = (errorClass: ErrorClass) => {
    const verdict = failureVerdict(refusal, errorClass, { now: NOW, cooldown: 10 });
    return verdict.kind === "down" && (verdict.until - NOW) / 1000;
  };
  assertEquals([until("pool"), until("quota"), until("network")], [10, 20, 2]);
});

Deno.test(
  "failureVerdict() writes a time that reads back that is never before the cooldown's end",
  pure,
  () => {
    fc.assert(fc.property(fc.nat(4_000_000_000), (now) => {
      const verdict = failureVerdict(refusal, "pool", { now, cooldown: 300 });
      assert(verdict.kind === "down");
      const shown = readReason(`${verdict.reason} [slurm@2026-01-01T00:00:00]`)!.until!;
      assert(shown >= verdict.until && shown - verdict.until < 1000);
    }));
  },
);
