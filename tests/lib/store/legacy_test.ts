import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { waitForOldHooks } from "../../../lib/store/legacy.ts";
import { StateRefusedError } from "../../../lib/store/open.ts";
import { fullState } from "./records.ts";
import { withSite } from "./site.ts";

/** A living hook of an older release: it holds a lock on its claims. */
interface OldHook {
  end(): void;
}

/** What a release before the worker leaves in a directory. */
function oldRelease(dir: string, cluster = "chip"): void {
  for (const name of ["", "/intents", "/hooks"]) Deno.mkdirSync(dir + name, { recursive: true });
  const files = {
    "cluster.json": cluster,
    "hints.json": { complete: true, instanceIds: { "c-0": "i-0old" } },
    "cooldowns.json": { "c-1": 1 },
    "unended.json": { "c-2": { action: "terminate", since: 1 } },
    "boot_failures.json": { "c ami-0old": 3 },
    "parameters.json": [{ name: "/c/Ami", type: "String", value: "ami-0old", version: 7 }],
  };
  for (const [name, value] of Object.entries(files)) {
    Deno.writeTextFileSync(`${dir}/${name}`, JSON.stringify(value));
  }
}

function oldHook(dir: string, id: string): OldHook {
  const file = Deno.openSync(`${dir}/hooks/${id}.json`, { create: true, write: true });
  file.lockSync(true);
  return { end: () => file.close() };
}

async function withDir(test: (dir: string) => Promise<void>): Promise<void> {
  const dir = Deno.makeTempDirSync({ prefix: "slurm-ec2-legacy-" });
  try {
    await test(dir);
  } finally {
    Deno.removeSync(dir, { recursive: true });
  }
}

Deno.test("openStore() sets aside what an older release believes, keeps what is of use, and has EC2 listed", () =>
  withDir(async (dir) => {
    oldRelease(`${dir}/state`);
    await withSite(({ open, said }) => {
      const { store } = open();
      assertEquals(said.length, 1);
      assertMatch(
        said[0]!,
        /An older release has worked in \S+: what it remembered \(hints\.json, cooldowns\.json, unended\.json\)/,
      );
      assertEquals(store.load().bootFailures, { "c ami-0old": 3 });
      assertEquals(store.load().parameters.get("/c/Ami")!.value, "ami-0old");
      assertEquals(store.load().listedAt, undefined);
      store.commit(fullState(), []);
      store.close();
      assertEquals([open().store.load(), said.length], [fullState(), 1], "once");
    }, `${dir}/state`);
  }));

Deno.test("openStore() leaves nothing that an older release believes, whenever it has run", () =>
  withSite(({ dir, open, time, said }) => {
    // It lists the cluster where hints.json is absent.
    const believed = () =>
      [...Deno.readDirSync(dir)].map(({ name }) => name).filter((name) =>
        /hints|cooldowns|unended/.test(name)
      );
    oldRelease(dir);
    const one = open().store;
    one.commit(fullState(), []);
    one.close();
    assertEquals(believed(), []);
    // Back to the older release, and forward again.
    oldRelease(dir);
    time.wall += 5000;
    assertEquals(open().store.load().listedAt, undefined, "what happened meanwhile is not in the state");
    assertEquals([believed(), said.length], [[], 2]);
  }));

Deno.test("openStore() refuses the directory of another cluster's older release, and leaves it as it is", () =>
  withDir(async (dir) => {
    oldRelease(`${dir}/state`, "other");
    await withSite(({ open, dir: own }) => {
      assertThrows(() => open(), StateRefusedError, 'belongs to cluster "other", not "chip"');
      assert(readHints(own) !== undefined);
    }, `${dir}/state`);
  }));

Deno.test("openStore() tells an older release whose directory it is", () =>
  withSite(({ open, dir }) => {
    open();
    assertEquals(JSON.parse(Deno.readTextFileSync(`${dir}/cluster.json`)), "chip");
  }));

Deno.test("waitForOldHooks() waits for a hook that holds its claims, and for no dead one", () =>
  withDir(async (dir) => {
    oldRelease(dir);
    const living = oldHook(dir, "living");
    oldHook(dir, "dead").end();
    const said: string[] = [];
    let slept = 0;
    const sleep = () => {
      if (++slept === 3) living.end();
      return Promise.resolve();
    };
    await waitForOldHooks(dir, { sleep, say: (sentence) => void said.push(sentence) });
    assertEquals([slept, said.length], [3, 1]);
    assertMatch(said[0]!, /Waiting for 1 hooks/);
    await waitForOldHooks(dir, { sleep, say: (sentence) => void said.push(sentence) });
    assertEquals([slept, said.length], [3, 1]);
  }));

Deno.test("waitForOldHooks() does not wait for ever", () =>
  withDir(async (dir) => {
    oldRelease(dir);
    const living = oldHook(dir, "living");
    const said: string[] = [];
    await waitForOldHooks(dir, {
      sleep: () => Promise.resolve(),
      say: (sentence) => void said.push(sentence),
    });
    assertMatch(said.at(-1)!, /still hold \S+\.json: end them/);
    living.end();
  }));

function readHints(dir: string): unknown {
  try {
    return JSON.parse(Deno.readTextFileSync(`${dir}/hints.json`));
  } catch {
    return undefined;
  }
}
