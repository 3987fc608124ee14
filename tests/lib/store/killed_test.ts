import { assert, assertEquals } from "@std/assert";
import { withSite } from "./site.ts";

/** Commits one generation after the other, each with an event and a node of its number, and says each once it is durable. */
const COMMITTER = `
import { openStore } from ${JSON.stringify(new URL("../../../lib/store/open.ts", import.meta.url).href)};
import { nodeRecord } from ${JSON.stringify(new URL("./records.ts", import.meta.url).href)};
const machine = { uptime: 1000, bootId: "boot-1", wall: 0 };
const say = (sentence) => console.log("said " + sentence);
const { store } = openStore({
  dir: Deno.args[0], cluster: "chip", run: "run-1", machine, elapsed: () => 0, wall: () => 0, say,
});
for (let state = store.load();;) {
  const generation = state.lastGeneration + 1;
  const name = "c-" + generation % 50;
  const nodes = new Map(state.nodes).set(name, nodeRecord(name, { generation }));
  state = { ...state, nodes, lastGeneration: generation };
  store.commit(state, [{ kind: "verdict", verdict: String(generation), nodes: name }]);
  console.log(generation);
}
`;

/** Lets the committer go on from where the last one was, and kills it; the last generation that it said. */
async function killedCommitter(dir: string, script: string, after: number): Promise<number> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "--quiet",
      "--frozen",
      "--config",
      new URL("../../../deno.json", import.meta.url).pathname,
      script,
      dir,
    ],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let text = "";
  let killed = false;
  for await (const part of child.stdout.pipeThrough(new TextDecoderStream())) {
    text += part;
    // A kill in the middle of whatever it is doing now.
    if (killed || text.split("\n").length <= after) continue;
    killed = true;
    child.kill("SIGKILL");
  }
  await child.status;
  const lines = text.split("\n").slice(0, -1);
  assertEquals(lines.filter((line) => line.startsWith("said ")), []);
  return Number(lines.at(-1));
}

Deno.test("SqliteStore loses nothing that was committed, and keeps no half, when its process is killed at any time", () =>
  withSite(async ({ dir, open, said }) => {
    const script = `${dir}/committer.ts`;
    Deno.writeTextFileSync(script, COMMITTER);
    for (let kill = 0; kill < 6; kill++) {
      const last = await killedCommitter(`${dir}/state`, script, 1 + kill * 17);
      await withSiteAt(`${dir}/state`, last);
    }
    assertEquals([said, open().store.kept], [[], true]);
  }));

/** What the next worker finds: all that was said, and whole. */
function withSiteAt(dir: string, last: number): Promise<void> {
  const kept = `${dir}.kept`;
  Deno.mkdirSync(kept);
  for (const { name } of Deno.readDirSync(dir)) Deno.copyFileSync(`${dir}/${name}`, `${kept}/${name}`);
  return withSite(({ open, said }) => {
    const { store } = open();
    const state = store.load();
    assertEquals(said, []);
    // It may have committed once more before it could say so.
    assert(
      [last, last + 1].includes(state.lastGeneration),
      `${last} was said, ${state.lastGeneration} is there`,
    );
    assertEquals(state.nodes.get(`c-${state.lastGeneration % 50}`)?.generation, state.lastGeneration);
    assertEquals(store.history.extent().count, state.lastGeneration);
  }, kept);
}
