import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { fileLog } from "../../../lib/base/file_log.ts";

async function withDirectory(test: (dir: string) => void | Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    await test(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

const withoutTime = (text: string) => text.replaceAll(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z /gm, "");

Deno.test("fileLog() appends one line a message, with time and level", () =>
  withDirectory((dir) => {
    const path = `${dir}/log`;
    Deno.writeTextFileSync(path, "before\n");
    const log = fileLog(path);
    log.debug("a");
    log.info("b é");
    log.warn("c");
    log.error("d");
    const text = Deno.readTextFileSync(path);
    log.close();
    assertMatch(text.split("\n")[1]!, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z DEBUG a$/);
    assertEquals(withoutTime(text), "before\nDEBUG a\nINFO b é\nWARN c\nERROR d\n");
  }));

Deno.test("fileLog() creates the file for its owner and group only", () =>
  withDirectory((dir) => {
    const path = `${dir}/log`;
    fileLog(path).close();
    assertEquals(Deno.statSync(path).mode! & 0o777, 0o640);
  }));

Deno.test("fileLog() leaves the mode of an existing file alone", () =>
  withDirectory((dir) => {
    const path = `${dir}/log`;
    Deno.writeTextFileSync(path, "");
    Deno.chmodSync(path, 0o604);
    fileLog(path).close();
    assertEquals(Deno.statSync(path).mode! & 0o777, 0o604);
  }));

Deno.test("fileLog() lets no message look like two", () =>
  withDirectory((dir) => {
    const path = `${dir}/log`;
    const log = fileLog(path);
    log.info("a\n2026-01-01T00:00:00.000Z ERROR forged\r\nb\u001b[31m\u0000\tc");
    log.close();
    assertEquals(
      withoutTime(Deno.readTextFileSync(path)),
      "INFO a\n  2026-01-01T00:00:00.000Z ERROR forged\n  b?[31m?\tc\n",
    );
  }));

Deno.test("fileLog() says once that it can't open the file, and goes on elsewhere", () =>
  withDirectory((dir) => {
    for (const path of [`${dir}/missing/log`, dir]) {
      const said: string[] = [];
      const log = fileLog(path, { fallback: (text) => said.push(text) });
      log.info("a");
      log.error("b");
      log.close();
      assertStringIncludes(said[0]!, `Can't write the log file "${path}": `);
      assertEquals(said.slice(1).map(withoutTime), ["INFO a\n", "ERROR b\n"]);
    }
  }));

Deno.test({
  name: "fileLog() says once that the disk is full, and goes on elsewhere",
  ignore: Deno.build.os !== "linux",
  fn() {
    const said: string[] = [];
    const log = fileLog("/dev/full", { fallback: (text) => said.push(text) });
    log.info("a");
    log.info("b");
    log.close();
    assertStringIncludes(said[0]!, 'Can\'t write the log file "/dev/full": ');
    assertEquals(said.slice(1).map(withoutTime), ["INFO a\n", "INFO b\n"]);
  },
});

Deno.test("fileLog() says so when it may not write the file", { permissions: { read: true } }, () => {
  const said: string[] = [];
  const log = fileLog("/nowhere/log", { fallback: (text) => said.push(text) });
  log.info("a");
  log.close();
  assertEquals(said.length, 2);
  assertStringIncludes(said[0]!, "write access");
});

Deno.test("fileLog() goes on after close(), which may come twice", () =>
  withDirectory((dir) => {
    const said: string[] = [];
    const log = fileLog(`${dir}/log`, { fallback: (text) => said.push(text) });
    log.close();
    log.close();
    log.info("late");
    assertEquals(said.map(withoutTime), ["INFO late\n"]);
  }));

Deno.test("fileLog() keeps the lines of concurrent processes whole", () =>
  withDirectory(async (dir) => {
    const path = `${dir}/log`;
    const module = new URL("../../../lib/base/file_log.ts", import.meta.url).href;
    const program = `${dir}/program.ts`;
    await Deno.writeTextFile(
      program,
      `import { fileLog } from "${module}";
       const log = fileLog(${JSON.stringify(path)});
       for (let i = 0; i < 200; i++) log.info(Deno.args[0]!.repeat(3000));
       log.close();`,
    );
    const config = new URL("../../../deno.json", import.meta.url).pathname;
    const runs = ["a", "b", "c"].map((letter) =>
      new Deno.Command(Deno.execPath(), {
        args: ["run", "--quiet", "--no-check", "--config", config, `--allow-write=${path}`, program, letter],
      }).output()
    );
    for (const { success, stderr } of await Promise.all(runs)) {
      assertEquals(new TextDecoder().decode(stderr), "");
      assertEquals(success, true);
    }
    const lines = withoutTime(Deno.readTextFileSync(path)).trimEnd().split("\n");
    assertEquals(lines.length, 600);
    assertEquals(lines.filter((line) => !/^INFO (a{3000}|b{3000}|c{3000})$/.test(line)), []);
  }));
