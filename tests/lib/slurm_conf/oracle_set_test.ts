import { assertEquals } from "@std/assert";
import { type AnswerSet, formOf, indexSet } from "../../../lib/slurm_conf/oracle_set.ts";

/** The forms of values, each with members that no daemon was asked about. */
const FORMS: readonly (readonly [value: string, asked: string])[] = [
  ["3h", "2h"],
  ["17m", "10m"],
  ["12M", "10M"],
  ["2.25", "1.5"],
  ["0755", "010"],
  ["099", "08"],
  ["12:30", "5:00"],
  ["12:75", "1:70"],
  ["3-12:30:10", "1-02:03:04"],
  ["0xff", "0x10"],
  ["Sometimes", "abc"],
  ["x1y2", "a1"],
  ["depth=4", "abc=1"],
];

Deno.test("formOf() names the value of the same form that daemons were asked about", () => {
  assertEquals(FORMS.map(([value]) => formOf(value)), FORMS.map(([, asked]) => asked));
});

/** A set with its answers to values that were not asked; undefined: nothing is known. */
interface Case {
  readonly name: string;
  readonly set: AnswerSet;
  readonly answers: Readonly<Record<string, string | undefined>>;
}

const TEXTS = ["abc", "2h", "5:00", "1.5", "a,b"];

const CASES: readonly Case[] = [
  {
    name: "a number between limits",
    set: { numbers: "-1:r0 0:a 65536:r1", values: { r2: TEXTS, a: ["INFINITE"] } },
    answers: {
      "7": "a",
      "65535": "a",
      "70000": "r1",
      "-12": "r0",
      "12:30:10": "r2",
      "sometimes": "r2",
      "9%": "r2",
    },
  },
  {
    name: "words in any case, and lists of them",
    set: { numbers: "", values: { a: ["OFF", "off", "GANG", "GANG,OFF"], r0: [...TEXTS, "GANG,abc"] } },
    answers: { "gang": "a", "OFF,GANG": "a", "OFF,GANGS": "r0", "OFFS": "r0", '"gang"': "a" },
  },
  {
    name: "words whose case nobody tried",
    set: { numbers: "", values: { a: ["OFF", "x/y"], r0: TEXTS } },
    answers: { "off": undefined, "X/Y": "r0", "OFF,x/y": undefined },
  },
  {
    name: "values of a name",
    set: {
      numbers: "",
      values: { a: ["w=5", "w=100", "w=1.5"], l0: ["w=-1", "w=abc"], r0: [...TEXTS, "abc=1"] },
    },
    answers: { "w=50": "a", "w=2.5": "a", "w=xyz": "l0", "v=5": "r0", "w=2h": undefined },
  },
  {
    name: "a time, whose numbers start over behind 32 bits",
    set: { numbers: "0:a 4294967296:r0", values: { a: ["5:00", "2h"], r0: ["abc", "1.5", "a,b"] } },
    answers: { "30": "a", "4294971906": undefined, "12:30": "a", "3h": "a", "xyz": "r0" },
  },
  {
    name: "any text",
    set: { any: true, numbers: "", values: { a: TEXTS } },
    answers: { "!": "a", "7": "a", "x,y": "a" },
  },
];

for (const { name, set, answers } of CASES) {
  Deno.test({
    name: `indexSet() answers for ${name}`,
    permissions: "none",
    fn: () => {
      const found = Object.keys(answers).map((value) => [value, indexSet(set).answer(value)?.code]);
      assertEquals(Object.fromEntries(found), answers);
    },
  });
}
