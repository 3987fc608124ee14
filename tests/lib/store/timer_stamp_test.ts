import { assertEquals } from "@std/assert";
import { Clock } from "../../../lib/store/clock.ts";
import { renewTimerStamp, timerAge } from "../../../lib/store/timer_stamp.ts";

const CASES: readonly (readonly [text: string, age: number | undefined])[] = [
  ["40.50 a\n", 59_500],
  ["100.00 a", 0],
  ["140.00 a", 0],
  ["40.50 b", undefined],
  ["40.50", undefined],
  ["", undefined],
  ["soon a", undefined],
];

for (const [text, age] of CASES) {
  Deno.test(`timerAge() is ${age} with the stamp ${JSON.stringify(text)}`, () => {
    const dir = Deno.makeTempDirSync({ prefix: "slurm-ec2-stamp-" });
    try {
      const clock = new Clock(undefined, { uptime: 100_000, bootId: "a", wall: 0 }, () => 0, () => 0);
      assertEquals(timerAge(dir, clock), undefined);
      Deno.writeTextFileSync(`${dir}/timer`, text);
      assertEquals(timerAge(dir, clock), age);
      const ignorant = { uptime: undefined, bootId: undefined, wall: 0 };
      assertEquals(timerAge(dir, new Clock(undefined, ignorant, () => 0, () => 0)), undefined);
    } finally {
      Deno.removeSync(dir, { recursive: true });
    }
  });
}

Deno.test("renewTimerStamp() writes a stamp that has grown old, in the form that the timer's unit writes it", () => {
  const dir = Deno.makeTempDirSync({ prefix: "slurm-ec2-stamp-" });
  try {
    let elapsed = 0;
    const clock = new Clock(undefined, { uptime: 100_000, bootId: "a", wall: 0 }, () => elapsed, () => 0);
    const text = () => Deno.readTextFileSync(`${dir}/timer`).trimEnd();
    renewTimerStamp(dir, clock);
    assertEquals(text(), "100.00 a");
    elapsed = 29_000;
    renewTimerStamp(dir, clock);
    assertEquals(text(), "100.00 a");
    elapsed = 31_000;
    renewTimerStamp(dir, clock);
    assertEquals([text(), timerAge(dir, clock)], ["131.00 a", 0]);
  } finally {
    Deno.removeSync(dir, { recursive: true });
  }
});
