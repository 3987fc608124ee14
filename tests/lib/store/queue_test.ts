import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { Queue } from "../../../lib/store/queue.ts";
import { requestFileText } from "../../../lib/store/request_file.ts";

interface Site {
  readonly dir: string;
  readonly queue: Queue;
  /** Puts a file into the queue as a hook does. */
  put(name: string, text: string): void;
}

function withQueue(test: (site: Site) => void): void {
  const dir = Deno.makeTempDirSync({ prefix: "slurm-ec2-queue-" });
  try {
    const queue = new Queue(dir);
    queue.make();
    test({ dir, queue, put: (name, text) => Deno.writeTextFileSync(`${dir}/queue/${name}`, text) });
  } finally {
    Deno.removeSync(dir, { recursive: true });
  }
}

const BOOT = "9d0e3a52-77a5-4a4e-0b6f-6a4ad2a4e1c7";
const uuid = (digit: number) => `${digit}b6f3a52-77a5-4a4e-9d0e-6a4ad2a4e1c7`;

function request(kind: "resume" | "stop", uptime: number | undefined, hostlist = "c-0") {
  return requestFileText({
    kind,
    uptime,
    bootId: uptime === undefined ? undefined : BOOT,
    hostlist,
    resumeFile: undefined,
  });
}

Deno.test("Queue.take() gives requests in the order of the hooks' calls until they are forgotten", () =>
  withQueue(({ queue, put }) => {
    put(`stop.${uuid(1)}`, request("stop", 200.5));
    put(`resume.${uuid(2)}`, request("resume", 100.25));
    put(`resume.${uuid(3)}`, request("resume", 300));
    const taken = queue.take();
    assertEquals(taken.rejected, []);
    assertEquals(taken.requests.map(({ uptime }) => uptime), [100.25, 200.5, 300]);
    assertEquals([queue.isEmpty(), queue.take().requests.length], [false, 3]);
    queue.forget(taken.requests.map(({ id }) => id));
    assertEquals([queue.isEmpty(), queue.take().requests.length], [true, 0]);
    queue.forget(taken.requests.map(({ id }) => id));
  }));

Deno.test("Queue.take() goes by the files' times where a command wrote one of them", () =>
  withQueue(({ dir, queue, put }) => {
    const write = (name: string, text: string, seconds: number) => {
      put(name, text);
      Deno.utimeSync(`${dir}/queue/${name}`, seconds, seconds);
    };
    write(`resume.${uuid(1)}`, request("resume", 9000), 100);
    write(`stop.${uuid(2)}`, request("stop", undefined), 200);
    write(`resume.${uuid(3)}`, request("resume", 10), 300);
    assertEquals(queue.take().requests.map(({ kind, uptime }) => [kind, uptime]), [
      ["resume", 9000],
      ["stop", undefined],
      ["resume", 10],
    ]);
  }));

Deno.test("Queue.add() writes what take() reads, whole and for owner and group only", () =>
  withQueue(({ dir, queue }) => {
    const old = Deno.umask(0);
    const id = queue.add({
      kind: "resume",
      uptime: undefined,
      bootId: undefined,
      hostlist: "c-0",
      resumeFile: "{}",
    });
    Deno.umask(old);
    assertEquals([...Deno.readDirSync(`${dir}/queue`)].map(({ name }) => name), [id]);
    assertEquals(Deno.statSync(`${dir}/queue/${id}`).mode! & 0o777, 0o640);
    assertEquals(queue.take().requests[0], {
      id,
      kind: "resume",
      uptime: undefined,
      bootId: undefined,
      hostlist: "c-0",
      resumeFile: "{}",
    });
  }));

const SECRET = "1 stop - - c-0\nend\n";

/** What else may lie in a queue, and what the sentence on it says. */
const REJECTED: Readonly<Record<string, readonly [put: (path: string) => void, says: RegExp]>> = {
  "a request that was cut short": [(path) => Deno.writeTextFileSync(path, "1 stop 1.0"), /cut short/],
  "an empty file": [(path) => Deno.writeTextFileSync(path, ""), /its format is ""/],
  "a request of another format": [
    (path) => Deno.writeTextFileSync(path, `9 ${SECRET}`),
    /this release reads 1/,
  ],
  "bytes that are not text": [
    (path) => Deno.writeFileSync(path, new Uint8Array([255, 254, 0])),
    /is not served/,
  ],
  "a link to a request": [(path) => Deno.symlinkSync("../outside", path), /it is a link/],
  "a link to nothing": [(path) => Deno.symlinkSync("../nothing", path), /it is a link/],
  "a second name of another file": [
    (path) => Deno.linkSync(`${path}/../../outside`.replace(/[^/]+\/\.\.\//, ""), path),
    /second name/,
  ],
  "a directory": [(path) => Deno.mkdirSync(`${path}/x`, { recursive: true }), /it is a directory/],
  "a pipe": [
    (path) => assert(new Deno.Command("mkfifo", { args: [path] }).outputSync().success),
    /not a regular file/,
  ],
};

for (const [what, [put, says]] of Object.entries(REJECTED)) {
  Deno.test(`Queue.take() moves ${what} away, says so once, and serves the others`, () =>
    withQueue(({ dir, queue, put: putRequest }) => {
      Deno.writeTextFileSync(`${dir}/outside`, SECRET);
      put(`${dir}/queue/stop.${uuid(1)}`);
      putRequest(`stop.${uuid(2)}`, request("stop", 1));
      const taken = queue.take();
      assertEquals(taken.requests.map(({ id }) => id), [`stop.${uuid(2)}`]);
      assertEquals(taken.rejected.length, 1);
      assertMatch(taken.rejected[0]!, says);
      assertMatch(taken.rejected[0]!, /it is kept as \S+rejected/);
      assertEquals(queue.take().rejected, []);
      assertEquals(Deno.readTextFileSync(`${dir}/outside`), SECRET);
    }));
}

Deno.test("Queue.take() gives a request without a resume file that is too large, and says so", () =>
  withQueue(({ queue, put }) => {
    const whole = { kind: "resume", uptime: 7, bootId: BOOT, hostlist: "c-[0-3]" } as const;
    put(`resume.${uuid(1)}`, requestFileText({ ...whole, resumeFile: " ".repeat(64 * 1024 * 1024) + "{}" }));
    const { requests, rejected } = queue.take();
    assertEquals(requests, [{ ...whole, id: `resume.${uuid(1)}`, resumeFile: undefined }]);
    assertEquals(rejected.length, 1);
    assertMatch(
      rejected[0]!,
      /^Going on without .*: Resume file has 67\d+ bytes: at most 67108864 are read$/,
    );
    assertEquals(queue.isEmpty(), false, "it stays until it is forgotten");
  }));

Deno.test("Queue.take() moves a foreign name away, and leaves alone what is being written", () =>
  withQueue(({ queue, put }) => {
    put("notes.txt", "x");
    put(`.${uuid(1)}`, "1 stop");
    assertEquals(queue.take().rejected.length, 1);
    assertEquals(queue.take(), { requests: [], rejected: [] });
  }));

Deno.test("Queue refuses to be a link", () =>
  withQueue(({ dir, queue }) => {
    Deno.renameSync(`${dir}/queue`, `${dir}/elsewhere`);
    Deno.writeTextFileSync(`${dir}/elsewhere/stop.${uuid(1)}`, SECRET);
    Deno.symlinkSync("elsewhere", `${dir}/queue`);
    assertMatch(queue.take().rejected.join("\n"), /^Can't read \S+queue: it is a link/);
    assertThrows(() => queue.make(), Error, "is a link");
    assertThrows(() =>
      queue.add({ kind: "stop", uptime: 1, bootId: BOOT, hostlist: "c-0", resumeFile: undefined })
    );
    assertEquals([...Deno.readDirSync(`${dir}/elsewhere`)].length, 1);
  }));

Deno.test("Queue.take() is empty and quiet when there is no queue", () => {
  assertEquals(new Queue("/nonexistent").take(), { requests: [], rejected: [] });
  assertEquals(new Queue("/nonexistent").isEmpty(), true);
});

Deno.test("Queue keeps the last twenty files that it moved away", () =>
  withQueue(({ dir, queue, put }) => {
    for (let i = 0; i < 30; i++) {
      put(`note-${i}`, "x");
      queue.take();
    }
    assertEquals([...Deno.readDirSync(`${dir}/rejected`)].length, 20);
  }));
