import { assertEquals } from "@std/assert";
import { durationText, isoDurationSeconds } from "../../../lib/config/iso_duration.ts";

const pure = { permissions: "none" } as const;

Deno.test("isoDurationSeconds() reads ISO 8601 durations", pure, () => {
  const seconds: readonly (readonly [string, number | undefined])[] = [
    ["P0Y0M0DT1H0M0S", 3600],
    ["PT90S", 90],
    ["P1D", 86_400],
    ["P1W", 604_800],
    ["P1Y2M3DT4H5M6S", 365 * 86_400 + 60 * 86_400 + 3 * 86_400 + 4 * 3600 + 306],
    ["P", undefined],
    ["PT", undefined],
    ["1H", undefined],
    ["", undefined],
  ];
  for (const [text, expected] of seconds) assertEquals(isoDurationSeconds(text), expected, text);
});

Deno.test("durationText() writes seconds as people do", pure, () => {
  assertEquals([0, 59, 60, 5400, 86_400, 90_061].map(durationText), [
    "0s",
    "59s",
    "1m",
    "1h30m",
    "1d",
    "1d1h1m1s",
  ]);
});
