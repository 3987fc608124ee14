import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { EventBody } from "../../../lib/events/event.ts";
import { eventLine, eventWriter } from "../../../lib/events/write.ts";
import { makeRig } from "../../fixtures/rig.ts";
import { missingPrograms, takesRoot, testWhere } from "../../test_where.ts";

const OPTIONS = { run: "r-1", cluster: "test", now: () => Date.UTC(2026, 0, 1) };
const TROUBLE: EventBody = { kind: "trouble", message: "x" };

async function withDirectory(test: (dir: string) => void | Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "slurm-ec2-events-" });
  try {
    await test(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

/** A writer, and what it warned of. */
function writerOf(path: string, limits: { rotateAt?: number; closeSeconds?: number } = {}) {
  const warnings: string[] = [];
  const log = eventWriter({
    ...OPTIONS,
    path,
    warn: (message) => void warnings.push(message),
    ...limits,
  });
  return { ...log, warnings };
}

Deno.test("eventLine() has when, who and what on one line", { permissions: "none" }, () => {
  const body: EventBody = { kind: "verdict", verdict: "down", nodes: "c[0-1]", reason: "line one\nline two" };
  const line = eventLine(body, OPTIONS);
  assertEquals(line.indexOf("\n"), line.length - 1);
  assertEquals(JSON.parse(line), {
    v: 1,
    time: "2026-01-01T00:00:00.000Z",
    run: "r-1",
    cluster: "test",
    ...body,
  });
});

Deno.test("eventLine() shortens what would not be written in one go", { permissions: "none" }, () => {
  const body: EventBody = { kind: "console", node: "c0", instanceId: "i-1", tail: "y".repeat(50_000) };
  const { tail } = JSON.parse(eventLine(body, OPTIONS));
  assertEquals([tail.length, tail.at(-1)], [8001, "…"]);
});

Deno.test("eventWriter() appends for its owner and group only, in order, behind what is there", () =>
  withDirectory(async (dir) => {
    const path = `${dir}/events.jsonl`;
    const first = writerOf(path);
    for (const message of ["a", "b", "c"]) first.write({ kind: "trouble", message });
    await first.close();
    assertEquals(Deno.statSync(path).mode! & 0o777, 0o640);
    const second = writerOf(path);
    second.write({ kind: "trouble", message: "d" });
    await second.close();
    const messages = Deno.readTextFileSync(path).trimEnd().split("\n").map((line) =>
      JSON.parse(line).message
    );
    assertEquals(messages, ["a", "b", "c", "d"]);
    assertEquals([first.warnings, second.warnings], [[], []]);
  }));

Deno.test("eventWriter() writes all of many events, whole and in order, next to another writer's", () =>
  withDirectory(async (dir) => {
    const path = `${dir}/events.jsonl`;
    const writers = [writerOf(path), writerOf(path)];
    const texts = Array.from({ length: 400 }, (_, i) => `${i} ${"z".repeat(i * 17 % 7_000)}`);
    for (const message of texts) for (const { write } of writers) write({ kind: "trouble", message });
    await Promise.all(writers.map(({ close }) => close()));
    const found = Deno.readTextFileSync(path).trimEnd().split("\n").map((line) => JSON.parse(line).message);
    assertEquals(found.length, 2 * texts.length);
    const first = found.filter((text, at) => found.indexOf(text) === at);
    assertEquals(first, texts);
    assertEquals(writers.flatMap(({ warnings }) => warnings), []);
  }));

Deno.test("eventWriter() makes the directory that the very first hook does not find", () =>
  withDirectory(async (dir) => {
    const { write, close, warnings } = writerOf(`${dir}/state/deep/events.jsonl`);
    write(TROUBLE);
    await close();
    assertEquals(warnings, []);
    assertEquals(Deno.readTextFileSync(`${dir}/state/deep/events.jsonl`), eventLine(TROUBLE, OPTIONS));
  }));

Deno.test("eventWriter() begins a new file when one is large enough, and keeps the one before", () =>
  withDirectory(async (dir) => {
    const path = `${dir}/events.jsonl`;
    const line = eventLine(TROUBLE, OPTIONS);
    const { write, close, warnings } = writerOf(path, { rotateAt: line.length * 3 });
    for (let i = 0; i < 6; i++) {
      write(TROUBLE);
      await close();
    }
    // The line that finds the file too large still goes into it: it was opened before.
    assertEquals(Deno.readTextFileSync(`${path}.1`), line.repeat(5));
    assertEquals(Deno.readTextFileSync(path), line);
    assertEquals(warnings, []);
  }));

Deno.test("eventWriter() warns once, names the file, and never throws when it can't be written", () =>
  withDirectory(async (dir) => {
    const { write, close, warnings } = writerOf(dir);
    for (let i = 0; i < 3; i++) write(TROUBLE);
    await close();
    assertEquals(warnings.length, 1);
    assertStringIncludes(warnings[0]!, `Event log ${dir} is not written: `);
  }));

Deno.test({
  name: "eventWriter() on a full disk costs the log only, with one warning",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const { write, close, warnings } = writerOf("/dev/full");
    for (let i = 0; i < 3; i++) write(TROUBLE);
    await close();
    assertEquals(warnings.length, 1);
    assertStringIncludes(warnings[0]!, "No space left on device");
  },
});

testWhere(
  missingPrograms("mkfifo"),
  "eventWriter() neither waits for a disk that hangs nor holds its end up for long",
  () =>
    withDirectory(async (dir) => {
      const path = `${dir}/events.jsonl`;
      // Opening a FIFO waits for the other end, as a file of a file system that hangs does.
      assert(run("mkfifo", path));
      const { write, close, warnings } = writerOf(path, { closeSeconds: 0.2 });
      for (let i = 0; i < 3; i++) write(TROUBLE);
      await close();
      assertEquals(warnings, [`Event log ${path} is not written: it hangs for more than 0.2 s`]);
      const otherEnd = await Deno.open(path, { read: true, write: true });
      await new Promise((resolve) => setTimeout(resolve, 50));
      otherEnd.close();
      assertEquals(warnings.length, 1);
    }),
);

/** Why no small file system can be mounted here; a container may be root and still not be allowed to. */
function noMount(): string | undefined {
  const missing = missingPrograms("mount", "umount");
  if (missing !== undefined) return missing;
  const dir = Deno.makeTempDirSync();
  try {
    const mounted = run("mount", "-t", "tmpfs", "-o", "size=8k", "tmpfs", dir);
    if (mounted) run("umount", dir);
    return mounted ? undefined : "tmpfs can't be mounted (needs root)";
  } finally {
    Deno.removeSync(dir);
  }
}

function run(program: string, ...args: string[]): boolean {
  return new Deno.Command(program, { args, stdout: "null", stderr: "null" }).outputSync().success;
}

const cannotMount = noMount();
testWhere(
  takesRoot(cannotMount),
  "eventWriter() says so when a disk fills up in the middle of a line",
  () =>
    withDirectory(async (dir) => {
      assert(run("mount", "-t", "tmpfs", "-o", "size=8k", "tmpfs", dir));
      try {
        const { write, close, warnings } = writerOf(`${dir}/events.jsonl`);
        for (let i = 0; i < 200; i++) write(TROUBLE);
        await close();
        assertEquals(warnings.length, 1);
        assertStringIncludes(warnings[0]!, `Event log ${dir}/events.jsonl is not written: `);
      } finally {
        assert(run("umount", dir));
      }
    }),
);

/** Appends `count` events from each of several processes at once; answers what they said on standard error. */
async function appendFromProcesses(
  path: string,
  { processes, count, rotateAt }: { processes: number; count: number; rotateAt: number },
): Promise<string[]> {
  const module = new URL("../../../lib/events/write.ts", import.meta.url).href;
  const program = `${path}.ts`;
  await Deno.writeTextFile(
    program,
    `import { eventWriter } from "${module}";
     const log = eventWriter({ path: ${JSON.stringify(path)}, run: Deno.args[0]!, cluster: "test",
       now: Date.now, warn: console.error, rotateAt: ${rotateAt} });
     await new Response(Deno.stdin.readable).text();
     for (let i = 0; i < ${count}; i++) {
       log.write({ kind: "console", node: "c" + i, instanceId: "i-1", tail: Deno.args[0]!.repeat(1 + (i * 37) % 7000) });
     }
     await log.close();`,
  );
  const config = new URL("../../../deno.json", import.meta.url).pathname;
  const started = Array.from({ length: processes }, (_, i) =>
    new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--quiet", "--no-check", "--no-lock", "--config", config, program, String(i)],
      stdin: "piped",
      stderr: "piped",
    }).spawn());
  // All wait for the end of their input, so that they write at the same time.
  await Promise.all(started.map((child) => child.stdin.close()));
  const ended = await Promise.all(started.map((child) => child.output()));
  return ended.map(({ stderr }) => new TextDecoder().decode(stderr));
}

Deno.test("eventWriter() keeps every line of eight processes whole that append 500 events each at once", () =>
  withDirectory(async (dir) => {
    const path = `${dir}/events.jsonl`;
    const said = await appendFromProcesses(path, { processes: 8, count: 500, rotateAt: 1e9 });
    assertEquals(said.filter((text) => text !== ""), []);
    const lines = Deno.readTextFileSync(path).trimEnd().split("\n").map((line) => JSON.parse(line));
    assertEquals(lines.length, 4000);
    for (let i = 0; i < 8; i++) {
      const own = lines.filter(({ run }) => run === String(i));
      assertEquals(own.map(({ node }) => node), Array.from({ length: 500 }, (_, n) => `c${n}`));
      assert(own.every(({ tail }) => tail === String(i).repeat(tail.length)));
    }
  }));

Deno.test("eventWriter() keeps lines whole, and no process gives up, while eight rotate at once", () =>
  withDirectory(async (dir) => {
    const path = `${dir}/events.jsonl`;
    const said = await appendFromProcesses(path, { processes: 8, count: 500, rotateAt: 20_000 });
    assertEquals(said.filter((text) => text !== ""), []);
    // The last line of all may have been one that moved the file away.
    const files = [...Deno.readDirSync(dir)].map(({ name }) => name).filter((name) =>
      name.includes(".jsonl") && !name.endsWith(".ts")
    );
    assert(files.includes("events.jsonl.1"), `nothing was rotated: ${files}`);
    for (const file of files) {
      for (const line of Deno.readTextFileSync(`${dir}/${file}`).trimEnd().split("\n")) JSON.parse(line);
    }
  }));

Deno.test("Events and verdicts of the hooks hold no user data, key, security group or SecureString", async () => {
  await using rig = await makeRig({ aws: { policies: undefined } });
  const secret = "S3CRET";
  const groups = rig.config.nodeGroups.map((group) => ({
    ...group,
    userData: { TOKEN: secret },
    tags: { Owner: secret },
    ...(group.name === "w" && { os: { ...group.os, version: "8" } }),
  }));
  Object.assign(rig.config, { nodeGroups: groups });
  const image = { Name: "/test/SlurmNodeAmi/Rocky/8/x86_64/us-east-1", Type: "SecureString" } as const;
  await rig.aws.ssm.putParameter({ ...image, Value: `${secret}-no-image` });
  rig.aws.simulator.addFault({ kind: "error", action: "RunInstances", times: 1, code: "VcpuLimitExceeded" });
  const results = [await rig.resume("c[0-3]"), await rig.resume("s[0-1]"), await rig.resume("w0")];
  rig.clock.now += 3_600_000;
  const ended = [await rig.stop("s0"), await rig.resumeFail("s1")];
  const kinds = new Set(rig.events.map(({ kind }) => kind));
  for (const kind of ["launch", "launched", "refused", "ended", "console"] as const) {
    assert(kinds.has(kind), kind);
  }
  const verdicts = [...results, ...ended].flatMap(({ nodes }) => [...nodes]);
  assertEquals(verdicts.length, 9);
  const text = JSON.stringify([
    rig.events,
    verdicts,
    [...rig.scontrol.nodes.values()].map(({ reason }) => reason),
  ]);
  assertStringIncludes(text, "holds a SecureString");
  for (
    const hidden of [secret, btoa(secret), "SET_TOKEN", "cluster-key", "sg-0a000000000000001", "UserData"]
  ) {
    assert(!text.includes(hidden), `it holds ${hidden}`);
  }
});
