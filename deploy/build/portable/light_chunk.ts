/** What the bundler puts into a chunk for CommonJS packages that call `require`. */
const EAGER =
  /import\s*\{\s*createRequire as __deno_internal_createRequire\s*\}\s*from\s*"node:module";\s*var (\w+)\s*=\s*__deno_internal_createRequire\(import\.meta\.url\);/;

/**
 * A chunk of a bundle, before it is minified, without what costs a start time and keeps code that nobody uses. One
 * that has none of it is returned as it is.
 */
export function lightChunk(text: string): string {
  return withoutPaths(literalKeys(lazyRequire(text)));
}

/** Where a package lay when it was bundled is of no use to the program, and differs from machine to machine. */
function withoutPaths(text: string): string {
  return text.replaceAll(/^\/\/ [\w@.+-]*(?:\/[\w@.+-]+)+\n|^\/\/ [\w-]+\.ts\n/gm, "").replaceAll(
    /\b(__esm|__commonJS)(\w*)\(\{\s*"[^"]+"\(/g,
    '$1$2({ "it"(',
  );
}

/** Parts of Node that are there without being asked for; of node:buffer, only what is global is used. */
const GLOBALS: Readonly<Record<string, string>> = {
  "node:process": "globalThis.process",
  "node:buffer": "globalThis",
};

/**
 * Node's module system is loaded when something other than a part of Node is required, not when the program starts:
 * that takes longer than all else a command does that only reads files.
 */
export function lazyRequire(text: string): string {
  return text.replace(
    EAGER,
    (_, name) =>
      `var ${name}=(...x)=>(${name}.made??=process.getBuiltinModule("node:module").createRequire(import.meta.url))(...x);`,
  ).replaceAll(
    /\b__require\("(node:[\w/]+)"\)/g,
    (_, name: string) => GLOBALS[name] ?? `process.getBuiltinModule("${name}")`,
  );
}

/** Names that the chunk has for strings which are identifiers: `var _eQN = "ec2QueryName";`. */
const NAMES = /^(?:var|const) (_\w+) = "([A-Za-z_]\w*)";$/gm;

/**
 * The AWS SDK describes every operation of a service in one module and writes the keys of these descriptions as
 * `[_eQN]: …`. For all that the bundler knows, such a key may do anything when it is read, so it keeps EC2's seven
 * hundred operations for the ten that are used. With the keys written out it drops the others.
 */
export function literalKeys(text: string): string {
  const names = new Map([...text.matchAll(NAMES)].map(([, name, value]) => [name!, value!]));
  return text.replaceAll(
    /(?<=[{,]\s*)\[(_\w+)\]:/g,
    (key, name: string) => names.has(name) ? `${names.get(name)}:` : key,
  );
}

/**
 * A minified chunk whose commands and connections are loaded when they are asked for. Deno reads all that it sees an
 * `import()` of before the first line runs, the whole program for `--version`: a name that is worked out it doesn't see.
 */
export function onDemand(text: string): string {
  return text.replaceAll(/(?<=\bload:async\(\)=>\(await import\()"\.\/[^"]+"(?=\))/g, "String($&)");
}
