import { assert, assertEquals } from "@std/assert";
import { missingPrograms, testWhere } from "../test_where.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const NEEDS = missingPrograms("script");

/** Runs a command line at a real terminal of its own, or in a pipe; answers all that it printed. */
async function run(
  command: string,
  env: Readonly<Record<string, string>>,
  where: "terminal" | "pipe",
): Promise<string> {
  const line =
    `'${Deno.execPath()}' run -A --quiet --frozen --config '${ROOT}deno.json' '${ROOT}main.ts' ${command}`;
  // An end of its own: script waits for its child's, and stty gives the terminal a width.
  const args = where === "pipe"
    ? ["sh", "-c", line]
    : ["script", "--quiet", "--return", "--command", `stty cols 70; ${line}`, "/dev/null"];
  const { HOME = "/", PATH = "", DENO_DIR } = Deno.env.toObject();
  const { stdout } = await new Deno.Command(args[0]!, {
    args: args.slice(1),
    clearEnv: true,
    env: { HOME, PATH, ...(DENO_DIR !== undefined && { DENO_DIR }), ...env },
    stdin: "null",
  }).output();
  return new TextDecoder().decode(stdout).replaceAll("\r\n", "\n");
}

const XTERM = { TERM: "xterm" };

for (
  const [what, env, where, painted] of [
    ["at a terminal", XTERM, "terminal", true],
    ["at a terminal with NO_COLOR", { ...XTERM, NO_COLOR: "1" }, "terminal", false],
    ["at a dumb terminal", { TERM: "dumb" }, "terminal", false],
    ["in a pipe", XTERM, "pipe", false],
  ] as const
) {
  testWhere(NEEDS, `slurm-ec2 help and config lint ${what} have ${painted ? "" : "no "}colours`, async () => {
    const file = await Deno.makeTempFile({ suffix: ".conf" });
    try {
      await Deno.writeTextFile(file, "ClusterName=c\nSlurmdTimeuot=3\n");
      for (const command of ["help reset", `config lint '${file}'`]) {
        const text = await run(command, env, where);
        assert(text.length > 100, text);
        assertEquals(text.includes("\x1b["), painted, text);
      }
    } finally {
      await Deno.remove(file);
    }
  });
}

testWhere(NEEDS, "slurm-ec2 help is as wide as the terminal", async () => {
  const text = await run("help reset", { ...XTERM, NO_COLOR: "1" }, "terminal");
  const widest = Math.max(...text.split("\n").map((line) => line.length));
  assert(widest > 55 && widest <= 70, `${widest}\n${text}`);
});
