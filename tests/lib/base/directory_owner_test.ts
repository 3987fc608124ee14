import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { makeStateDirectory, makeStateDirectorySync } from "../../../lib/base/directory_owner.ts";

Deno.test("makeStateDirectory() makes what is missing, with its own mode, whatever the umask", async () => {
  const dir = Deno.makeTempDirSync({ prefix: "slurm-ec2-owner-" });
  const old = Deno.umask(0o077);
  try {
    await makeStateDirectory(`${dir}/a/b`);
    makeStateDirectorySync(`${dir}/c/d`);
    for (const path of ["a", "a/b", "c", "c/d"]) {
      assertEquals(Deno.statSync(`${dir}/${path}`).mode! & 0o777, 0o750, path);
    }
    Deno.chmodSync(`${dir}/a`, 0o700);
    await makeStateDirectory(`${dir}/a`);
    makeStateDirectorySync(`${dir}/a`);
    assertEquals(Deno.statSync(`${dir}/a`).mode! & 0o777, 0o700, "what is there stays as it is");
    Deno.writeTextFileSync(`${dir}/file`, "");
    await assertRejects(() => makeStateDirectory(`${dir}/file/x`));
    assertThrows(() => makeStateDirectorySync(`${dir}/file/x`));
  } finally {
    Deno.umask(old);
    Deno.removeSync(dir, { recursive: true });
  }
});
