import { assertEquals } from "@std/assert";
import type { FileFacts } from "../../../../lib/preflight/machine/file_facts.ts";
import { isShared, makeOwn } from "../../../../lib/preflight/machine/own_place.ts";
import {
  checkLogFile,
  checkStateFiles,
  listState,
  type StateFile,
} from "../../../../lib/preflight/machine/state_file_checks.ts";
import { machineProcess } from "../../../../lib/preflight/machine/machine_process.ts";
import { assertTold } from "./told.ts";

const USER = { name: "slurm", uid: 401, gid: 401, gids: [401] };
const FILE: StateFile = { path: "/s/events.jsonl", uid: 401, gid: 401, mode: 0o640, type: "f" };
const LOG: FileFacts = { kind: "there", path: "/l", type: "regular file", mode: 0o640, uid: 401, gid: 401 };

Deno.test(
  "checkStateFiles() judges each file as SlurmUser, not the directory alone",
  { permissions: "none" },
  () => {
    assertTold(checkStateFiles("/s", [FILE], USER), ["pass: 1 in /s, all slurm's to write"], "own");
    const roots = ["lock", "hints.json", "state.db", "queue"].map((name) => ({
      ...FILE,
      path: `/s/${name}`,
      uid: 0,
      gid: 0,
    }));
    assertTold(
      checkStateFiles("/s", [FILE, ...roots], USER),
      ["fail: slurm may not write to /s/lock, /s/hints.json, /s/state.db and 1 more"],
      "root's",
    );
    assertTold(
      checkStateFiles("/s", [{ ...FILE, type: "l" }], USER),
      ["fail: /s/events.jsonl: no link"],
      "a link",
    );
    assertEquals(checkStateFiles("/var/lib", [{ ...FILE, type: "l" }], USER), [], "others' files");
    assertEquals(checkStateFiles("/s", undefined, USER), []);
    assertEquals(checkStateFiles("/s", [FILE], undefined), []);
  },
);

Deno.test("checkLogFile() judges the log itself", { permissions: "none" }, () => {
  const judged = (look: FileFacts) => [checkLogFile(look, USER)!];
  assertTold(judged(LOG), ["pass: /l, uid 401, mode 0640"], "own");
  assertTold(
    judged({ ...LOG, uid: 0, gid: 0 }),
    ["fail: slurm may not write to /l (uid 0, mode 0640)"],
    "root's",
  );
  assertTold(judged({ ...LOG, mode: 0o644 }), ["warn: everybody may read or write /l"], "open");
  assertTold(judged({ ...LOG, type: "directory" }), ["fail: /l is a directory"], "a directory");
  assertEquals(checkLogFile({ kind: "absent", path: "/l" }, USER), undefined);
});

Deno.test("makeOwn() never gives away what others share", { permissions: "none" }, () => {
  for (
    const shared of [
      "/",
      "/var",
      "/var/log",
      "/var/log/",
      "/var/lib",
      "/var/spool",
      "/tmp",
      "/etc",
      "/usr/local",
      "/run",
    ]
  ) {
    assertEquals([shared, isShared(shared)], [shared, true]);
    assertEquals(makeOwn(shared, "slurm", "stateDir").includes("chown"), false);
  }
  for (const own of ["/var/log/slurm", "/var/lib/slurm-ec2", "/srv/slurm-ec2", "/opt/slurm/state"]) {
    assertEquals(makeOwn(own, "slurm", "stateDir"), `chown -R slurm ${own}`);
  }
});

Deno.test("listState() sees what is in a directory, links as links, and nothing of Deno's cache", async () => {
  const directory = await Deno.makeTempDir({ prefix: "slurm-ec2-list-" });
  try {
    await Deno.mkdir(`${directory}/queue`, { mode: 0o750 });
    await Deno.mkdir(`${directory}/deno`);
    await Deno.writeTextFile(`${directory}/queue/resume.1`, "");
    await Deno.writeTextFile(`${directory}/deno/v8`, "");
    await Deno.symlink("/etc/hosts", `${directory}/events.jsonl`);
    const files = await listState(machineProcess(), directory);
    assertEquals(files?.map(({ path, type }) => `${type} ${path.slice(directory.length)}`).sort(), [
      "d /queue",
      "f /queue/resume.1",
      "l /events.jsonl",
    ]);
    assertEquals(files?.find(({ type }) => type === "d")?.mode, 0o750);
    assertEquals(await listState(machineProcess(), `${directory}/none`), undefined);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
