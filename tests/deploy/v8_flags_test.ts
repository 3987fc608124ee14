import { assertEquals } from "@std/assert";

const DEPLOY = new URL("../../deploy/", import.meta.url);

/** Where the program is started, with the flags of V8 that stand there. */
const flags = ["hooks/hook", "install/slurm-ec2", "build/portable/launcher", "build/compile.ts"].map(
  (path) => {
    const text = Deno.readTextFileSync(new URL(path, DEPLOY));
    return {
      path,
      flags: [...text.matchAll(/--max-semi[^\s"$]*/g)].map(
        String,
      ),
    };
  },
);

Deno.test("The program is started with the same flags of V8 everywhere", () => {
  const [hook] = flags;
  assertEquals(hook?.flags.length, 1);
  for (const { path, flags: own } of flags) {
    // A compiled binary has no code cache to fill.
    const expected = path.endsWith("compile.ts")
      ? hook!.flags.map((text) => text.replace(",--no-lazy", ""))
      : hook!.flags;
    assertEquals(own, expected, path);
  }
});

for (const flag of flags[0]!.flags[0]!.split(",")) {
  Deno.test(`The Deno in use takes V8's ${flag}`, async () => {
    // Deno ends with status 1 for a flag that V8 does not know.
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["eval", `--v8-flags=${flag}`, "console.log(1 + 1)"],
      env: { NO_COLOR: "1" },
    }).output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    assertEquals([code, text(stdout)], [0, "2\n"], text(stderr));
  });
}
