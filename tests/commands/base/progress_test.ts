import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { parseFlags } from "../../../commands/base/command.ts";
import type { Host } from "../../../commands/base/host.ts";
import { ssmValidate } from "../../../commands/ssm/validate.ts";
import type { SsmApi } from "../../../lib/aws/ssm_api.ts";
import { fakeHost } from "../fake_host.ts";
import { SSM_CONFIG, ssmWorld } from "../ssm/world.ts";
import { callsBar, progressBar, watchCalls } from "../../../commands/base/progress.ts";

function terminal(isTerminal = true, columns = 60) {
  const written: string[] = [];
  return { written, output: { write: (text: string) => void written.push(text), isTerminal, columns } };
}

for (
  const [what, isTerminal, quiet, total] of [
    ["where nobody watches", false, false, 10],
    ["that is to be quiet", true, true, 10],
    ["of nothing", true, false, 0],
  ] as const
) {
  Deno.test(`progressBar() ${what} prints nothing`, async () => {
    const { written, output } = terminal(isTerminal);
    const bar = progressBar(output, { label: "x", total, quiet, delay: 0 });
    await bar.ready;
    bar.update(5);
    bar.stop();
    assertEquals(written, []);
  });
}

Deno.test("progressBar() draws on a terminal how far it is, and takes itself away", async () => {
  const { written, output } = terminal();
  const bar = progressBar(output, { label: "booting", total: 4, delay: 0 });
  await bar.ready;
  bar.update(1);
  bar.update(4, 8);
  bar.stop();
  const text = written.join("");
  assertStringIncludes(text, "booting ");
  assert(/█+░+ [14]\/[48]/.test(text), text);
  // What is drawn is overwritten from the line's beginning, and cleared at the end.
  assert(text.includes("\x1b[1G") && text.trimEnd().endsWith("K"), JSON.stringify(text));
  assert(
    !text.includes("\x1b[?25l") && !text.includes("\x1b[?7l"),
    "Ctrl-C would leave the terminal changed",
  );
});

Deno.test("progressBar() fits a narrow terminal", async () => {
  const { written, output } = terminal(true, 30);
  const bar = progressBar(output, { label: "reading", total: 100, delay: 0 });
  await bar.ready;
  bar.update(100);
  bar.stop();
  for (const line of written.filter((text) => text.startsWith("reading"))) assert(line.length <= 30, line);
  assert(written.some((text) => text.startsWith("reading")));
});

Deno.test("progressBar() shows nothing of work that is short, and nothing after its end", async () => {
  const { written, output } = terminal();
  const bar = progressBar(output, { label: "x", total: 4, delay: 60_000 });
  await bar.ready;
  bar.update(4);
  bar.stop();
  bar.update(3);
  const early = progressBar(output, { label: "x", total: 4, delay: 0 });
  early.stop();
  await early.ready;
  assertEquals(written, []);
});

Deno.test("watchCalls() counts what was answered of what was asked, refusals too", async () => {
  const updates: (readonly [number, number | undefined])[] = [];
  const bar = {
    update: (value: number, total?: number) => void updates.push([value, total]),
    stop() {},
    ready: Promise.resolve(),
  };
  const port = {
    name: "p",
    answer: (x: number) => Promise.resolve(x + 1),
    refuse: () => Promise.reject(new Error("no")),
  };
  const watched = watchCalls(bar)(port);
  assertEquals([watched.name, await watched.answer(1)], ["p", 2]);
  await assertRejects(() => watched.refuse(), Error, "no");
  assertEquals(updates, [[0, 1], [1, 1], [1, 2], [2, 2]]);
});

Deno.test("callsBar() is quiet for programs", async () => {
  const { written, output } = terminal();
  const bar = callsBar(output, { quiet: true });
  await bar.ready;
  bar.update(1, 2);
  bar.stop();
  assertEquals(written, []);
});

/** Runs `ssm validate` with an AWS that takes its time; what it prints on standard error. */
async function validateSlowly(args: readonly string[], isTerminal: boolean): Promise<string> {
  const { aws, clock } = ssmWorld();
  const printed = { stdout: "", stderr: "" };
  const bare = fakeHost({ files: { "c.yaml": SSM_CONFIG } }, undefined, printed);
  const ssm: SsmApi = {
    ...aws.ssm,
    getParameters: async (input) => {
      // Where a bar is to be seen AWS answers after it; elsewhere, once there would be one.
      const isSeen = () => !isTerminal || args.includes("--json") || printed.stderr !== "";
      do await new Promise((resolve) => setTimeout(resolve, 400)); while (!isSeen());
      return await aws.ssm.getParameters(input);
    },
    getParametersByPath: (input) => aws.ssm.getParametersByPath(input),
  };
  const stderr = { write: (text: string) => void (printed.stderr += text), isTerminal, columns: 80 };
  const host: Host = {
    ...bare,
    stderr,
    now: () => clock.now,
    sleep: () => Promise.resolve(),
    connect: { ...bare.connect, ec2: () => Promise.resolve(aws.ec2), ssm: () => Promise.resolve(ssm) },
  };
  const exit = await ssmValidate.run(host, parseFlags(ssmValidate, ["--config", "c.yaml", ...args]));
  assert(exit === 0 || exit === 3, `${exit}`);
  assert(!printed.stdout.includes("asking AWS"));
  return printed.stderr;
}

Deno.test("ssm validate shows at a terminal how many calls are answered, on standard error", async () => {
  assertStringIncludes(await validateSlowly([], true), "asking AWS ");
});

for (
  const [what, args, isTerminal] of [["in a pipe", [], false], ["with --json", ["--json"], true]] as const
) {
  Deno.test(`ssm validate ${what} shows no progress`, async () => {
    assertEquals(await validateSlowly(args, isTerminal), "");
  });
}
