import { assertEquals } from "@std/assert";
import { missingPrograms, testWhere } from "../test_where.ts";

const CHECKOUT = new URL("../../", import.meta.url).pathname;

testWhere(missingPrograms("shellcheck"), "shell scripts pass shellcheck", async () => {
  const scripts = [...shellScripts(`${CHECKOUT}deploy`), ...shellScripts(`${CHECKOUT}.ci`)];
  assertEquals(
    ["deploy/hooks/hook", "deploy/node/boot", ".ci/run"].filter((name) => !scripts.includes(CHECKOUT + name)),
    [],
  );
  const { stdout } = await new Deno.Command("shellcheck", { args: ["--norc", ...scripts] }).output();
  assertEquals(new TextDecoder().decode(stdout), "");
});

/** Files of a directory tree that begin like a shell script; symbolic links are left out. */
function shellScripts(directory: string): string[] {
  return [...Deno.readDirSync(directory)].flatMap((entry) => {
    const path = `${directory}/${entry.name}`;
    if (entry.isDirectory) return shellScripts(path);
    return entry.isFile && /^#!.*\b(sh|bash)\n/.test(Deno.readTextFileSync(path)) ? [path] : [];
  });
}
