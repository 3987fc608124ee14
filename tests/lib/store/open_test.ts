import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { StateRefusedError } from "../../../lib/store/open.ts";
import { EMPTY_STATE, fullState, withNode } from "./records.ts";
import { type StoreSite, withSite } from "./site.ts";

/** A stateDir in which a worker has left a state. */
function withState(test: (site: StoreSite & { readonly path: string }) => void): Promise<void> {
  return withSite((site) => {
    const { store } = site.open();
    store.commit(fullState(), [{ kind: "trouble", message: "before" }]);
    store.close();
    test({ ...site, path: `${site.dir}/state.db` });
  });
}

const ROW = "UPDATE nodes SET record = ";

/** Bytes of the header of a leaf page, which two bytes for each of its rows follow (https://www.sqlite.org/fileformat2.html#b_tree_pages). */
const LEAF_HEADER = 8;

/** Exchanges the first two nodes' places in their page: every row can still be read. */
function swapRows(path: string): void {
  const db = new DatabaseSync(path);
  const get = (query: string) => Number(Object.values(db.prepare(query).get()!)[0]);
  const page = get("SELECT rootpage FROM sqlite_schema WHERE name = 'nodes'");
  const start = (page - 1) * get("PRAGMA page_size") + LEAF_HEADER;
  db.close();
  const bytes = Deno.readFileSync(path);
  const [first, second] = [bytes.slice(start, start + 2), bytes.slice(start + 2, start + 4)];
  bytes.set([...second, ...first], start);
  Deno.writeFileSync(path, bytes);
}

/** What happens to the file, and what the sentence then says. */
const DAMAGE: Readonly<Record<string, readonly [damage: (path: string) => void, says: RegExp]>> = {
  "text": [(path) => Deno.writeTextFileSync(path, "hello, I am a text\n".repeat(99)), /not a database/],
  "zeros": [(path) => Deno.writeFileSync(path, new Uint8Array(8192)), /can't be used/],
  "half of it": [
    (path) => Deno.truncateSync(path, Math.floor(Deno.statSync(path).size / 2 / 4096) * 4096),
    /can't be used/,
  ],
  "an odd part of it": [(path) => Deno.truncateSync(path, 5000), /can't be used/],
  "random bytes in every page": [(path) => scramble(path), /can't be used/],
  "an empty file": [
    (path) => Deno.writeFileSync(path, new Uint8Array()),
    /it is empty, or another program's/,
  ],
  "rows of a page the other way round": [(path) => swapRows(path), /can't be used.*out of order/],
  "a directory in its place": [(path) => {
    Deno.removeSync(path);
    Deno.mkdirSync(path);
  }, /it is a directory/],
  "a directory as its log": [(path) => Deno.mkdirSync(`${path}-wal`), /state\.db-wal: it is a directory/],
  "another program's database": [(path) => {
    Deno.removeSync(path);
    sql(path, "CREATE TABLE nodes (a); PRAGMA user_version = 1");
  }, /it is empty, or another program's/],
  "a table less": [(path) => sql(path, "DROP TABLE launches"), /no such table/],
  "another table in the place of ours": [
    (path) => sql(path, "DROP TABLE meta; CREATE TABLE meta (a)"),
    /no such column/,
  ],
  "no name of a cluster": [
    (path) => sql(path, "DELETE FROM meta WHERE key = 'cluster'"),
    /does not say which cluster/,
  ],
  "version 0": [(path) => sql(path, "PRAGMA user_version = 0"), /its version is 0/],
  "a link to another file": [(path) => {
    Deno.renameSync(path, `${path}.other`);
    Deno.symlinkSync(`${path}.other`, path);
  }, /it is a link/],
  "a link to nothing": [(path) => {
    Deno.removeSync(path);
    Deno.symlinkSync(`${path}.nothing`, path);
  }, /it is a link/],
  "a second name of another file": [(path) => Deno.linkSync(path, `${path}.other`), /a second name/],
  "a link as its log": [
    (path) => Deno.symlinkSync(`${path}.log`, `${path}-wal`),
    /state\.db-wal: it is a link/,
  ],
  "a link as its index": [
    (path) => Deno.symlinkSync(`${path}.log`, `${path}-shm`),
    /state\.db-shm: it is a link/,
  ],
  "a link as its journal": [
    (path) => Deno.symlinkSync(`${path}.log`, `${path}-journal`),
    /-journal: it is a link/,
  ],
};

for (const [what, [damage, says]] of Object.entries(DAMAGE)) {
  Deno.test(`openStore() begins a new state, says so once and touches nothing else when it finds ${what}`, () =>
    withState(({ dir, path, open, said }) => {
      damage(path);
      Deno.writeTextFileSync(`${dir}/bystander`, "as it was");
      const { store } = open();
      assertEquals(said.length, 1, said.join("\n"));
      assertMatch(said[0]!, says);
      assertMatch(said[0]!, /a new one begins with complete listings/);
      assertEquals([store.load(), store.kept], [EMPTY_STATE, true]);
      assert(Deno.lstatSync(path).isFile);
      store.commit(fullState(), []);
      store.close();
      assertEquals(open().store.load(), fullState());
      assertEquals(said.length, 1);
      assertEquals(Deno.readTextFileSync(`${dir}/bystander`), "as it was");
      for (const name of ["state.db.log", "state.db.nothing"]) {
        assertThrows(() => Deno.lstatSync(`${dir}/${name}`), Deno.errors.NotFound);
      }
    }));
}

Deno.test("openStore() keeps what was committed when the log is all that holds it", () =>
  withState(({ path, open, said }) => {
    const other = new DatabaseSync(path);
    other.prepare("UPDATE meta SET value = '1600' WHERE key = 'listedAt'").run();
    Deno.copyFileSync(`${path}-wal`, `${path}.wal-copy`);
    other.close();
    const { store } = open();
    assertEquals([store.load().listedAt, said.length], [1600, 0]);
  }));

Deno.test("openStore() goes on with a log of random bytes: SQLite takes none of it", () =>
  withState(({ path, open }) => {
    Deno.writeFileSync(`${path}-wal`, crypto.getRandomValues(new Uint8Array(10_000)));
    assertEquals(open().store.load(), fullState());
  }));

const BAD_ROWS: Readonly<Record<string, readonly [statement: string, says: RegExp]>> = {
  "no JSON": [`${ROW} '{"name":' WHERE key = 'c-0'`, /\(nodes c-0\)/],
  "another key's record": [
    `${ROW} (SELECT record FROM nodes WHERE key = 'c-1') WHERE key = 'c-0'`,
    /nodes c-0/,
  ],
  "a list": [`${ROW} '[]' WHERE key = 'c-0'`, /nodes c-0/],
  "a field of another type": [
    `${ROW} json_set(record, '$.generation', 'x') WHERE key = 'c-0'`,
    /nodes c-0/,
  ],
  "a field less": [`UPDATE instances SET record = json_remove(record, '$.end')`, /instances i-0a/],
  "a blob": [`UPDATE launches SET record = x'00ff'`, /launches t-1/],
  "a value of another type": [`UPDATE meta SET value = '"x"' WHERE key = 'lastGeneration'`, /holds what/],
};

for (const [what, [statement, says]] of Object.entries(BAD_ROWS)) {
  Deno.test(`openStore() leaves out a record that is ${what}, keeps the others, and has EC2 listed`, () =>
    withState(({ path, open, said }) => {
      sql(path, statement);
      const { store } = open();
      assertEquals(said.length, 1);
      assertMatch(said[0]!, says);
      const state = store.load();
      assertEquals(state.listedAt, undefined);
      assertEquals(state.lastGeneration, 2, "generations that were given out are not given again");
      assertEquals(state.nodes.get("c-1"), fullState().nodes.get("c-1"));
      store.close();
      assertEquals([open().store.load(), said.length], [state, 1], "the next worker lists as well, quietly");
    }));
}

Deno.test("openStore() changes nothing in the file of a newer release", () =>
  withState(({ dir, path, open }) => {
    sql(path, "PRAGMA user_version = 2; DROP TABLE launches");
    const before = [...Deno.readDirSync(dir)].map(({ name }) => name).sort();
    const bytes = Deno.readFileSync(path);
    assertThrows(() => open(), StateRefusedError, "newer release (version 2)");
    assertEquals([...Deno.readDirSync(dir)].map(({ name }) => name).sort(), before);
    assertEquals(Deno.readFileSync(path), bytes);
  }));

Deno.test("openStore() changes nothing in the file of another cluster", () =>
  withState(({ path, open }) => {
    const bytes = Deno.readFileSync(path);
    assertThrows(() => open("other"), StateRefusedError, 'belongs to cluster "chip", not "other"');
    assertEquals(Deno.readFileSync(path), bytes);
  }));

Deno.test("openStore() makes files that only owner and group read, whatever the umask is", async () => {
  for (const mask of [0o000, 0o022, 0o077]) {
    const old = Deno.umask(mask);
    try {
      await withSite(({ dir, open }) => {
        open().store.commit(fullState(), []);
        for (const name of ["state.db", "state.db-wal", "state.db-shm"]) {
          assertEquals(Deno.statSync(`${dir}/${name}`).mode! & 0o777 & ~0o640, 0, name);
        }
      });
    } finally {
      Deno.umask(old);
    }
  }
});

Deno.test("openStore() keeps the last three files that were set aside", () =>
  withState(({ dir, path, open, time }) => {
    for (let i = 0; i < 6; i++) {
      Deno.writeTextFileSync(path, `text ${i}`);
      Deno.writeTextFileSync(`${path}-wal`, `log ${i}`);
      open().store.close();
      time.wall += 1000;
    }
    const aside = [...Deno.readDirSync(dir)].map(({ name }) => name).filter((name) =>
      name.includes("set-aside")
    );
    assertEquals(aside.filter((name) => !name.endsWith("-wal")).length, 3);
    assertEquals(
      aside.map((name) => Deno.readTextFileSync(`${dir}/${name}`)).filter((text) => text === "text 5").length,
      1,
    );
  }));

Deno.test("GuardedStore writes its file again when it was removed or replaced while it was open", () =>
  withState(({ dir, path, open, said, time }) => {
    for (
      const replace of [() => {}, () => Deno.writeTextFileSync(path, "another"), () => Deno.mkdirSync(path)]
    ) {
      said.length = 0;
      time.wall += 1000;
      const { store } = open();
      for (const suffix of ["", "-wal", "-shm"]) Deno.removeSync(path + suffix);
      replace();
      const next = withNode(fullState(), "c-9");
      store.commit(next, [{ kind: "trouble", message: "after" }]);
      assertEquals([store.isInPlace(), store.kept], [true, true]);
      assertMatch(said.join("\n"), /^\S+state\.db was removed or replaced while it was in use[^\n]*$/);
      store.close();
      const again = open().store;
      assertEquals(again.load(), next);
      again.commit(fullState(), []);
      again.close();
    }
    assert(Deno.statSync(dir).isDirectory);
  }));

Deno.test("GuardedStore goes on in memory when its directory is gone, and writes again when it is back", () =>
  withSite(async ({ dir, open, said, time }) => {
    const own = `${dir}/state`;
    await withSite(({ open: openOwn, said: saidOwn, time: timeOwn }) => {
      const { store } = openOwn();
      store.commit(fullState(), []);
      Deno.removeSync(own, { recursive: true });
      const next = withNode(fullState(), "c-9");
      store.commit(next, []);
      assertEquals([store.kept, store.load()], [false, next]);
      assertMatch(saidOwn.join("\n"), /can't be written again .*going on without it$/);
      assertEquals(store.isInPlace(), true, "there is nothing that another worker could use");
      Deno.mkdirSync(own);
      store.commit(next, []);
      assertEquals(store.kept, false, "not at once again");
      timeOwn.elapsed += 61_000;
      store.commit(next, [{ kind: "trouble", message: "x" }]);
      assertEquals([store.kept, saidOwn.length], [true, 2]);
      store.close();
      assertEquals(openOwn().store.load(), next);
    }, own);
    Deno.mkdirSync(own);
    assertEquals([open().store.kept, said, time.elapsed], [true, [], 0]);
  }));

Deno.test("GuardedStore is not in place when its directory was replaced: another worker may be in the new one", () =>
  withSite(({ dir, open }) => {
    const { store } = open();
    store.commit(fullState(), []);
    Deno.renameSync(dir, `${dir}.old`);
    assertEquals(store.isInPlace(), true);
    Deno.mkdirSync(dir);
    assertEquals(store.isInPlace(), false);
    Deno.removeSync(`${dir}.old`, { recursive: true });
  }));

function scramble(path: string): void {
  const bytes = Deno.readFileSync(path);
  for (let at = 1024; at < bytes.length; at += 512) {
    crypto.getRandomValues(bytes.subarray(at, at + 256));
  }
  Deno.writeFileSync(path, bytes);
}

function sql(path: string, statements: string): void {
  const db = new DatabaseSync(path);
  db.exec(statements);
  db.close();
}
