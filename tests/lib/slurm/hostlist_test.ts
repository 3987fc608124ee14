import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { countHostlist, expandHostlist, foldHostlist, splitHostlist } from "../../../lib/slurm/hostlist.ts";
import { SKIP_WITHOUT_SCONTROL, withRealScontrol } from "./real_scontrol.ts";

const EXPANSIONS: readonly (readonly [text: string, names: string])[] = [
  ["", ""],
  [" ,, ", ""],
  ["c1", "c1"],
  ["c1,c2", "c1 c2"],
  ["c1 c2\tc3\nc4,\r\n c5,", "c1 c2 c3 c4 c5"],
  ["c[1-3]", "c1 c2 c3"],
  ["c[1,3-4]", "c1 c3 c4"],
  ["c[5-5]", "c5"],
  ["c[08-11]", "c08 c09 c10 c11"],
  ["c[099-101]", "c099 c100 c101"],
  ["c[8-011]", "c8 c9 c10 c11"],
  ["c[001-3]", "c001 c002 c003"],
  ["c[3,1,1]", "c3 c1 c1"],
  ["c1,c1", "c1 c1"],
  ["c01,c1,c[001,1]", "c01 c1 c001 c1"],
  ["[1-3]", "1 2 3"],
  ["1,2", "1 2"],
  ["c1-c3", "c1-c3"],
  ["c-1,d_2.example.org", "c-1 d_2.example.org"],
  ["r[1-2]n[01-03]", "r1n01 r1n02 r1n03 r2n01 r2n02 r2n03"],
  ["r[2,1]n[2,1]", "r2n2 r2n1 r1n2 r1n1"],
  ["c[1-2][3-4]", "c13 c14 c23 c24"],
  ["c[1-2]5[1-2]", "c151 c152 c251 c252"],
  ["a[1-2]b[1-2]c[1-2]", "a1b1c1 a1b1c2 a2b1c1 a2b1c2 a1b2c1 a1b2c2 a2b2c1 a2b2c2"],
  ["a[1-2]b[1-2]c[1-2]d", "a1b1c1d a1b1c2d a2b1c1d a2b1c2d a1b2c1d a1b2c2d a2b2c1d a2b2c2d"],
  ["c[8-10]x", "c8x c9x c10x"],
  ["c[1-2]05", "c105 c205"],
  ["c[1-2],d3,e[01-02]-x f", "c1 c2 d3 e01-x e02-x f"],
  ["c99999999999999999999", "c99999999999999999999"],
];

for (const [text, names] of EXPANSIONS) {
  Deno.test(`expandHostlist() reads ${JSON.stringify(text)}`, { permissions: "none" }, () => {
    const expected = names === "" ? [] : names.split(" ");
    assertEquals(expandHostlist(text), expected);
    assertEquals(countHostlist(text), expected.length);
  });
}

const MISTAKES: readonly (readonly [text: string, message: string])[] = [
  ["c[1", 'expected a digit, "-", "," or "]" at column 4'],
  ["c[1-", "expected a number at column 5"],
  ["c[1-]", "expected a number at column 5"],
  ["c[-1]", "expected a number at column 3"],
  ["c[", "expected a number at column 3"],
  ["c[]", "expected a number at column 3"],
  ["c[a]", "expected a number at column 3"],
  ["c[1,]", "expected a number at column 5"],
  ["c[,1]", "expected a number at column 3"],
  ["c[1,,2]", "expected a number at column 5"],
  ["c[1 2]", 'expected a digit, "-", "," or "]" at column 4'],
  ["c[1, 2]", "expected a number at column 5"],
  ["c[1-2-3]", 'expected a digit, "-", "," or "]" at column 6'],
  ["c[[1]]", "expected a number at column 3"],
  ["c[3-1]", "expected a number not below 3 at column 5"],
  ["c]", 'expected a name, "[" or "," at column 2'],
  ["]", 'expected a name, "[" or "," at column 1'],
  ["a,c[1-2]]", 'expected a name, "[" or "," at column 9'],
  ["a\u0000b", 'expected a name, "[" or "," at column 2'],
];

for (const [text, message] of MISTAKES) {
  Deno.test(
    `expandHostlist() points at the mistake in ${JSON.stringify(text)}`,
    { permissions: "none" },
    () => {
      assertThrows(() => expandHostlist(text), SyntaxError, message);
      assertThrows(() => countHostlist(text), SyntaxError, message);
    },
  );
}

Deno.test("expandHostlist() quotes only the place of the mistake when the text is long", {
  permissions: "none",
}, () => {
  const text = `${"n1,".repeat(1000)}c[x]${",n2".repeat(1000)}`;
  const error = assertThrows(() => expandHostlist(text), SyntaxError, "column 3003");
  assertEquals(error.message.length < 160, true, error.message);
});

Deno.test("expandHostlist() takes as many names as Slurm has nodes", { permissions: "none" }, () => {
  const names = expandHostlist("n[0-65535]");
  assertEquals([names.length, names[0], names.at(-1)], [65_536, "n0", "n65535"]);
});

Deno.test("expandHostlist() refuses absurd sizes without making the names", { permissions: "none" }, () => {
  for (
    const text of [
      "n[0-99999999999]",
      "n[1-1001]m[1-1000]",
      "zz[0-999999]",
      "n[0-65535],x",
      "[1-999][1-999][1-999][1-999]",
    ]
  ) {
    assertThrows(() => expandHostlist(text), RangeError, "at most 65536");
  }
  assertThrows(() => expandHostlist("n[1234567890123456]"), RangeError, "column 3 has more than 15 digits");
  assertEquals(countHostlist("n[0-65535]"), 65_536);
});

const FOLDS: readonly (readonly [names: string, folded: string])[] = [
  ["", ""],
  ["c1", "c1"],
  ["c", "c"],
  ["c1 c2 c3", "c[1-3]"],
  ["c1 c3 c4", "c[1,3-4]"],
  ["c2 c1 c3", "c[2,1,3]"],
  ["c1 c1 c2", "c[1,1-2]"],
  ["c1 d1 c2", "c1,d1,c2"],
  ["c8 c9 c10 c11", "c[8-11]"],
  ["c08 c09 c10", "c[08-10]"],
  ["c08 c9", "c[08,9]"],
  ["c9 c010", "c[9,010]"],
  ["c09 c010", "c[09,010]"],
  ["c099 c100", "c[099-100]"],
  ["c99 c0100", "c[99,0100]"],
  ["c0 c00 c000", "c[0,00,000]"],
  ["c01 c1 c001", "c[01,1,001]"],
  ["1 2 a1", "[1-2],a1"],
  ["a1n1 a1n2 a2n1", "a1n[1-2],a2n1"],
  ["a01b1 a1b2", "a01b1,a1b2"],
  ["c1x c2x", "c1x,c2x"],
  ["c1 c c2", "c1,c,c2"],
  ["c-1 c-2", "c-[1-2]"],
  ["cc1 c1 c2", "cc1,c[1-2]"],
  [
    "c999999999999998 c999999999999999 c1000000000000000",
    "c[999999999999998-999999999999999],c1000000000000000",
  ],
];

for (const [names, folded] of FOLDS) {
  Deno.test(`foldHostlist() writes "${folded}"`, { permissions: "none" }, () => {
    assertEquals(foldHostlist(names === "" ? [] : names.split(" ")), folded);
  });
}

Deno.test("foldHostlist() takes any iterable", { permissions: "none" }, () => {
  assertEquals(foldHostlist(new Set(["c1", "c2"]).values()), "c[1-2]");
});

Deno.test("foldHostlist() refuses what would not come back as one name", { permissions: "none" }, () => {
  for (const name of ["", "a,b", "a b", "c[1]", "c]", "c[1-2]3", "a\nb1", "a,1"]) {
    assertThrows(() => foldHostlist(["c1", name]), SyntaxError, "Invalid node name");
  }
});

const number = fc.tuple(fc.nat({ max: 1200 }), fc.integer({ min: 1, max: 4 })).map(([n, width]) =>
  String(n).padStart(width, "0")
);
const prefix = fc.stringMatching(/^[a-z][a-z0-9._-]{0,3}$/);
const name = fc.oneof(fc.tuple(prefix, number).map((parts) => parts.join("")), prefix);
/** Names near each other, so that they fold. */
const names = fc.array(
  fc.oneof(name, fc.tuple(fc.constantFrom("c", "d-"), fc.nat({ max: 20 })).map((parts) => parts.join(""))),
  { minLength: 1, maxLength: 30 },
);
const range = fc.tuple(number, fc.nat({ max: 12 })).map(([lo, more]) =>
  more === 0 ? lo : `${lo}-${Number(lo) + more}`
);
const bracket = fc.array(range, { minLength: 1, maxLength: 3 }).map((ranges) => `[${ranges.join(",")}]`);
const bracketed = fc.tuple(prefix, bracket).map((parts) => parts.join(""));
const dimensions = fc.array(bracketed, { minLength: 1, maxLength: 3 }).map((parts) => parts.join(""));
const hostlist = fc.array(fc.oneof(name, bracket, dimensions), { minLength: 1, maxLength: 4 }).map((all) =>
  all.join(",")
);

Deno.test("expandHostlist() undoes foldHostlist()", { permissions: "none" }, () => {
  fc.assert(fc.property(names, (all) => assertEquals(expandHostlist(foldHostlist(all)), all)), { seed: 1 });
});

Deno.test("foldHostlist() keeps what any hostlist stands for", { permissions: "none" }, () => {
  fc.assert(
    fc.property(fc.tuple(hostlist, fc.constantFrom("", "x", "05")).map((parts) => parts.join("")), (text) => {
      const all = expandHostlist(text);
      assertEquals(expandHostlist(foldHostlist(all)), all);
      assertEquals(countHostlist(text), all.length);
    }),
    { seed: 2 },
  );
});

Deno.test({
  name: "expandHostlist() agrees with scontrol show hostnames (skipped without scontrol, except in CI)",
  ignore: SKIP_WITHOUT_SCONTROL,
  fn: () =>
    withRealScontrol(async (scontrol) => {
      // A suffix behind the last bracket is newer than 22.05.
      const suffixes = await scontrol.show("hostnames", "c[1-2]x") === undefined ? [""] : ["", "x", "05"];
      const texts = fc.tuple(hostlist, fc.constantFrom(...suffixes)).map((parts) => parts.join(""));
      await fc.assert(
        fc.asyncProperty(texts, async (text) => {
          assertEquals(expandHostlist(text), (await scontrol.show("hostnames", text))?.split("\n"));
        }),
        { seed: 3, numRuns: 150 },
      );
    }),
});

Deno.test({
  name: "foldHostlist() agrees with scontrol show hostlist (skipped without scontrol, except in CI)",
  ignore: SKIP_WITHOUT_SCONTROL,
  fn: () =>
    withRealScontrol(async (scontrol) => {
      await fc.assert(
        fc.asyncProperty(names, async (all) => {
          assertEquals(foldHostlist(all), await scontrol.show("hostlist", all.join(",")));
        }),
        { seed: 4, numRuns: 150 },
      );
    }),
});

Deno.test({
  name: "expandHostlist() refuses what scontrol refuses, and what it only guesses at",
  ignore: SKIP_WITHOUT_SCONTROL,
  fn: () =>
    withRealScontrol(async (scontrol) => {
      const guessed = ["c[1-]", "c[1", "c[[1]]", "c[1-", "c[", "c]", "]", "c[1, 2]", "a,c[1-2]]", "a\u0000b"];
      for (const [text] of MISTAKES) {
        if (guessed.includes(text)) continue;
        assertEquals(await scontrol.show("hostnames", text), undefined, text);
      }
    }),
});

Deno.test("splitHostlist() splits at the commas outside of brackets", { permissions: "none" }, () => {
  assertEquals(splitHostlist("a[1,3],,b,c[1-2][4,5],"), ["a[1,3]", "b", "c[1-2][4,5]"]);
  assertEquals(splitHostlist(""), []);
});
