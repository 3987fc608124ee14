import { assert, assertEquals, assertMatch } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { openStateReader } from "../../../lib/store/reader.ts";
import { fullState, withNode } from "./records.ts";
import { withSite } from "./site.ts";

Deno.test("openStateReader() reads while a worker writes, and after it has ended", () =>
  withSite(({ dir, open }) => {
    const { store } = open();
    store.commit(fullState(), [{ kind: "verdict", verdict: "assigned", nodes: "c-0" }]);
    const opened = openStateReader(dir, "chip");
    assert(opened.kind === "open");
    const { reader } = opened;
    assertEquals(reader.state(), fullState());
    store.commit(withNode(fullState(), "c-9"), []);
    assertEquals(reader.state(), withNode(fullState(), "c-9"));
    assertEquals(reader.history.read({ subject: { kind: "node", name: "c-0" }, limit: 9 }).length, 1);
    assertEquals(reader.anchor()!.bootId, "boot-1");
    reader.close();
    store.close();
    const again = openStateReader(dir, "chip");
    assert(again.kind === "open");
    assertEquals(again.reader.state().nodes.size, 3);
    again.reader.close();
  }));

Deno.test("openStateReader() reads inside a worker's transaction", () =>
  withSite(({ dir, open }) => {
    open().store.commit(fullState(), []);
    const writer = new DatabaseSync(`${dir}/state.db`);
    writer.exec("BEGIN IMMEDIATE; DELETE FROM nodes");
    const opened = openStateReader(dir, "chip");
    assert(opened.kind === "open");
    assertEquals(opened.reader.state(), fullState());
    opened.reader.close();
    writer.exec("ROLLBACK");
    writer.close();
  }));

Deno.test("openStateReader() says in one sentence why it can't read", () =>
  withSite(({ dir, open }) => {
    const why = (cluster: string) => {
      const opened = openStateReader(dir, cluster);
      assert(opened.kind !== "open");
      return opened.why;
    };
    assertMatch(why("chip"), /^There is no \S+state\.db: the controller has not run on this host yet$/);
    open().store.close();
    assertMatch(why("other"), /it is cluster "chip"'s/);
    const db = new DatabaseSync(`${dir}/state.db`);
    db.exec("PRAGMA user_version = 9");
    db.close();
    assertMatch(why("chip"), /a newer release wrote it \(version 9\)/);
    Deno.writeTextFileSync(`${dir}/state.db`, "text ".repeat(999));
    assertMatch(why("chip"), /^Can't read \S+state\.db as this user \(.*not a database\)/);
    const before = [...Deno.readDirSync(dir)].map(({ name }) => name);
    why("chip");
    assertEquals([...Deno.readDirSync(dir)].map(({ name }) => name), before, "nothing is changed");
  }));
