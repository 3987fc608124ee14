import { assertEquals, assertStringIncludes } from "@std/assert";
import {
  lazyRequire,
  lightChunk,
  literalKeys,
  onDemand,
} from "../../../../deploy/build/portable/light_chunk.ts";

const pure = (name: string, fn: () => void) => Deno.test({ name, permissions: "none", fn });

const EAGER = `import { createRequire as __deno_internal_createRequire } from "node:module";
var __require = __deno_internal_createRequire(import.meta.url);
`;

pure(
  "lazyRequire() takes Node's parts without its module system, which it loads for what else is required",
  () => {
    const text = lazyRequire(`${EAGER}var a = __require("node:fs/promises"), b = __require("./other.js");`);
    assertEquals(text.includes("createRequire as"), false);
    assertStringIncludes(
      text,
      'var a = process.getBuiltinModule("node:fs/promises"), b = __require("./other.js");',
    );
    assertEquals(lazyRequire('var p = __require("node:process");'), "var p = globalThis.process;");
    const { name } = new Function(
      "process",
      `${
        text.replace("import.meta.url", '"file:///x"').replace(/var a[^]*/, "")
      } return { name: __require("y") };`,
    )({ getBuiltinModule: () => ({ createRequire: (url: string) => (id: string) => `${url} ${id}` }) });
    assertEquals(name, "file:///x y");
  },
);

pure("literalKeys() writes keys out that are named strings of the same chunk", () => {
  const names = `var _eQN = "ec2QueryName";\nvar _xN = "xmlName";\nvar _odd = "not-a-name";\n`;
  const text = literalKeys(
    `${names}var A = [3, { [_eQN]: "X", [_xN]: _v }, {\n  [_odd]: 1,\n  [_none]: 2 }, a ? b[_xN] : c, [_xN]];`,
  );
  assertEquals(
    text.slice(names.length),
    `var A = [3, { ec2QueryName: "X", xmlName: _v }, {\n  [_odd]: 1,\n  [_none]: 2 }, a ? b[_xN] : c, [_xN]];`,
  );
});

pure("lightChunk() leaves a chunk as it is that has nothing of it", () => {
  const text = `import { a } from "./chunk-1.js";\nvar x = { [key]: 1 };\nexport { x };\n`;
  assertEquals(lightChunk(text), text);
});

pure("lightChunk() forgets where packages lay", () => {
  assertEquals(
    lightChunk(
      `// ../../home/me/npm/a@1/dist-es/b.js\n// main.ts\n// kept: why\nvar a = __esm({\n  "../../home/me/npm/a/b.js"() {\n`,
    ),
    `// kept: why\nvar a = __esm({ "it"() {\n`,
  );
});

pure("onDemand() hides from Deno what a `load` imports, and nothing else", () => {
  assertEquals(
    onDemand('a={x:{load:async()=>(await import("./x-1.js")).x}};b=await import("./y.js")'),
    'a={x:{load:async()=>(await import(String("./x-1.js"))).x}};b=await import("./y.js")',
  );
});
