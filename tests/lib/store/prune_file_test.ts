import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { EventBody } from "../../../lib/events/event.ts";
import { retention } from "../../../lib/store/history.ts";
import { pruneFile } from "../../../lib/store/prune_file.ts";
import { openStateReader } from "../../../lib/store/reader.ts";
import { withHistory } from "../../fixtures/history_file.ts";

const DAY = 86_400_000;
const event = (i: number): EventBody => ({
  kind: "verdict",
  verdict: "down",
  nodes: `c${i}`,
  reason: "x".repeat(500),
});

/** Events, the oldest time and the lifetimes that a reader sees. */
function seen(dir: string) {
  const opened = openStateReader(dir, "test");
  if (opened.kind !== "open") throw new Error(opened.why);
  const { history, close } = opened.reader;
  const result = {
    ...history.extent(),
    lifetimes: [...history.lifetimes(0, Number.MAX_SAFE_INTEGER)].length,
  };
  close();
  return result;
}

Deno.test("pruneFile() keeps what is young enough, and drops nothing of another cluster", () =>
  withHistory("test", [event(1), event(2)], (dir) => {
    assertEquals(pruneFile(dir, "test", retention(Date.now(), { days: 1, megabytes: 512 })).kind, "pruned");
    assertEquals(seen(dir).count, 2);
    const foreign = pruneFile(dir, "other", retention(Date.now() + 9 * DAY, { days: 1, megabytes: 512 }));
    assertEquals([foreign.kind, seen(dir).count], ["failed", 2]);
    const later = pruneFile(dir, "test", retention(Date.now() + 2 * DAY, { days: 1, megabytes: 512 }));
    assertEquals(later, { kind: "pruned", events: 2, left: 0 });
    return Promise.resolve();
  }));

Deno.test("pruneFile() drops the oldest of a file that is too large, and their hours", () => {
  const lifetime = {
    kind: "lifetime",
    ...{ nodeGroup: "c", instanceType: "t", availabilityZone: "z", capacityType: "spot" },
    ...{ imageId: "ami", began: 1000, ended: 2000, instanceId: "i-1" },
  } as const;
  const events = [lifetime, ...Array.from({ length: 40_000 }, (_, i) => event(i))];
  return withHistory("test", events, (dir) => {
    const { count } = seen(dir);
    const pruned = pruneFile(dir, "test", { before: 0, count: 1_000_000, bytes: 16 * 1024 * 1024 });
    assert(pruned.kind === "pruned" && pruned.events > 1000 && pruned.left > 10_000, JSON.stringify(pruned));
    assertEquals([seen(dir).count, seen(dir).lifetimes], [count - pruned.events, 0]);
    // What is left fits, so another run drops nothing.
    const again = pruneFile(dir, "test", { before: 0, count: 1_000_000, bytes: 16 * 1024 * 1024 });
    assertEquals(again.kind === "pruned" && again.events, 0);
    return Promise.resolve();
  });
});

Deno.test("pruneFile() says that there is no history, or that the file is damaged", async () => {
  const dir = await Deno.makeTempDir();
  try {
    const absent = pruneFile(dir, "test", retention(0, { days: 1, megabytes: 16 }));
    assertEquals(absent, { kind: "failed", why: `There is no ${dir}/state.db` });
    await Deno.writeTextFile(`${dir}/state.db`, "half a file");
    const damaged = pruneFile(dir, "test", retention(0, { days: 1, megabytes: 16 }));
    assertStringIncludes(damaged.kind === "failed" ? damaged.why : "", "state.db: ");
    assertEquals(await Deno.readTextFile(`${dir}/state.db`), "half a file");
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
