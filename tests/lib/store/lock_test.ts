import { assert, assertEquals, assertRejects } from "@std/assert";
import { tryWorkerLock } from "../../../lib/store/lock.ts";
import { takesRoot, testWhere } from "../../test_where.ts";
import { cannotMount, remount, withSmallDisk } from "../../fixtures/small_disk.ts";

Deno.test("tryWorkerLock() lets one in, and the next when it has let go", async () => {
  const dir = Deno.makeTempDirSync({ prefix: "slurm-ec2-lock-" });
  try {
    {
      using held = await tryWorkerLock(dir);
      assert(held !== undefined);
      assertEquals(await tryWorkerLock(dir), undefined);
    }
    using again = await tryWorkerLock(dir);
    assert(again !== undefined);
    assertEquals(Deno.statSync(`${dir}/worker.lock`).mode! & 0o777 & ~0o640, 0);
  } finally {
    Deno.removeSync(dir, { recursive: true });
  }
});

Deno.test("tryWorkerLock() refuses a link", async () => {
  const dir = Deno.makeTempDirSync({ prefix: "slurm-ec2-lock-" });
  try {
    Deno.symlinkSync("other", `${dir}/worker.lock`);
    await assertRejects(() => tryWorkerLock(dir), Error, "it is a link");
    assertEquals([...Deno.readDirSync(dir)].length, 1);
  } finally {
    Deno.removeSync(dir, { recursive: true });
  }
});

testWhere(
  takesRoot(cannotMount),
  "tryWorkerLock() lets one in on a read-only disk",
  () =>
    withSmallDisk(64 * 1024, async (disk) => {
      for (const before of [() => {}, () => Deno.writeTextFileSync(`${disk}/worker.lock`, "")]) {
        remount(disk, "rw");
        before();
        remount(disk, "ro");
        using held = await tryWorkerLock(disk);
        assert(held !== undefined);
        assertEquals(await tryWorkerLock(disk), undefined);
      }
    }),
);

Deno.test("tryWorkerLock() keeps nobody out where there is no directory", async () => {
  using held = await tryWorkerLock("/nonexistent/state");
  assert(held !== undefined);
});
