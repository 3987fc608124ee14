import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  type Asked,
  type Exhausted,
  isExhausted,
  leavesOthers,
  noteLaunch,
  noteMiss,
  outNow,
  outOf,
  type Zones,
} from "../../../lib/capacity/exhausted.ts";
import type { Offering } from "../../../lib/capacity/offering.ts";

const pure = { permissions: "none" } as const;
const ZONES: Zones = { "subnet-a1": "us-east-1a", "subnet-a2": "us-east-1a", "subnet-b": "us-east-1b" };
const SECOND = 1_000;

function asked(text: string, placementGroup?: string): Asked {
  const [capacityType, instanceType, subnetId, reservation] = text.split(" ");
  const offering = { capacityType, instanceType, subnetId, ...(reservation && { reservation }) } as Offering;
  return { offering, ...(placementGroup !== undefined && { placementGroup }) };
}

function after(code: string, one: Asked, zones = ZONES, now = 1_000): Exhausted {
  return noteMiss({ exhausted: {}, zones, cooldown: 300_000, now }, one, {
    code,
    message: "no",
    sentAt: now,
  });
}

const REFUSED = asked("on-demand c7i.large subnet-a1");

/** What else is out after `on-demand c7i.large subnet-a1` was refused. */
const SCOPES: readonly (readonly [code: string, out: readonly string[], open: readonly string[]])[] = [
  [
    "InsufficientInstanceCapacity",
    ["on-demand c7i.large subnet-a1", "on-demand c7i.large subnet-a2"],
    ["spot c7i.large subnet-a1", "on-demand c6i.large subnet-a1", "on-demand c7i.large subnet-b"],
  ],
  [
    "InsufficientFreeAddressesInSubnet",
    ["on-demand c7i.large subnet-a1", "spot g5.xlarge subnet-a1", "on-demand c7i.large subnet-a1 cr-1"],
    ["on-demand c7i.large subnet-a2"],
  ],
  [
    "VcpuLimitExceeded",
    ["on-demand c7i.large subnet-a1", "on-demand m7i.48xlarge subnet-b", "on-demand t3.micro subnet-b"],
    ["spot c7i.large subnet-a1", "on-demand g5.xlarge subnet-a1", "on-demand c7i.large subnet-a1 cr-1"],
  ],
  [
    "AuthFailure.ServiceLinkedRoleCreationNotPermitted",
    ["on-demand c7i.large subnet-a1", "on-demand g5.xlarge subnet-b"],
    ["spot c7i.large subnet-a1"],
  ],
];

for (const [code, out, open] of SCOPES) {
  Deno.test(`noteMiss() of ${code} holds for what it speaks for`, pure, () => {
    const memory = { exhausted: after(code, REFUSED), zones: ZONES, cooldown: 300_000, now: 2_000 };
    for (const text of out) assertEquals(outOf(asked(text), memory)?.code, code, text);
    for (const text of open) assertEquals(outOf(asked(text), memory), undefined, text);
  });
}

Deno.test("noteMiss() in a placement group leaves the type and zone usable without it", pure, () => {
  const exhausted = after(
    "InsufficientInstanceCapacity",
    asked("on-demand c7i.large subnet-a1", "pg-1"),
  );
  const memory = { exhausted, zones: ZONES, cooldown: 300_000, now: 2_000 };
  assertEquals(outOf(REFUSED, memory), undefined);
  assertEquals(outOf(asked("on-demand c7i.large subnet-a2", "pg-2"), memory), undefined);
  assert(outOf(asked("on-demand c7i.large subnet-a2", "pg-1"), memory));
});

Deno.test("noteMiss() of a reservation marks the reservation, and on demand follows", pure, () => {
  const exhausted = after("ReservationCapacityExceeded", asked("on-demand c7i.large subnet-a1 cr-1"));
  const memory = { exhausted, zones: ZONES, cooldown: 300_000, now: 2_000 };
  assert(outOf(asked("on-demand c7i.large subnet-a1 cr-1"), memory));
  assertEquals(outOf(REFUSED, memory), undefined);
  assertEquals(outOf(asked("on-demand c7i.large subnet-a1 cr-2"), memory), undefined);
});

for (const code of ["RequestLimitExceeded", "ExpiredToken", "UnauthorizedOperation", "VolumeLimitExceeded"]) {
  Deno.test(`noteMiss() remembers nothing of ${code}: it says nothing of capacity`, pure, () => {
    assertEquals([after(code, REFUSED), leavesOthers(code)], [{}, false]);
  });
}

Deno.test("noteMiss() goes by the subnet where its zone is not known, also once it is", pure, () => {
  const exhausted = after("InsufficientInstanceCapacity", REFUSED, {});
  for (const zones of [{}, ZONES]) {
    assert(outOf(REFUSED, { exhausted, zones, cooldown: 300_000, now: 2_000 }));
    assertEquals(
      outOf(asked("on-demand c7i.large subnet-a2"), { exhausted, zones, cooldown: 300_000, now: 2_000 }),
      undefined,
    );
  }
});

Deno.test(
  "noteMiss() takes a shortage for the proof that the type is offered, and the other way round",
  pure,
  () => {
    const memory = (exhausted: Exhausted) => ({ exhausted, zones: ZONES, cooldown: 300_000, now: 2_000 });
    const miss = (code: string) => ({ code, message: "no", sentAt: 500 });
    const untilOf = (exhausted: Exhausted) => outOf(REFUSED, memory(exhausted))!.until - 2_000;
    const short = noteMiss(
      memory(after("Unsupported", REFUSED)),
      REFUSED,
      miss("InsufficientInstanceCapacity"),
    );
    assertEquals(untilOf(short), 180_000);
    const unsupported = noteMiss(
      memory(after("InsufficientInstanceCapacity", REFUSED)),
      REFUSED,
      miss("Unsupported"),
    );
    assertEquals(untilOf(unsupported), 24 * 3_600_000);
  },
);

Deno.test("noteMiss() of Unsupported leaves a type out of a zone for a day", pure, () => {
  const exhausted = after("Unsupported", REFUSED, ZONES, 0);
  const at = (now: number) => outOf(REFUSED, { exhausted, zones: ZONES, cooldown: 300_000, now });
  assert(at(86_399 * SECOND));
  assertEquals(at(86_400 * SECOND), undefined);
});

/** Seconds for which the last of several misses in a row keeps the pool out, each sent as soon as it was open again. */
function rests(misses: number): number[] {
  let exhausted: Exhausted = {};
  let now = 1_000;
  return Array.from({ length: misses }, () => {
    const miss = { code: "InsufficientInstanceCapacity", message: "no", sentAt: now };
    exhausted = noteMiss({ exhausted, zones: ZONES, cooldown: 300_000, now }, REFUSED, miss);
    const { until } = outOf(REFUSED, { exhausted, zones: ZONES, cooldown: 300_000, now })!;
    const rest = (until - now) / SECOND;
    now = until;
    return rest;
  });
}

Deno.test("noteMiss() doubles 180 s with each miss in a row, up to 900 s", pure, () => {
  assertEquals(rests(5), [180, 360, 720, 900, 900]);
});

Deno.test("noteMiss() remembers no longer than nodes stay down for it at first", pure, () => {
  const memory = { exhausted: {}, zones: ZONES, cooldown: 20_000, now: 0 };
  const miss = { code: "InsufficientInstanceCapacity", message: "no", sentAt: 0 };
  assertEquals(outNow(noteMiss(memory, REFUSED, miss), 0)[0]!.until, 20_000);
});

Deno.test("noteMiss() begins a new row where the last one has long been over", pure, () => {
  const exhausted = after("InsufficientInstanceCapacity", REFUSED);
  const { until } = outNow(exhausted, 2_000)[0]!;
  const restAfter = (now: number) => {
    const miss = { code: "InsufficientInstanceCapacity", message: "no", sentAt: now };
    return (outNow(noteMiss({ exhausted, zones: ZONES, cooldown: 300_000, now }, REFUSED, miss), now)[0]!
      .until - now) / SECOND;
  };
  assertEquals([restAfter(until + 900 * SECOND), restAfter(until + 901 * SECOND)], [360, 180]);
});

Deno.test("noteMiss() takes the answers of calls that were under way together as one miss", pure, () => {
  const exhausted = after("InsufficientInstanceCapacity", REFUSED, ZONES, 1_000);
  const miss = { code: "InsufficientInstanceCapacity", message: "no", sentAt: 900 };
  const again = noteMiss({ exhausted, zones: ZONES, cooldown: 300_000, now: 1_500 }, REFUSED, miss);
  const { misses, until } = outNow(again, 2_000)[0]!;
  assertEquals([misses, until], [1, 181_500]);
});

Deno.test(
  "noteLaunch() forgets what has capacity again, but not by a call from before the miss",
  pure,
  () => {
    const exhausted = after("InsufficientInstanceCapacity", REFUSED, ZONES, 1_000);
    const memory = { exhausted, zones: ZONES, cooldown: 300_000, now: 300_000 };
    assertEquals(noteLaunch(memory, REFUSED, { sentAt: 999 }), exhausted);
    assertEquals(noteLaunch(memory, asked("spot c7i.large subnet-a1"), { sentAt: 200_000 }), exhausted);
    assertEquals(noteLaunch(memory, asked("on-demand c7i.large subnet-a2"), { sentAt: 200_000 }), {});
  },
);

Deno.test("a memory from the future is dropped", pure, () => {
  const exhausted = after("InsufficientInstanceCapacity", REFUSED, ZONES, 1_000_000);
  const memory = { exhausted, zones: ZONES, cooldown: 300_000, now: 999_999 };
  assertEquals([outOf(REFUSED, memory), outNow(exhausted, 999_999)], [undefined, []]);
  const miss = { code: "InsufficientFreeAddressesInSubnet", message: "no", sentAt: 999_999 };
  assertEquals(Object.keys(noteMiss(memory, REFUSED, miss)), ["subnet subnet-a1"]);
});

Deno.test("isExhausted() refuses what this program did not write", pure, () => {
  const exhausted = after("InsufficientInstanceCapacity", REFUSED);
  assertEquals([{}, exhausted].map(isExhausted), [true, true]);
  const wrong = [null, [], "x", { a: 1 }, { a: { ...Object.values(exhausted)[0], until: null } }];
  assertEquals(wrong.map(isExhausted), wrong.map(() => false));
});

const CODES = [
  "InsufficientInstanceCapacity",
  "Unsupported",
  "InsufficientFreeAddressesInSubnet",
  "VcpuLimitExceeded",
  "AuthFailure.ServiceLinkedRoleCreationNotPermitted",
  "ReservationCapacityExceeded",
];

Deno.test("whatever was refused is out from that moment, for 180 s at least and a day at most", pure, () => {
  const miss = fc.record({
    code: fc.constantFrom(...CODES),
    asked: fc.record({
      offering: fc.record({
        capacityType: fc.constantFrom("spot", "on-demand"),
        instanceType: fc.constantFrom("c7i.large", "g5.xlarge", "unknown.type"),
        subnetId: fc.constantFrom("subnet-a1", "subnet-a2", "subnet-x"),
      }),
    }),
    wait: fc.integer({ min: 0, max: 2_000_000 }),
    late: fc.integer({ min: 0, max: 5_000 }),
  });
  fc.assert(fc.property(fc.array(miss, { maxLength: 12 }), (misses) => {
    let exhausted: Exhausted = {};
    let now = 10_000;
    for (const { code, asked, wait, late } of misses) {
      now += wait;
      const sentAt = now - late;
      exhausted = noteMiss({ exhausted, zones: ZONES, cooldown: 300_000, now }, asked as Asked, {
        code,
        message: "no",
        sentAt,
      });
      const out = outOf(asked as Asked, { exhausted, zones: ZONES, cooldown: 300_000, now });
      assert(out !== undefined && out.until - now >= 180_000 && out.until - now <= 86_400_000);
      assert(Object.keys(exhausted).length <= misses.length);
    }
  }));
});
