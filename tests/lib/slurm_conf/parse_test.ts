import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { type Document, positionAt, recordSetting, spanInValue } from "../../../lib/slurm_conf/document.ts";
import {
  MAX_FILE_BYTES,
  MAX_INCLUDES,
  parseDocument,
  parseText,
  printFile,
  type ReadFile,
} from "../../../lib/slurm_conf/parse.ts";

/** Files in memory. */
export function memory(files: Readonly<Record<string, string | Uint8Array>>): ReadFile {
  return (path) => {
    const content = files[path];
    if (content === undefined) throw new Deno.errors.NotFound(`no ${path}`);
    return typeof content === "string" ? new TextEncoder().encode(content) : content;
  };
}

/** Entries in short: `key=value`, `NodeName:c[0-1] CPUs=4`, `include x`, `broken x`. */
function short(document: Document): string[] {
  return document.entries.map((entry) => {
    switch (entry.kind) {
      case "setting":
        return `${entry.key}${entry.operator}${entry.value.text}`;
      case "record":
        return `${entry.type}:${entry.settings.map((s) => `${s.key}=${s.value.text}`).slice(1).join(" ")}`;
      case "include":
        return `include ${entry.path.text}`;
      case "broken":
        return `broken ${entry.text}`;
    }
  });
}

// What the real parser makes of such texts is asked in differential_test.ts.
const TEXTS: readonly (readonly [
  name: string,
  text: string,
  entries: readonly string[],
  problems: readonly string[],
])[] = [
  ["empty file", "", [], []],
  ["blank lines and comments", "\n \t\n# a\n   # b\r\n", [], []],
  ["plain settings", "A=1\nB = 2\n  C\t=\t3  \n", ["A=1", "B=2", "C=3"], []],
  ["CRLF", "A=1\r\nB=2\r\n", ["A=1", "B=2"], []],
  ["no line end", "A=1", ["A=1"], []],
  ["keys keep their case", "slurmctldPORT=1\n", ["slurmctldPORT=1"], []],
  ["quotes", 'A="x y"\nB="x"\nC=""\n', ["A=x y", "B=x", "C="], []],
  ["a quote that does not end the word", 'A="x"y\nB="x\n', ['A="x"y', 'B="x'], []],
  ["a comment within quotes", 'A="x # y"\n', ['A="x'], []],
  ["escaped hash and backslash", "A=x\\#y\nB=x\\\\y\nC=x\\y\n", ["A=x#y", "B=x\\y", "C=xy"], []],
  ["hash behind an escaped backslash", "A=x\\\\#y\n", ["A=x\\"], []],
  ["operators", "A+=1\nB-=2\nC *=3\nD/=4\n", ["A+=1", "B-=2", "C*=3", "D/=4"], []],
  ["continuation", "A=x,\\\ny,\\\nz\n", ["A=x,y,z"], []],
  ["continuation before the value", "A=\\\nx\n", ["A=x"], []],
  ["continuation with blanks behind", "A=x,\\  \ny\n", ["A=x,y"], []],
  ["continuation with CRLF", "A=x,\\\r\ny\r\n", ["A=x,y"], []],
  ["continuation before a comment", "A=x,\\ # why\ny\n", ["A=x,y"], []],
  ["no continuation: even backslashes", "A=x\\\\\nB=1\n", ["A=x\\", "B=1"], []],
  ["no continuation inside a comment", "# A=1 \\\nB=2\n", ["B=2"], []],
  ["continuation swallows the next line", "A=x\\\nResumeProgram=/y\n", ["A=xResumeProgram=/y"], []],
  ["continuation at the end", "A=x\\", ["A=x"], ["continuation-at-end"]],
  ["two settings on a line", "A=1 B=2\n", ["A=1", "broken B=2"], ["second-setting"]],
  ["a blank after a comma", "A=x, y\n", ["A=x,", "broken y"], ["blank-in-value"]],
  ["no value", "A=\nB=\t# c\n", ["broken A=", "broken B="], ["empty-value", "empty-value"]],
  ["no key", "= 1\nfoo\n", ["broken = 1", "broken foo"], ["syntax", "syntax"]],
  ["a key beyond ASCII", "Ä=1\n", ["broken Ä=1"], ["syntax"]],
  ["byte order mark", "\uFEFFA=1\n", ["A=1"], ["byte-order-mark"]],
  [
    "records",
    "NodeName=c[0-1] CPUs=4 State=CLOUD\nnodename=d Port = 5\nPartitionName=p Nodes=ALL Default=YES\n",
    ["NodeName:CPUs=4 State=CLOUD", "NodeName:Port=5", "PartitionName:Nodes=ALL Default=YES"],
    [],
  ],
  ["a record with a loose word", "NodeName=c CPUs=4 foo\n", ["NodeName:CPUs=4", "broken foo"], [
    "blank-in-value",
  ]],
  ["a record's blank before the value", "NodeName=c CPUs= 4\n", ["NodeName:CPUs=4"], []],
  ["a no-break space is not a blank", "A=x\u00A0y\n", ["A=x\u00A0y"], []],
  ["an indented Include", " Include x\n", ["broken Include x"], ["syntax"]],
  ["a word that begins like Include", "IncludeX=1\n", ["IncludeX=1"], []],
];

for (const [name, text, entries, problems] of TEXTS) {
  Deno.test(`parseText() reads ${name}`, { permissions: "none" }, () => {
    const document = parseText(text);
    assertEquals(short(document), entries);
    assertEquals(document.problems.map(({ kind }) => kind), problems);
  });
}

Deno.test("parseText() knows where keys and values stand", { permissions: "none" }, () => {
  const document = parseText('# x\n  Foo = "a b" # c\n');
  const [entry] = document.entries;
  assert(entry?.kind === "setting");
  const { file } = entry.span;
  assertEquals(positionAt(file, entry.keySpan.start), { line: 2, column: 3 });
  assertEquals(positionAt(file, entry.value.span.start), { line: 2, column: 9 });
  assertEquals(file.text.slice(entry.value.span.start, entry.value.span.end), '"a b"');
  const inner = spanInValue(entry.value, 2, 3);
  assertEquals(file.text.slice(inner.start, inner.end), "b");
});

Deno.test("parseText() maps a value over continuation lines", { permissions: "none" }, () => {
  const document = parseText("A=one,\\\n  two\\#,\\\nthree\n");
  // The blanks of a continuation line end the value, so Slurm sees `one,` and a loose rest.
  assertEquals(short(document), ["A=one,", "broken two#,three"]);
  const joined = parseText("A=one,\\\ntwo\\#,\\\nthree\n");
  const [entry] = joined.entries;
  assert(entry?.kind === "setting");
  assertEquals(entry.value.text, "one,two#,three");
  for (const [from, to, source] of [[0, 3, "one"], [4, 8, "two\\#"], [9, 14, "three"]] as const) {
    const span = spanInValue(entry.value, from, to);
    assertEquals(span.file.text.slice(span.start, span.end), source);
  }
});

Deno.test("parseText() gives records the DEFAULT values above them", { permissions: "none" }, () => {
  const document = parseText([
    "NodeName=a CPUs=1",
    "NodeName=DEFAULT CPUs=2 State=CLOUD",
    "NodeName=b",
    "NodeName=default RealMemory=5",
    "NodeName=c CPUs=3 cpus=4",
    "PartitionName=p",
  ].join("\n"));
  const records = document.entries.filter((entry) => entry.kind === "record");
  const value = (index: number, key: string) => recordSetting(records[index]!, key)?.value.text;
  assertEquals([value(0, "CPUs"), value(0, "State")], ["1", undefined]);
  assertEquals([value(2, "cpus"), value(2, "RealMemory")], ["2", undefined]);
  assertEquals([value(4, "CPUs"), value(4, "State"), value(4, "realmemory")], ["4", "CLOUD", "5"]);
  assertEquals(value(5, "State"), undefined);
  assertEquals(records.map(({ isDefault }) => isDefault), [false, true, false, true, false, false]);
});

Deno.test("parseDocument() puts included entries where the Include stands", { permissions: "none" }, () => {
  const document = parseDocument(
    "/etc/slurm/slurm.conf",
    memory({
      "/etc/slurm/slurm.conf": "A=1\nInclude nodes.conf\ninclude\t/opt/x.conf # why\nB=2\n",
      "/etc/slurm/nodes.conf": "NodeName=DEFAULT CPUs=7\n",
      "/opt/x.conf": "NodeName=n1\n",
    }),
  );
  assertEquals(short(document), [
    "A=1",
    "include nodes.conf",
    "NodeName:CPUs=7",
    "include /opt/x.conf",
    "NodeName:",
    "B=2",
  ]);
  const last = document.entries[4];
  assert(last?.kind === "record");
  assertEquals(recordSetting(last, "CPUs")?.value.text, "7");
  assertEquals(document.files.map(({ path }) => path), [
    "/etc/slurm/slurm.conf",
    "/etc/slurm/nodes.conf",
    "/opt/x.conf",
  ]);
  assertEquals(document.problems, []);
});

Deno.test("parseDocument() replaces %c by ClusterName in lower case", { permissions: "none" }, () => {
  const files = { "s.conf": "Include a%c\nClusterName=Bio\nInclude x.%c.conf\n", "x.bio.conf": "A=1\n" };
  const document = parseDocument("s.conf", memory(files));
  assertEquals(short(document), ["include a%c", "ClusterName=Bio", "include x.%c.conf", "A=1"]);
  assertEquals(document.problems.map(({ kind }) => kind), ["include-cluster-name"]);
});

Deno.test("parseDocument() says that a relative path in an included file changes by release", {
  permissions: "none",
}, () => {
  const files = {
    "/e/s.conf": "Include d/x.conf\n",
    "/e/d/x.conf": "Include y.conf\n",
    "/e/d/y.conf": "A=1\n",
  };
  const document = parseDocument("/e/s.conf", memory(files));
  assertEquals(short(document), ["include d/x.conf", "include y.conf", "A=1"]);
  assertEquals(document.problems.map(({ kind }) => kind), ["relative-include-old"]);
  assertEquals(document.files[2]!.path, "/e/d/y.conf");
  const both = parseDocument("/e/s.conf", memory({ ...files, "/e/y.conf": "A=2\n" }));
  assertEquals(both.files[2]!.path, "/e/y.conf");
  assertEquals(both.problems.map(({ kind }) => kind), ["relative-include"]);
});

const INCLUDES:
  readonly (readonly [name: string, files: Record<string, string>, problems: readonly string[]])[] = [
    ["a missing file", { "s.conf": "Include x\nA=1\n" }, ["include-unreadable"]],
    ["a pattern", { "s.conf": "Include x*\n", "x1": "A=1\n" }, ["include-unreadable"]],
    ["itself", { "s.conf": "Include s.conf\nA=1\n" }, ["include-loop"]],
    ["itself through another", { "s.conf": "Include x\n", x: "Include s.conf\n" }, ["include-loop"]],
    ["a file twice, which is not a loop", { "s.conf": "Include x\nInclude x\n", x: "A=1\n" }, []],
    ["without a line end", { "s.conf": "Include x", x: "A=1\n" }, ["unterminated-include"]],
    ["with a comment right behind", { "s.conf": "Include x#y\n", x: "A=1\n" }, ["unterminated-include"]],
    ["two files on a line", { "s.conf": "Include x y\n", x: "A=1\n" }, ["syntax"]],
    ["no file", { "s.conf": "Include \n" }, ["syntax"]],
  ];

for (const [name, files, problems] of INCLUDES) {
  Deno.test(`parseDocument() judges an Include of ${name}`, { permissions: "none" }, () => {
    assertEquals(parseDocument("s.conf", memory(files)).problems.map(({ kind }) => kind), problems);
  });
}

Deno.test("parseDocument() ends when includes multiply", { permissions: "none" }, () => {
  const files: Record<string, string> = { "30": "A=1\n" };
  for (let i = 0; i < 30; i++) files[String(i)] = `Include ${i + 1}\nInclude ${i + 1}\n`;
  const document = parseDocument("0", memory(files));
  assertEquals(document.problems.map(({ kind }) => kind), ["include-limit"]);
  assert(document.entries.length <= 3 * MAX_INCLUDES);
});

const REFUSED: readonly (readonly [name: string, error: Error, problem: string, words: string])[] = [
  ["not permitted to the user", new Deno.errors.PermissionDenied("x"), "include-unreadable", "no permission"],
  ["not permitted to the program", new Deno.errors.NotCapable("x"), "include-unreadable", "--allow-read"],
  ["a directory", new Deno.errors.IsADirectory("x"), "directory-include", "a directory"],
  [
    "a directory, as other systems say it",
    Object.assign(new Error("x"), { code: "EISDIR" }),
    "directory-include",
    "a directory",
  ],
  ["broken in another way", new Error("disk on fire"), "include-unreadable", "disk on fire"],
];

for (const [name, error, kind, words] of REFUSED) {
  Deno.test(`parseDocument() tells of an included file that is ${name}`, { permissions: "none" }, () => {
    const document = parseDocument("s.conf", (path) => {
      if (path === "s.conf") return new TextEncoder().encode("A=1\nInclude x\n");
      throw error;
    });
    const [problem] = document.problems;
    assertEquals(document.problems.length, 1);
    assertEquals(problem?.kind, kind);
    assert(problem!.message.includes(words), problem!.message);
    assertEquals(positionAt(problem!.span.file, problem!.span.start), { line: 2, column: 9 });
  });
}

Deno.test("parseDocument() throws what reading throws when the file itself can't be read", {
  permissions: "none",
}, () => {
  assertThrows(() => parseDocument("x", memory({})), Deno.errors.NotFound);
});

Deno.test("parseDocument() refuses a binary file and says where", { permissions: "none" }, () => {
  const document = parseText(new Uint8Array([65, 61, 49, 10, 66, 0, 67]));
  assertEquals(document.problems.map(({ kind }) => kind), ["binary"]);
  assert(document.problems[0]!.message.includes("line 2"));
  assertEquals(document.entries, []);
});

Deno.test("parseDocument() refuses a file of 100 MB", { permissions: "none" }, () => {
  const document = parseText(new Uint8Array(100_000_000).fill(65));
  assertEquals(document.problems.map(({ kind }) => kind), ["too-large"]);
  assert(MAX_FILE_BYTES < 100_000_000);
});

Deno.test("parseDocument() points at the Include line when the included file is binary", {
  permissions: "none",
}, () => {
  const document = parseDocument("s.conf", memory({ "s.conf": "A=1\nInclude x\n", x: new Uint8Array([0]) }));
  assertEquals(document.problems.map(({ kind }) => kind), ["binary"]);
  assertEquals(document.problems[0]!.span.file.path, "s.conf");
});

Deno.test("parseText() takes a key of 10,000 characters", { permissions: "none" }, () => {
  const key = "k".repeat(10_000);
  assertEquals(short(parseText(`${key}=1\n`)), [`${key}=1`]);
});

Deno.test("printFile() gives back Latin-1 bytes", { permissions: "none" }, () => {
  const bytes = new Uint8Array([65, 61, 0xE4, 0x41, 0x9F, 10]);
  const { root } = parseText(bytes);
  assertEquals(root.encoding, "latin-1");
  assertEquals(printFile(root), bytes);
});

Deno.test("printFile() is the inverse of reading for any bytes without NUL", { permissions: "none" }, () => {
  fc.assert(fc.property(fc.uint8Array({ min: 1, maxLength: 200 }), (bytes) => {
    assertEquals(printFile(parseText(bytes).root), bytes);
  }));
});
