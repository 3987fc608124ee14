import { assert, assertEquals } from "@std/assert";
import { tokensOf } from "../../../lib/slurm_conf/context.ts";
import type { RecordEntry, SettingEntry } from "../../../lib/slurm_conf/document.ts";
import {
  removeEntry,
  removeFromRecord,
  removeToken,
  replaceKey,
  replaceValue,
} from "../../../lib/slurm_conf/edit.ts";
import { applyEdits, applySafeFixes } from "../../../lib/slurm_conf/fix.ts";
import { lint } from "../../../lib/slurm_conf/lint.ts";
import { parseText } from "../../../lib/slurm_conf/parse.ts";
import type { Edit, Rule } from "../../../lib/slurm_conf/rule.ts";

type Make = (setting: SettingEntry) => Edit;

/** Edits the first plain setting of a text. */
function editSetting(text: string, make: Make): string {
  const entry = parseText(text).entries.find((entry) => entry.kind === "setting");
  assert(entry?.kind === "setting");
  return applyEdits(text, [make(entry)]);
}

const SETTINGS: readonly (readonly [name: string, text: string, make: Make, result: string])[] = [
  ["replaceValue()", "A = 1 # c\n", (s) => replaceValue(s, "2"), "A = 2 # c\n"],
  ["replaceValue() quotes", "A=1\n", (s) => replaceValue(s, "x y"), 'A="x y"\n'],
  ["replaceValue() over quotes", 'A="x y" # c\n', (s) => replaceValue(s, "z"), "A=z # c\n"],
  [
    "replaceValue() over continuations",
    "A=x,\\\ny # c\nB=1\n",
    (s) => replaceValue(s, "z"),
    "A=z # c\nB=1\n",
  ],
  ["replaceKey()", "aa=1\n", (s) => replaceKey(s, "AA"), "AA=1\n"],
  ["removeEntry()", "# keep\nA=1 # gone\nB=2\n", removeEntry, "# keep\nB=2\n"],
  ["removeEntry() at the end", "# keep\nA=1", removeEntry, "# keep\n"],
  ["removeEntry() with CRLF", "A=1\r\nB=2\r\n", removeEntry, "B=2\r\n"],
  ["removeEntry() over continuations", "A=x,\\\ny\nB=2\n", removeEntry, "B=2\n"],
  ["removeEntry() next to other text", "A=1 x\nB=2\n", removeEntry, " x\nB=2\n"],
  ["removeToken() first", "A=x,y,z\n", (s) => removeToken(tokensOf(s)[0]!), "A=y,z\n"],
  ["removeToken() last", "A=x,y,z # c\n", (s) => removeToken(tokensOf(s)[2]!), "A=x,y # c\n"],
  ["removeToken() only", "# keep\nA=x\nB=1\n", (s) => removeToken(tokensOf(s)[0]!), "# keep\nB=1\n"],
  ["removeToken() among empty ones", "A=x,,y,\n", (s) => removeToken(tokensOf(s)[0]!), "A=y\n"],
];

for (const [name, text, make, result] of SETTINGS) {
  Deno.test(`${name} keeps the rest of ${JSON.stringify(text)}`, { permissions: "none" }, () => {
    assertEquals(editSetting(text, make), result);
  });
}

Deno.test("removeFromRecord() edits one line", { permissions: "none" }, () => {
  const text = "NodeName=a CPUs=1  Port=5 State=CLOUD # c\n";
  const record = parseText(text).entries[0] as RecordEntry;
  assertEquals(
    applyEdits(text, [removeFromRecord(record, record.settings[2]!)]),
    "NodeName=a CPUs=1 State=CLOUD # c\n",
  );
});

Deno.test("tokensOf() knows where each word stands", { permissions: "none" }, () => {
  const text = 'A="x=1,,\\\ny" # c\n';
  const setting = parseText(text).entries[0] as SettingEntry;
  assertEquals(
    tokensOf(setting).map((
      { name, value, index, span },
    ) => [name, value, index, text.slice(span.start, span.end)]),
    [["x", "1", 0, "x=1"], ["y", undefined, 2, "y"]],
  );
});

Deno.test(
  "applySafeFixes() applies a fix whole, and none that touches another",
  { permissions: "none" },
  () => {
    const rule = (id: string, make: Make, safe = true): Rule => ({
      id,
      title: "",
      severity: "info",
      daemon: "silent",
      versions: {},
      what: "",
      why: "",
      remedy: "",
      sources: [],
      check: (context) =>
        context.settings("a").map((at) => ({
          at,
          message: id,
          fix: { title: id, edits: [make(at as SettingEntry)], safe },
        })),
    });
    const rules = [
      rule("XX001", (s) => replaceValue(s, "2")),
      rule("XX002", (s) => replaceValue(s, "3")),
      rule("XX003", (s) => replaceKey(s, "B"), false),
    ];
    const changes = applySafeFixes(lint({ document: parseText("A=1\n"), rules }));
    assertEquals(changes.map(({ text }) => text), ["A=2\n"]);
  },
);
