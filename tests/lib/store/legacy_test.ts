import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { HookState } from "../../../lib/cluster/hook_state.ts";
import { waitForOldHooks } from "../../../lib/store/legacy.ts";
import { StateRefusedError } from "../../../lib/store/open.ts";
import { fullState } from "./records.ts";
import { withSite } from "./site.ts";

const LOG = { debug() {}, info() {}, warn() {}, error() {}, close() {} };

/** What a release before the worker leaves in a directory. */
async function oldRelease(dir: string, cluster = "chip"): Promise<HookState> {
  const state = new HookState(dir, cluster, LOG);
  await state.open();
  await state.updateHints(() => ({ complete: true, instanceIds: { "c-0": "i-0old" } }));
  await state.updateCooldowns(() => ({ "c-1": 1 }));
  await state.updateUnended(() => ({ "c-2": { action: "terminate", since: 1 } }));
  await state.updateBootFailures(() => ({ "c ami-0old": 3 }));
  await state.saveParameters(
    new Map([["/c/Ami", { name: "/c/Ami", type: "String", value: "ami-0old", version: 7 }]]),
  );
  return state;
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
    await oldRelease(`${dir}/state`);
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

Deno.test("an older release lists the cluster after a worker has taken over, and a worker after it", () =>
  withSite(async ({ dir, open, time, said }) => {
    const hints = async () => {
      const state = new HookState(dir, "chip", LOG);
      await state.open();
      return await state.hints();
    };
    await oldRelease(dir);
    assertEquals((await hints()).complete, true);
    const one = open().store;
    one.commit(fullState(), []);
    one.close();
    assertEquals(await hints(), { complete: false, instanceIds: {} });
    // Back to the older release, and forward again.
    await oldRelease(dir);
    time.wall += 5000;
    assertEquals(open().store.load().listedAt, undefined, "what happened meanwhile is not in the state");
    assertEquals(said.length, 2);
  }));

Deno.test("openStore() refuses the directory of another cluster's older release, and leaves it as it is", () =>
  withDir(async (dir) => {
    await oldRelease(`${dir}/state`, "other");
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
    const [living, dead] = [await oldRelease(dir), await oldRelease(dir)];
    await living.claim(["c-0"]);
    await dead.claim(["c-1"]);
    dead[Symbol.dispose]();
    const said: string[] = [];
    let slept = 0;
    const sleep = async () => {
      if (++slept === 3) await living.close();
    };
    await waitForOldHooks(dir, { sleep, say: (sentence) => void said.push(sentence) });
    assertEquals([slept, said.length], [3, 1]);
    assertMatch(said[0]!, /Waiting for 1 hooks/);
    await waitForOldHooks(dir, { sleep, say: (sentence) => void said.push(sentence) });
    assertEquals([slept, said.length], [3, 1]);
  }));

Deno.test("waitForOldHooks() does not wait for ever", () =>
  withDir(async (dir) => {
    const living = await oldRelease(dir);
    await living.claim(["c-0"]);
    const said: string[] = [];
    await waitForOldHooks(dir, {
      sleep: () => Promise.resolve(),
      say: (sentence) => void said.push(sentence),
    });
    assertMatch(said.at(-1)!, /still hold \S+\.json: end them/);
    await living.close();
  }));

function readHints(dir: string): unknown {
  try {
    return JSON.parse(Deno.readTextFileSync(`${dir}/hints.json`));
  } catch {
    return undefined;
  }
}
