import { assertEquals } from "@std/assert";
import { Clock } from "../../../lib/store/clock.ts";
import { timerAge } from "../../../lib/store/timer_stamp.ts";

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
