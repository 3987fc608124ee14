import { assertEquals, assertThrows } from "@std/assert";
import { notPlain, NotPlainFileError, readPlainFile } from "../../../lib/base/plain_file.ts";

const CASES: Readonly<Record<string, readonly [make: (path: string, other: string) => void, says: string]>> =
  {
    "a link": [(path, other) => Deno.symlinkSync(other, path), "it is a link"],
    "a link to nothing": [(path) => Deno.symlinkSync("nothing", path), "it is a link"],
    "a second name": [(path, other) => Deno.linkSync(other, path), "it is a second name of another file"],
    "a directory": [(path) => Deno.mkdirSync(path), "it is a directory"],
  };

function withDir(test: (dir: string) => void): void {
  const dir = Deno.makeTempDirSync({ prefix: "slurm-ec2-plain-" });
  try {
    Deno.writeTextFileSync(`${dir}/other`, "other's");
    test(dir);
  } finally {
    Deno.removeSync(dir, { recursive: true });
  }
}

for (const [what, [make, says]] of Object.entries(CASES)) {
  Deno.test(`readPlainFile() and notPlain() refuse ${what}`, () =>
    withDir((dir) => {
      make(`${dir}/file`, `${dir}/other`);
      assertEquals(notPlain(`${dir}/file`), says);
      assertThrows(() => readPlainFile(`${dir}/file`, { maxBytes: 99 }), NotPlainFileError, says);
    }));
}

Deno.test("readPlainFile() reads a plain file up to its limit", () =>
  withDir((dir) => {
    const bytes = crypto.getRandomValues(new Uint8Array(60_000));
    Deno.writeFileSync(`${dir}/file`, bytes);
    assertEquals(readPlainFile(`${dir}/file`, { maxBytes: 60_000 }), bytes);
    assertEquals(notPlain(`${dir}/file`), undefined);
    assertEquals(notPlain(`${dir}/absent`), undefined);
    assertThrows(
      () => readPlainFile(`${dir}/file`, { maxBytes: 59_999 }),
      NotPlainFileError,
      "at most 59999",
    );
    assertThrows(() => readPlainFile(`${dir}/absent`, { maxBytes: 9 }), Deno.errors.NotFound);
  }));

Deno.test("readPlainFile() reads the beginning of a larger file where that is asked for", () =>
  withDir((dir) => {
    const bytes = Uint8Array.from({ length: 200_000 }, (_, i) => i % 251);
    for (const size of [0, 1, 65_536, 65_537, 199_999, 200_000]) {
      Deno.writeFileSync(`${dir}/file`, bytes);
      assertEquals(readPlainFile(`${dir}/file`, { maxBytes: size, cut: true }), bytes.subarray(0, size));
    }
    assertEquals(readPlainFile(`${dir}/file`, { maxBytes: 200_001, cut: true }), bytes);
  }));
