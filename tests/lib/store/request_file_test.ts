import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  isRequestName,
  newRequestName,
  parseRequestFile,
  REQUEST_KINDS,
  requestFileText,
} from "../../../lib/store/request_file.ts";

const UUID = "0b6f3a52-77a5-4a4e-9d0e-6a4ad2a4e1c7";
const NAME = `resume.${UUID}`;
const BOOT = "9d0e3a52-77a5-4a4e-0b6f-6a4ad2a4e1c7";

Deno.test("parseRequestFile() reads what the hook writes", { permissions: "none" }, () => {
  assertEquals(parseRequestFile(NAME, `1 resume 12345.67 ${BOOT} c-[0-1],d\n{"jobs":[]}\n\nend\n`), {
    id: NAME,
    kind: "resume",
    uptime: 12345.67,
    bootId: BOOT,
    hostlist: "c-[0-1],d",
    resumeFile: '{"jobs":[]}\n',
  });
  assertEquals(parseRequestFile(`stop.${UUID}`, `1 stop - - c-0\nend\n`), {
    id: `stop.${UUID}`,
    kind: "stop",
    uptime: undefined,
    bootId: undefined,
    hostlist: "c-0",
    resumeFile: undefined,
  });
});

Deno.test("parseRequestFile() reads back what requestFileText() writes", { permissions: "none" }, () => {
  const request = fc.record({
    kind: fc.constantFrom(...REQUEST_KINDS),
    uptime: fc.option(fc.integer({ min: 0, max: 1e9 }).map((centis) => centis / 100), { nil: undefined }),
    bootId: fc.option(fc.constant(BOOT), { nil: undefined }),
    hostlist: fc.stringMatching(/^[a-z0-9[\],-]{1,60}$/),
    resumeFile: fc.option(fc.json(), { nil: undefined }),
  });
  fc.assert(fc.property(request, (one) => {
    const id = newRequestName(one.kind);
    assertEquals(parseRequestFile(id, requestFileText(one)), { id, ...one });
  }));
});

Deno.test("parseRequestFile() refuses a request cut short at any byte", { permissions: "none" }, () => {
  const text = `1 resume 12345.67 ${BOOT} c-[0-1]\n{"jobs":[{"job_id":7,"end":1}]}\nend\n`;
  // The last line may lack its newline: nothing can follow it.
  for (let length = 0; length < text.length - 1; length++) {
    assertThrows(() => parseRequestFile(NAME, text.slice(0, length)), SyntaxError);
  }
});

const REFUSED: readonly (readonly [name: string, text: string, says: string])[] = [
  [NAME, `2 resume 1.0 ${BOOT} c-0\nend\n`, 'its format is "2", this release reads 1'],
  [NAME, "", "its format is"],
  [NAME, `1 stop 1.0 ${BOOT} c-0\nend\n`, "which its name does not say"],
  [NAME, `1 resume 1.0 ${BOOT} c-0 c-1\nend\n`, "its first line is not"],
  [NAME, `1 resume 1.0 ${BOOT} \nend\n`, "its first line is not"],
  [NAME, `1 resume 1.0 ${BOOT} c-\u0007\nend\n`, "its first line is not"],
  [NAME, `1 resume soon ${BOOT} c-0\nend\n`, 'its uptime is "soon"'],
  [NAME, `1 resume -5 ${BOOT} c-0\nend\n`, "its uptime is"],
  [NAME, `1 resume 1.0 ../../etc c-0\nend\n`, "its boot id is"],
  [NAME, `1 resume 1.0 ${BOOT} c-0\n{"jobs":[]} end\n`, "cut short"],
  [`launch.${UUID}`, `1 launch 1.0 ${BOOT} c-0\nend\n`, "its name is not KIND.UUID"],
  ["resume.1", `1 resume 1.0 ${BOOT} c-0\nend\n`, "its name is not KIND.UUID"],
];

for (const [name, text, says] of REFUSED) {
  Deno.test(
    `parseRequestFile() says "${says}" of ${name} ${JSON.stringify(text)}`,
    { permissions: "none" },
    () => {
      assertThrows(() => parseRequestFile(name, text), SyntaxError, says);
    },
  );
}

Deno.test("isRequestName() takes the hooks' names only", { permissions: "none" }, () => {
  assertEquals(isRequestName(NAME), true);
  for (const name of ["", ".", `.${NAME}`, `${NAME}~`, `a.${UUID}`, UUID, `resume.${UUID}/x`]) {
    assertEquals(isRequestName(name), false, name);
  }
});
