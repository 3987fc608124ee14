import { assert, assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import type { ErrorClass } from "../../../lib/aws/error_codes.ts";
import { dueCooldowns, failureVerdict, REASON_MARK, untilOfReason } from "../../../lib/cluster/verdict.ts";

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
      assertEquals(verdict, { kind: "powered-down", reason: "slurm-ec2 (Code:SomeCode) some words" });
    } else {
      assert(verdict.kind === "down");
      assertEquals(verdict.until, NOW + seconds * 1000);
      assertEquals(untilOfReason(verdict.reason), verdict.until);
      assertMatch(verdict.reason, /^slurm-ec2 until=2026-01-01T00:\d\d:00Z \(Code:SomeCode\) some words$/);
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
  "failureVerdict() writes one line, without quotes and not too long, whatever AWS says",
  pure,
  () => {
    const text = fc.string({ unit: "binary", maxLength: 600 });
    fc.assert(
      fc.property(
        text,
        text,
        fc.constantFrom<ErrorClass>("pool", "throttle"),
        (code, message, errorClass) => {
          const { reason } = failureVerdict({ code, message }, errorClass, CLOCK);
          assert(reason.startsWith(`${REASON_MARK} `));
          // deno-lint-ignore no-control-regex -- control characters are what must not be there
          assert(!/[\x00-\x1f\x7f"'`]/.test(reason), JSON.stringify(reason));
          assert(reason.length < 700, `${reason.length} characters`);
        },
      ),
    );
  },
);

Deno.test("untilOfReason() reads a time back that is never before the cooldown's end", pure, () => {
  fc.assert(fc.property(fc.nat(4_000_000_000), (now) => {
    const verdict = failureVerdict(refusal, "pool", { now, cooldown: 300 });
    assert(verdict.kind === "down");
    const shown = untilOfReason(`${verdict.reason} [slurm@2026-01-01T00:00:00]`)!;
    assert(shown >= verdict.until && shown - verdict.until < 1000);
  }));
});

for (
  const reason of [
    "",
    "disk broken",
    "slurm-ec2 (Code:RequestLimitExceeded) slow down",
    "slurm-ec2 until=soon (Code:X)",
    "until=2026-01-01T00:00:00Z (Code:X)",
    "mine slurm-ec2 until=2026-01-01T00:00:00Z (Code:X)",
  ]
) {
  Deno.test(`untilOfReason() of "${reason}" is unknown`, pure, () => {
    assertEquals(untilOfReason(reason), undefined);
  });
}

Deno.test(
  "dueCooldowns() are those that are over, and those that no clock of ours can have written",
  pure,
  () => {
    const cooldowns = {
      over: NOW - 1,
      now: NOW,
      soon: NOW + 1,
      longest: NOW + 600_000,
      impossible: NOW + 600_001,
    };
    assertEquals(dueCooldowns(cooldowns, CLOCK), ["over", "now", "impossible"]);
    assertEquals(dueCooldowns({}, CLOCK), []);
  },
);
