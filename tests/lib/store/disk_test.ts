import { assert, assertEquals, assertMatch } from "@std/assert";
import { cannotMount, fill, remount, withSmallDisk } from "../../fixtures/small_disk.ts";
import { takesRoot, testWhere } from "../../test_where.ts";
import { fullState, nodeRecord, withNode } from "./records.ts";
import { type StoreSite, withSite } from "./site.ts";

const SIZE = 1024 * 1024;

function onSmallDisk(name: string, test: (site: StoreSite) => void): void {
  testWhere(
    takesRoot(cannotMount),
    name,
    () =>
      withSmallDisk(SIZE, (disk) => {
        const dir = `${disk}/state`;
        return withSite((site) => test({ ...site, dir: disk }), dir);
      }),
  );
}

/** More than what is left of a page of the log. */
function larger() {
  const nodes = Array.from({ length: 500 }, (_, index) => nodeRecord(`big-${index}`));
  return { ...fullState(), nodes: new Map(nodes.map((node) => [node.name, node])) };
}

onSmallDisk(
  "GuardedStore goes on in memory when the disk fills up, and keeps the state again when there is room",
  ({ dir, open, said, time }) => {
    const { store } = open();
    store.commit(fullState(), []);
    const ballast = fill(dir);
    const next = larger();
    store.commit(next, [{ kind: "trouble", message: "x" }]);
    assertEquals([store.kept, store.load()], [false, next]);
    assertEquals(said.length, 1, said.join("\n"));
    assertMatch(said[0]!, /^Can't write \S+state\.db \(.*full\): going on without it/);
    time.elapsed += 61_000;
    store.commit(withNode(next, "c-9"), []);
    assertEquals([store.kept, said.length], [false, 1], "still full, and not said again");
    Deno.removeSync(ballast);
    time.elapsed += 61_000;
    store.commit(withNode(next, "c-9"), []);
    assertEquals([store.kept, said.length], [true, 2]);
    store.close();
    assertEquals(open().store.load(), withNode(next, "c-9"));
  },
);

onSmallDisk(
  "openStore() never believes a file that a worker on a full disk could not write",
  ({ dir, open }) => {
    const one = open().store;
    one.commit(fullState(), []);
    const ballast = fill(dir);
    one.commit(larger(), []);
    one.close();
    Deno.removeSync(ballast);
    assertEquals(open().store.load().listedAt, undefined);
  },
);

onSmallDisk(
  "openStore() starts in memory and has EC2 listed when the disk was full before it began",
  ({ dir, open, said, time }) => {
    const one = open().store;
    one.commit(fullState(), []);
    one.close();
    const ballast = fill(dir);
    const { store } = open();
    // SQLite can't make the file of its log, without which it reads nothing.
    assertEquals(said.length, 1, said.join("\n"));
    assertMatch(said[0]!, /going on without it; make room there/);
    assertEquals([store.load().listedAt, store.kept], [undefined, false]);
    Deno.removeSync(ballast);
    time.elapsed += 61_000;
    store.commit(store.load(), []);
    assertEquals(store.kept, true);
  },
);

onSmallDisk(
  "openStore() starts in memory on a full disk without a state, and leaves nothing half made",
  ({ dir, open, said }) => {
    Deno.mkdirSync(`${dir}/state`);
    const ballast = fill(dir);
    const { store } = open();
    assertEquals([store.kept, said.length], [false, 1], said.join("\n"));
    store.commit(fullState(), []);
    assertEquals([...Deno.readDirSync(`${dir}/state`)].map(({ name }) => name), []);
    Deno.removeSync(ballast);
    assertEquals(open().store.kept, true);
  },
);

onSmallDisk("openStore() starts in memory on a read-only disk", ({ dir, open, said, time }) => {
  const one = open().store;
  one.commit(fullState(), []);
  one.close();
  remount(dir, "ro");
  const { store } = open();
  assertEquals(said.length, 1, said.join("\n"));
  assertMatch(said[0]!, /going on without it; make room there, or make it writable$/);
  assertEquals([store.load().listedAt, store.kept], [undefined, false]);
  const next = withNode(store.load(), "c-9");
  store.commit(next, []);
  remount(dir, "rw");
  time.elapsed += 61_000;
  store.commit(next, []);
  assert(store.kept);
  store.close();
  assertEquals(open().store.load(), next);
});

onSmallDisk(
  "GuardedStore goes on in memory when the disk becomes read-only while it is open",
  ({ dir, open, said, time }) => {
    const { store } = open();
    store.commit(fullState(), []);
    // A file that is open for writing keeps a file system from becoming read-only: closed, as after an I/O error.
    store.close();
    remount(dir, "ro");
    store.commit(larger(), []);
    assertEquals([store.kept, said.length], [false, 1], said.join("\n"));
    remount(dir, "rw");
    time.elapsed += 61_000;
    store.commit(larger(), []);
    assertEquals(store.kept, true);
  },
);
