import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { CommandError, parseFlags } from "../../../commands/base/command.ts";
import type { Host } from "../../../commands/base/host.ts";
import { notify, type NotifyOutput } from "../../../commands/see/notify.ts";
import { STRAY } from "../../../lib/controller/orphan.ts";
import type { EventBody } from "../../../lib/events/event.ts";
import { firstMark, markText } from "../../../lib/see/notify/mark.ts";
import { runProgram } from "../../../lib/see/notify/program_process.ts";
import { noticeOf } from "../../../lib/see/notify/message.ts";
import { withHistory } from "../../fixtures/history_file.ts";
import { checkJson } from "../check_output.ts";
import { fakeHost } from "../fake_host.ts";

const MINUTE = 60_000;

function config(stateDir: string, more: string): string {
  return `cluster: test
region: us-east-1
stateDir: ${stateDir}
${more}
defaults: { os: { distribution: Rocky, version: "9" }, architecture: x86_64 }
nodeGroups: [{ name: compute, nodes: "c[0-3]", instanceTypes: [c7i.large], subnets: [subnet-0123456789abcdef0] }]
`;
}

interface World {
  readonly dir: string;
  /** Lines of the log. */
  readonly logged: string[];
  run(
    args: readonly string[],
    now?: number,
    more?: string,
  ): Promise<{ exit: number; output: NotifyOutput; stderr: string }>;
  /** What the program has been given, run by run. */
  given(): string[];
}

/** Runs a test with a program of this text in a state directory with these events; they are all new. */
function withProgram(
  script: string,
  events: readonly EventBody[],
  test: (world: World) => Promise<void>,
): Promise<void> {
  return withHistory("test", events, async (dir) => {
    const program = `${dir}/program`;
    const out = `${dir}/given`;
    Deno.writeTextFileSync(program, `#!/bin/sh\nout=${out}\n${script}\n`, { mode: 0o755 });
    Deno.chmodSync(program, 0o755);
    Deno.writeTextFileSync(`${dir}/notify.json`, markText(firstMark(0)));
    const logged: string[] = [];
    const say = (text: string) => void logged.push(text);
    const log = { debug: say, info: say, warn: say, error: say, close() {} };
    const run: World["run"] = async (args, now = 0, more = `notify: { command: ${program} }`) => {
      const printed = { stdout: "", stderr: "" };
      const files = new Map<string, string>([["./slurm-ec2.yaml", config(dir, more)]]);
      const connect = { log: () => Promise.resolve(log) } as unknown as Host["connect"];
      const host = { ...fakeHost({}, files, printed), now: () => Date.now() + now, connect };
      const flags = ["--json", ...args];
      const exit = await notify.run(host, parseFlags(notify, flags));
      checkJson(["notify", ...flags], printed.stdout);
      return { exit, output: JSON.parse(printed.stdout), stderr: printed.stderr };
    };
    const given = () => {
      try {
        return Deno.readTextFileSync(out).split("\n").filter((line) => line !== "");
      } catch {
        return [];
      }
    };
    await test({ dir, logged, run, given });
  });
}

const orphan = (id: string): EventBody => ({
  ...{ kind: "ended", action: "terminate", why: STRAY },
  instanceIds: [id],
});
/** Writes its argument, its variables' names and its input. */
const RECORD = 'echo "$#$1 $(env | cut -d= -f1 | sort | tr "\\n" " ") $(cat)" >>"$out"';

Deno.test("notify runs the program once for what is new, with the event as JSON and no variables but its own", () =>
  withProgram(RECORD, [orphan("i-1"), orphan("i-2")], async ({ run, given }) => {
    const { exit, output } = await run([]);
    assertEquals([exit, output.notices], [0, [{ event: "orphan-ended", count: 2, outcome: "sent" }]]);
    const [line = "", ...more] = given();
    assertEquals(more, []);
    // A shell adds its own.
    const [, argument, variables = "", input = "{}"] = /^(\S+) ([^{]*?) +(\{.*)$/.exec(line)!;
    assertEquals(argument, "1orphan-ended");
    assertEquals(
      variables.split(" ").filter((name) => name.startsWith("SLURM") || name.startsWith("AWS")),
      ["SLURM_EC2_CLUSTER", "SLURM_EC2_COUNT", "SLURM_EC2_EVENT", "SLURM_EC2_SUMMARY"],
    );
    const notice = JSON.parse(input);
    assertEquals([notice.v, notice.cluster, notice.count, notice.happenings.length], [1, "test", 2, 2]);
    assertEquals((await run([])).output.notices, []);
    assertEquals(given().length, 1);
  }));

Deno.test("notify gathers what happens within notify.minutes, 1,000 events at once, too", () =>
  withProgram(
    RECORD,
    Array.from({ length: 1000 }, (_, i) => orphan(`i-${i}`)),
    async ({ dir, run, given }) => {
      assertEquals((await run([])).output.notices[0]!.count, 1000);
      // Everything is new again, as if it had happened meanwhile.
      const mark = JSON.parse(Deno.readTextFileSync(`${dir}/notify.json`));
      Deno.writeTextFileSync(`${dir}/notify.json`, JSON.stringify({ ...mark, event: 0 }));
      const soon = await run([], 5 * MINUTE);
      assertEquals([soon.output.notices, soon.output.waiting], [[], { "orphan-ended": 1000 }]);
      const later = await run([], 16 * MINUTE);
      assertEquals([later.output.notices[0]!.count, later.output.waiting], [1000, {}]);
      assertEquals(given().length, 2);
      assert(given().every((line) => line.length < 20_000));
    },
  ));

Deno.test("notify logs a program that fails once, keeps the notice, and says when it works again", () =>
  withProgram(
    'test -e "$out.works" && exec cat >>"$out"; echo no mail today >&2; exit 7',
    [orphan("i-1")],
    async ({ dir, logged, run, given }) => {
      const { exit, output, stderr } = await run([]);
      assertEquals([exit, output.waiting], [3, { "orphan-ended": 1 }]);
      assertStringIncludes(stderr, "exit status 7; it said: no mail today");
      assertEquals((await run([], MINUTE)).output.notices, []);
      assertEquals((await run([], 20 * MINUTE)).exit, 3);
      assertEquals(logged.filter((line) => line.includes("notify.command failed")).length, 1);
      Deno.writeTextFileSync(`${dir}/given.works`, "");
      assertEquals((await run([], 40 * MINUTE)).exit, 0);
      assertEquals(logged.at(-1), "notify.command works again");
      assertEquals(given().length, 1);
    },
  ));

Deno.test("notify --test runs the program whatever has happened, and leaves what waits", () =>
  withProgram(RECORD, [orphan("i-1")], async ({ run, given }) => {
    assertEquals((await run(["--test"])).output.notices, [{ event: "test", count: 1, outcome: "sent" }]);
    assertEquals((await run([])).output.notices[0]!.event, "orphan-ended");
    assertEquals(given().length, 2);
  }));

Deno.test("notify without a program reports nothing, and --test says so", () =>
  withProgram(RECORD, [orphan("i-1")], async ({ run, given }) => {
    assertEquals((await run([], 0, "")).output.notices, []);
    const error = await run(["--test"], 0, "").catch((error) => error);
    assert(error instanceof CommandError);
    assertEquals(given(), []);
  }));

Deno.test("notify begins again where its mark is damaged, and says so", () =>
  withProgram(RECORD, [orphan("i-1")], async ({ dir, logged, run }) => {
    Deno.writeTextFileSync(`${dir}/notify.json`, '{"v":1,"event":');
    assertEquals((await run([])).output.notices, []);
    assertStringIncludes(logged.join("\n"), "notify.json can't be read");
    assertEquals((await run([])).output.notices, []);
    assertEquals(logged.length, 1);
  }));

Deno.test("notify looks at the queue where the state is damaged", () =>
  withProgram(RECORD, [], async ({ dir, run }) => {
    Deno.writeTextFileSync(`${dir}/state.db`, "not a database".repeat(1000));
    assertEquals((await run([])).output.notices, []);
  }));

const NOTICE = noticeOf("chip", "worker-dead", { count: 1, happenings: [] });

Deno.test("runProgram() kills a program that hangs, with what it has written so far", () =>
  withProgram("echo I wait >&2; exec sleep 600", [], async ({ dir }) => {
    const outcome = await runProgram(`${dir}/program`, NOTICE, 300);
    assertEquals(outcome, {
      kind: "failed",
      why: `${dir}/program took more than 0.3 s and was killed`,
    });
  }));

Deno.test("runProgram() says what is wrong with a program that can't be run, or is ended", () =>
  withProgram("kill -9 $$", [], async ({ dir }) => {
    assertEquals(await runProgram(`${dir}/program`, NOTICE), {
      kind: "failed",
      why: `${dir}/program: SIGKILL`,
    });
    for (const path of [`${dir}/nowhere`, dir]) {
      const outcome = await runProgram(path, NOTICE);
      assert(outcome.kind === "failed" && outcome.why.startsWith(`${path} can't be run: `));
    }
  }));

Deno.test("runProgram() takes a program that reads nothing, prints much, or leaves another behind", () =>
  withProgram(
    'head -c 1000000 /dev/zero | tr "\\0" x >&2; sleep 60 & echo "$!" >"$out"; exit 0',
    [],
    async ({ dir, given }) => {
      assertEquals((await runProgram(`${dir}/program`, NOTICE)).kind, "sent");
      // Here no unit ends what was left behind.
      Deno.kill(Number(given()[0]), "SIGKILL");
    },
  ));
