import { assertEquals } from "@std/assert";
import type { Action } from "../../../lib/controller/action.ts";
import { ChargeWatch } from "../../../lib/controller_run/charge_watch.ts";

const pure = { permissions: "none" } as const;
const LIST: Action = { kind: "list" };
const END: Action = { kind: "end", action: "terminate", ids: ["i-1"], why: "x" };

/** A watch whose host is in charge or not as the test says, and a clock in milliseconds. */
function watched(inCharge = true) {
  const world = { inCharge, clock: 1_000_000, asked: 0, lines: [] as string[] };
  const watch = new ChargeWatch({
    whyNotInCharge: () => {
      world.asked++;
      return Promise.resolve(world.inCharge ? undefined : "b is in charge");
    },
    now: () => ({ clock: world.clock, wall: world.clock }),
    log: {
      debug() {},
      info() {},
      warn: (line: string) => void world.lines.push(line),
      error() {},
      close() {},
    },
  });
  return { watch, world };
}

Deno.test(
  "ChargeWatch.permitted() asks before each step that changes something, and only then",
  pure,
  async () => {
    const { watch, world } = watched();
    assertEquals(await watch.permitted([LIST]), { actions: [LIST], regained: false });
    assertEquals(world.asked, 0);
    for (const times of [1, 2, 3]) {
      assertEquals(await watch.permitted([LIST, END]), { actions: [LIST, END], regained: false });
      assertEquals(world.asked, times);
    }
    world.inCharge = false;
    assertEquals(await watch.permitted([LIST, END]), { actions: [LIST], regained: false });
  },
);

Deno.test("ChargeWatch.permitted() says once why nothing is changed, and asks each 5 s", pure, async () => {
  const { watch, world } = watched(false);
  for (let second = 0; second < 20; second++) {
    assertEquals((await watch.permitted([END])).actions, []);
    world.clock += 1_000;
  }
  assertEquals([world.asked, world.lines], [4, ["Nothing is changed from here: b is in charge"]]);
  assertEquals(watch.wait, 5_000);
});

Deno.test(
  "ChargeWatch.permitted() changes nothing in the step in which the host becomes the one in charge",
  pure,
  async () => {
    const { watch, world } = watched(false);
    await watch.permitted([END]);
    world.inCharge = true;
    world.clock += 5_000;
    assertEquals(await watch.permitted([LIST, END]), { actions: [LIST], regained: true });
    assertEquals(watch.wait, Infinity);
    assertEquals(await watch.permitted([LIST, END]), { actions: [LIST, END], regained: false });
  },
);

Deno.test(
  "ChargeWatch.mayBeOld() is so once another host could have taken over and given back",
  pure,
  async () => {
    const { watch, world } = watched();
    assertEquals(watch.mayBeOld(), true);
    await watch.permitted([END]);
    assertEquals(watch.mayBeOld(), false);
    world.clock += 2_001;
    assertEquals(watch.mayBeOld(), true);
    const alone = new ChargeWatch({ now: () => ({ clock: 0, wall: 0 }), log: watchless() });
    assertEquals(alone.mayBeOld(), false);
    assertEquals(await alone.permitted([END]), { actions: [END], regained: false });
  },
);

function watchless() {
  return { debug() {}, info() {}, warn() {}, error() {}, close() {} };
}

Deno.test("ChargeWatch.isLong() is so a minute after the first no", pure, async () => {
  const { watch, world } = watched(false);
  await watch.permitted([END]);
  world.clock += 59_000;
  assertEquals(watch.isLong(), false);
  world.clock += 1_000;
  assertEquals(watch.isLong(), true);
});
