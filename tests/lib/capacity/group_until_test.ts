import { assertEquals } from "@std/assert";
import type { Exhausted } from "../../../lib/capacity/exhausted.ts";
import { noteMiss } from "../../../lib/capacity/exhausted.ts";
import { groupUntil } from "../../../lib/capacity/group_until.ts";
import { noneLeft } from "../../../lib/capacity/none_left.ts";
import { offeringsOf } from "../../../lib/capacity/offering.ts";
import { rank } from "../../../lib/capacity/rank.ts";
import { testGroup } from "../../fixtures/test_group.ts";

const pure = { permissions: "none" } as const;
const GROUP = testGroup({ instanceTypes: ["c7i.large", "g5.xlarge"], subnets: ["subnet-a"] });
const zones = { "subnet-a": "us-east-1a" };

/** The offerings of the group were refused one after the other, a second apart. */
function refused(...codes: string[]): Exhausted {
  return codes.reduce<Exhausted>((exhausted, code, i) => {
    const now = i * 1_000;
    return noteMiss({ exhausted, zones, cooldown: 300_000, now }, { offering: offeringsOf(GROUP)[i]! }, {
      code,
      message: `${code}.`,
      sentAt: now,
    });
  }, {});
}

const POOL = "InsufficientInstanceCapacity";

Deno.test("groupUntil() is undefined as long as one of the group's pools is open", pure, () => {
  assertEquals(
    groupUntil(GROUP, { exhausted: refused(POOL), zones, cooldown: 300_000, now: 5_000 }),
    undefined,
  );
});

Deno.test("groupUntil() is when the first of the pools may be asked again", pure, () => {
  const memory = { exhausted: refused(POOL, POOL), zones, cooldown: 300_000, now: 5_000 };
  const out = groupUntil(GROUP, memory);
  assertEquals([out?.until, out?.what], [180_000, "on-demand c7i.large in us-east-1a"]);
  assertEquals(groupUntil(GROUP, { ...memory, now: 180_000 }), undefined);
});

Deno.test("rank() keeps the open offerings in their order, and says why the others are out", pure, () => {
  const { kept, rejected } = rank(GROUP, {
    memory: { exhausted: refused(POOL), zones, cooldown: 300_000, now: 5_000 },
  });
  assertEquals(kept.map(({ instanceType }) => instanceType), ["g5.xlarge"]);
  assertEquals(rejected.map(({ filter, reason }) => [filter, reason]), [
    ["exhausted", `on-demand c7i.large in us-east-1a: ${POOL}`],
  ]);
});

Deno.test("noneLeft() names every pool, and the cause that a person can act on", pure, () => {
  const { rejected } = rank(GROUP, {
    memory: { exhausted: refused(POOL, "VcpuLimitExceeded"), zones, cooldown: 300_000, now: 5_000 },
  });
  assertEquals(noneLeft(rejected, { clock: 5_000, wall: Date.UTC(2026, 0, 1, 0, 0, 5) }), {
    code: "VcpuLimitExceeded",
    message: "VcpuLimitExceeded; asked for again: on-demand c7i.large in us-east-1a from 00:03:00Z, " +
      "the account's on-demand quota of G and VT instances from 00:03:01Z",
  });
});

Deno.test("noneLeft() names the day of a time that is not of today", pure, () => {
  const { rejected } = rank(GROUP, {
    memory: { exhausted: refused(POOL, "VcpuLimitExceeded"), zones, cooldown: 300_000, now: 5_000 },
  });
  const { message } = noneLeft(rejected, { clock: 5_000, wall: Date.UTC(2026, 0, 1, 23, 57, 4, 500) });
  // 175 s later it is midnight less half a second: the next full second is the next day's.
  assertEquals(
    message,
    "VcpuLimitExceeded; asked for again: on-demand c7i.large in us-east-1a from 2026-01-02T00:00:00Z, " +
      "the account's on-demand quota of G and VT instances from 2026-01-02T00:00:01Z",
  );
});
