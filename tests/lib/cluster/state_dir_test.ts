import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { Log } from "../../../lib/base/log.ts";
import { StateDir } from "../../../lib/cluster/state_dir.ts";
import { missingPrograms, testWhere } from "../../test_where.ts";

/** Seconds: short, so that a test of a limit does not wait for long. */
const LIMITS = { lock: 0.2, operation: 0.2 };

interface Site {
  readonly dir: string;
  readonly warnings: string[];
  /** Another hook's view of the directory. */
  open(): Promise<StateDir>;
}

async function withSite(test: (site: Site) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "slurm-ec2-state-" });
  const warnings: string[] = [];
  const warn = (message: string) => void warnings.push(message);
  const log: Log = { debug() {}, info() {}, warn, error: warn, close() {} };
  const open = async () => {
    const state = new StateDir(dir, log, LIMITS);
    await state.open(["hooks"]);
    return state;
  };
  try {
    await test({ dir, warnings, open });
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("StateDir reads what it wrote, with nothing left over, for its owner and group only", () =>
  withSite(async ({ dir, warnings, open }) => {
    const state = await open();
    assertEquals(await state.writeJson("a.json", { x: [1, "ä"] }, { sync: true }), true);
    assertEquals(await state.readJson("a.json"), { x: [1, "ä"] });
    assertEquals([...Deno.readDirSync(dir)].map(({ name }) => name).sort(), ["a.json", "hooks"]);
    assertEquals(Deno.statSync(`${dir}/a.json`).mode! & 0o777, 0o640);
    await state.remove("a.json");
    assertEquals(await state.readJson("a.json"), undefined);
    assertEquals(warnings, []);
  }));

Deno.test("StateDir lists JSON files only, sorted", () =>
  withSite(async ({ dir, open }) => {
    const state = await open();
    for (const name of ["b.json", "a.json", "c.json.123.tmp"]) {
      Deno.writeTextFileSync(`${dir}/hooks/${name}`, "1");
    }
    Deno.mkdirSync(`${dir}/hooks/d.json`);
    assertEquals(await state.list("hooks"), ["a.json", "b.json"]);
    assertEquals(await state.list("nowhere"), []);
  }));

Deno.test("StateDir.locked() lets one in at a time, and out again after a failure", () =>
  withSite(async ({ open }) => {
    const [one, two] = [await open(), await open()];
    const order: string[] = [];
    const inside = Promise.withResolvers<void>();
    const first = one.locked(async () => {
      order.push("one in");
      inside.resolve();
      await new Promise((resolve) => setTimeout(resolve, 60));
      order.push("one out");
      throw new Error("one fails");
    }).catch(() => {});
    await inside.promise;
    await two.locked(() => Promise.resolve(void order.push("two")));
    await first;
    assertEquals(order, ["one in", "one out", "two"]);
  }));

Deno.test("StateDir.locked() goes on without the lock when it can't be had in time, and says so", () =>
  withSite(async ({ dir, warnings, open }) => {
    const [one, two] = [await open(), await open()];
    const [inside, done] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const first = one.locked(() => {
      inside.resolve();
      return done.promise;
    });
    await inside.promise;
    assertEquals(await two.locked(() => Promise.resolve("went on")), "went on");
    assertEquals(warnings, [`State directory ${dir} stayed locked for 0.2 s, going on without the lock`]);
    assert(two.usable);
    done.resolve();
    await first;
  }));

Deno.test("StateDir.isHeld() knows the living from the dead", () =>
  withSite(async ({ open }) => {
    const [one, two] = [await open(), await open()];
    const file = (await one.holdFile("hooks/1.json", ["c0"]))!;
    assertEquals(await two.isHeld("hooks/1.json"), true);
    assertEquals(await two.readJson("hooks/1.json"), ["c0"]);
    file.close();
    assertEquals(await two.isHeld("hooks/1.json"), false);
    assertEquals(await two.isHeld("hooks/never.json"), false);
  }));

Deno.test("StateDir knows the hook of a killed process for dead", () =>
  withSite(async ({ dir, open }) => {
    const state = await open();
    const program = `const file = await Deno.open(${
      JSON.stringify(`${dir}/hooks/1.json`)
    }, { create: true, write: true });
      await file.lock(true); console.log("held"); await Deno.stdin.read(new Uint8Array(1));`;
    const child = new Deno.Command(Deno.execPath(), {
      args: ["eval", program],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    const reader = child.stdout.getReader();
    await reader.read();
    assertEquals(await state.isHeld("hooks/1.json"), true);
    child.kill("SIGKILL");
    await Promise.all([child.status, reader.cancel(), child.stdin.close().catch(() => {})]);
    assertEquals(await state.isHeld("hooks/1.json"), false);
  }));

Deno.test("StateDir warns of a corrupt file by its path and starts it anew", () =>
  withSite(async ({ dir, warnings, open }) => {
    const state = await open();
    Deno.writeTextFileSync(`${dir}/hints.json`, "{");
    assertEquals(await state.readJson("hints.json"), undefined);
    assertEquals(warnings, [`State file ${dir}/hints.json is corrupt, starting it anew`]);
  }));

Deno.test("StateDir that can't be made warns once, and then costs nothing", () =>
  withSite(async ({ dir, warnings }) => {
    Deno.writeTextFileSync(`${dir}/file`, "");
    const warn = (message: string) => void warnings.push(message);
    const state = new StateDir(`${dir}/file/state`, { debug() {}, info() {}, warn, error: warn, close() {} });
    assertEquals(await state.open(["hooks"]), false);
    assertMatch(warnings.join(), /^Can't make .*\/file\/state\/.*, going on without it: /);
    assertEquals(await state.writeJson("a.json", 1), false);
    assertEquals(await state.readJson("a.json"), undefined);
    assertEquals(await state.list("hooks"), []);
    assertEquals(await state.holdFile("hooks/1.json", []), undefined);
    assertEquals(await state.locked(() => Promise.resolve(7)), 7);
    assertEquals([warnings.length, state.usable], [1, false]);
  }));

const noFifo = missingPrograms("mkfifo");

/** Makes a FIFO: opening it waits for the other end, as any file of a file system that hangs does. */
function makeFifo(path: string): void {
  assert(new Deno.Command("mkfifo", { args: [path] }).outputSync().success);
}

/** Opens both ends, so that whoever waits for one goes on. */
async function releaseFifo(path: string): Promise<void> {
  const file = await Deno.open(path, { read: true, write: true });
  await new Promise((resolve) => setTimeout(resolve, 50));
  file.close();
}

testWhere(
  noFifo,
  "StateDir gives a file up that hangs, and does not touch the directory again",
  () =>
    withSite(async ({ dir, warnings, open }) => {
      const state = await open();
      await state.writeJson("other.json", 1);
      makeFifo(`${dir}/hints.json`);
      assertEquals(await state.readJson("hints.json"), undefined);
      assertEquals(warnings, [`State directory ${dir} hangs on "read hints.json", going on without it`]);
      assertEquals(state.usable, false);
      assertEquals(await state.readJson("other.json"), undefined);
      assertEquals(await state.writeJson("other.json", 2), false);
      assertEquals(Deno.readTextFileSync(`${dir}/other.json`), "1");
      await releaseFifo(`${dir}/hints.json`);
    }),
);

testWhere(
  noFifo,
  "StateDir.locked() goes on when the lock file itself hangs",
  () =>
    withSite(async ({ dir, warnings, open }) => {
      const state = await open();
      makeFifo(`${dir}/lock`);
      assertEquals(await state.locked(() => Promise.resolve("went on")), "went on");
      assertStringIncludes(warnings.join(), 'hangs on "lock lock"');
      await releaseFifo(`${dir}/lock`);
    }),
);
