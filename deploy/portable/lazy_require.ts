/** What the bundler puts into a chunk for CommonJS packages that call `require`. */
const EAGER =
  /import\s*\{\s*createRequire as __deno_internal_createRequire\s*\}\s*from\s*"node:module";\s*var (\w+)\s*=\s*__deno_internal_createRequire\(import\.meta\.url\);/;

/**
 * A chunk that loads Node's module system when something is required, not when the program starts: that takes
 * longer than all else a command does that only reads files. A chunk without it is returned as it is.
 */
export function lazyRequire(text: string): string {
  return text.replace(
    EAGER,
    (_, name) =>
      `var ${name}=(...x)=>(${name}.made??=process.getBuiltinModule("node:module").createRequire(import.meta.url))(...x);`,
  );
}

if (import.meta.main) {
  for (const file of Deno.args) Deno.writeTextFileSync(file, lazyRequire(Deno.readTextFileSync(file)));
}
