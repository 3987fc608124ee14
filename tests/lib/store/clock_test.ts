import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  Clock,
  type ClockAnchor,
  type MachineTime,
  nextAnchor,
  readAnchor,
} from "../../../lib/store/clock.ts";

const HOUR = 3600 * 1000;
const STORED: ClockAnchor = { bootId: "a", offset: 1000, clock: 50_000, wall: 9 * HOUR };

const CASES: Readonly<Record<string, readonly [MachineTime, clock: number]>> = {
  "goes on with the uptime of the same start": [{ uptime: 60_000, bootId: "a", wall: 9 * HOUR }, 61_000],
  "does not jump with the wall clock": [{ uptime: 60_000, bootId: "a", wall: 10 * HOUR }, 61_000],
  "does not go back with the wall clock": [{ uptime: 60_000, bootId: "a", wall: 8 * HOUR }, 61_000],
  "does not go back behind a command's clock": [{ uptime: 40_000, bootId: "a", wall: 9 * HOUR }, 50_000],
  "counts the time that a machine was off": [
    { uptime: 5_000, bootId: "b", wall: 9 * HOUR + 90_000 },
    140_000,
  ],
  "counts at least the uptime of a new start": [{ uptime: 5_000, bootId: "b", wall: 8 * HOUR }, 55_000],
  "believes no more than a day off": [{ uptime: 5_000, bootId: "b", wall: 9000 * HOUR }, 55_000 + 24 * HOUR],
  "goes by the wall clock where the uptime is not known": [
    { uptime: undefined, bootId: undefined, wall: 9 * HOUR + 7_000 },
    57_000,
  ],
  "stands still where only a wall clock is known that went back": [
    { uptime: undefined, bootId: undefined, wall: 8 * HOUR },
    50_000,
  ],
};

for (const [what, [machine, clock]] of Object.entries(CASES)) {
  Deno.test(`nextAnchor() ${what}`, { permissions: "none" }, () => {
    assertEquals(nextAnchor(STORED, machine).clock, clock);
  });
}

Deno.test("nextAnchor() begins with the uptime when nothing is stored", { permissions: "none" }, () => {
  assertEquals(nextAnchor(undefined, { uptime: 7, bootId: "a", wall: 5 }).clock, 7);
  assertEquals(nextAnchor(undefined, { uptime: undefined, bootId: undefined, wall: 5 }).clock, 0);
});

Deno.test("Clock never goes back over any restarts and any wall clock", { permissions: "none" }, () => {
  const life = fc.record({
    reboot: fc.boolean(),
    known: fc.boolean(),
    up: fc.integer({ min: 0, max: 100_000 }),
    lives: fc.integer({ min: 0, max: 100_000 }),
    wall: fc.integer({ min: -1e13, max: 1e13 }),
  });
  fc.assert(fc.property(fc.array(life, { maxLength: 20 }), (lives) => {
    let stored: ClockAnchor | undefined;
    let [boot, uptime, last] = [0, 0, 0];
    for (const { reboot, known, up, lives: lived, wall } of lives) {
      if (reboot) [boot, uptime] = [boot + 1, 0];
      uptime += up;
      let elapsed = 0;
      const machine = known
        ? { uptime, bootId: `b${boot}`, wall }
        : { uptime: undefined, bootId: undefined, wall };
      const clock = new Clock(stored, machine, () => elapsed, () => wall);
      const began = clock.now().clock;
      elapsed += lived;
      uptime += lived;
      const ended = clock.now().clock;
      if (began < last || ended - began !== lived) return false;
      stored = readAnchor(JSON.parse(JSON.stringify(clock.anchor())));
      last = ended;
    }
    return true;
  }));
});

Deno.test("Clock.at() tells when a request was made, whichever start of the machine it names", {
  permissions: "none",
}, () => {
  let elapsed = 0;
  const clock = new Clock(STORED, { uptime: 60_000, bootId: "a", wall: 0 }, () => elapsed, () => 0);
  assertEquals(clock.at(59_000, "a"), 60_000);
  assertEquals(clock.at(undefined, undefined), 61_000);
  assertEquals(clock.at(59_000, "other"), 61_000);
  assertEquals(clock.at(0, "a"), 1_000);
  elapsed = 500;
  assertEquals(clock.at(1e15, "a"), 61_500, "nonsense moves nothing");
  assertEquals(clock.at(100_000, "a"), 101_000, "the machine was suspended");
  assertEquals(clock.now().clock, 101_000);
  elapsed = 600;
  assertEquals([clock.now().clock, clock.uptime(), clock.bootId], [101_100, 100_100, "a"]);
});

Deno.test("Clock.uptime() is not known where nobody said it", { permissions: "none" }, () => {
  const clock = new Clock(STORED, { uptime: undefined, bootId: undefined, wall: 0 }, () => 0, () => 0);
  assertEquals([clock.uptime(), clock.bootId], [undefined, undefined]);
});

Deno.test("readAnchor() takes anchors only", { permissions: "none" }, () => {
  assertEquals(readAnchor(STORED), STORED);
  for (
    const value of [undefined, null, 7, "x", [], {}, { ...STORED, clock: "x" }, { ...STORED, bootId: 7 }]
  ) {
    assertEquals(readAnchor(value), undefined);
  }
});
