import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { formatReason, readReason } from "../../../lib/cluster/reason.ts";

const pure = { permissions: "none" } as const;
const UNTIL = Date.UTC(2026, 0, 1);

Deno.test("formatReason() shows the code within the 20 characters of sinfo -R", pure, () => {
  const reason = formatReason({ code: "InsufficientInstanceCapacity", message: "no more", until: UNTIL });
  assertEquals(reason, "InsufficientInstanceCapacity: no more [slurm-ec2 until=2026-01-01T00:00:00Z]");
  assert("InsufficientInstanceCapacity".startsWith(reason.slice(0, 20)));
  assertEquals(formatReason({ code: "", message: "cooldown over" }), "cooldown over [slurm-ec2]");
});

Deno.test("readReason() reads what formatReason() wrote, whatever Slurm or a person appends", pure, () => {
  const text = fc.string({ maxLength: 80 });
  const until = fc.option(fc.nat(4_000_000_000).map((s) => s * 1_000), { nil: undefined });
  const tail = fc.constantFrom("", " : ResumeTimeout reached", " [root@2026-01-01T00:00:00]");
  fc.assert(
    fc.property(fc.stringMatching(/^[\w.]{1,40}$/), text, until, tail, (code, message, until, tail) => {
      const written = formatReason({ code, message, ...(until !== undefined && { until }) });
      const read = readReason(written + tail);
      assertEquals([read?.code, read?.until], [code, until]);
    }),
  );
});

Deno.test("formatReason() writes one line, without quotes and not too long, whatever AWS says", pure, () => {
  const text = fc.string({ unit: "binary", maxLength: 600 });
  fc.assert(fc.property(text, text, (code, message) => {
    const reason = formatReason({ code, message });
    // deno-lint-ignore no-control-regex -- control characters are what must not be there
    assert(!/[\x00-\x1f\x7f"`]|\B'|'\B/.test(reason), JSON.stringify(reason));
    assert(reason.length < 700, `${reason.length} characters`);
    assert(readReason(reason) !== undefined, reason);
  }));
});

Deno.test("formatReason() keeps the apostrophe of a word and no quotes", pure, () => {
  const message = `the 'ami' of "c" isn't the node's, nor 'theirs'`;
  assertEquals(
    formatReason({ code: "X", message }),
    "X: the ami of c isn't the node's, nor theirs [slurm-ec2]",
  );
});

for (
  const [former, read] of [
    ["slurm-ec2 until=2026-01-01T00:00:00Z (Code:VcpuLimitExceeded) no room", {
      code: "VcpuLimitExceeded",
      message: "no room",
      until: UNTIL,
    }],
    ["slurm-ec2 until=2026-01-01T00:00:00Z (Code:X) m : ResumeTimeout reached", {
      code: "X",
      message: "m",
      until: UNTIL,
    }],
    ["slurm-ec2 (Code:ResumeTimeout) did not register in time", {
      code: "ResumeTimeout",
      message: "did not register in time",
    }],
    ["slurm-ec2 cooldown over", { code: "", message: "cooldown over" }],
  ] as const
) {
  Deno.test(`readReason() reads an earlier release's "${former}"`, pure, () => {
    assertEquals(readReason(former), read);
  });
}

for (
  const foreign of [
    "",
    "disk broken",
    "Not responding",
    "ResumeTimeout reached",
    "mine slurm-ec2 until=2026-01-01T00:00:00Z (Code:X)",
    "see slurm-ec2 [root@2026-01-01T00:00:00]",
    "slurm-ec2x",
  ]
) {
  Deno.test(`readReason() does not take "${foreign}" for ours`, pure, () => {
    assertEquals(readReason(foreign), undefined);
  });
}
