import type { Mutation } from "./controller_mutations.ts";

/** One break for each protection of the state, the queue and the files next to them; files are below lib/store/. */
export const STORE_MUTATIONS: readonly Mutation[] = [
  {
    name: "a table whose pages are damaged is trusted as long as it can be read",
    file: "sqlite_file.ts",
    from: 'if (answer !== "ok") return',
    to: 'if (answer === "") return',
  },
  {
    name: "a database that is a link is opened",
    file: "sqlite_file.ts",
    from: 'if (why !== undefined) return { kind: "damaged", why };',
    to: "",
  },
  {
    name: "an empty file, or another program's, is ours",
    file: "sqlite_file.ts",
    from: 'if (pragma("application_id") !== APPLICATION_ID) {',
    to: 'if (pragma("application_id") < 0) {',
  },
  {
    name: "a newer release's file is read",
    file: "sqlite_file.ts",
    from: 'if (version > SCHEMA_VERSION) return { kind: "newer", version };',
    to: "",
  },
  {
    name: "another cluster's file is ours",
    file: "sqlite_file.ts",
    from: 'return owner === cluster ? undefined : { kind: "foreign", cluster: owner };',
    to: "return undefined;",
  },
  {
    name: "a record of another shape is taken in",
    file: "sqlite.ts",
    from: "if (isRecordOf(field, String(key), value)) found",
    to: "if (value !== undefined) found",
  },
  {
    name: "a state with records left out counts as listed",
    file: "sqlite.ts",
    from: "const { listedAt: _, ...rest } = state;",
    to: "const { ...rest } = state;",
  },
  {
    name: "writes go on into a database that was removed",
    file: "guarded_store.ts",
    from: "if (this.#kept && !this.#inner.isInPlace()) this.#moveAfterRemoval();",
    to: "",
  },
  {
    name: "what was committed is lost when the process is killed",
    file: "sqlite.ts",
    from: 'this.#db.exec("COMMIT");',
    to: 'if (this.#state.lastGeneration < 0) this.#db.exec("COMMIT");',
  },
  {
    name: "a queue that is a link is read",
    file: "queue.ts",
    from:
      'if (Deno.lstatSync(this.#dir).isSymlink) throw new Error("it is a link, and must be a directory");',
    to: "",
  },
  {
    name: "a request that is a link is read",
    file: "queue.ts",
    from: "readPlainFile(path, { maxBytes: MAX_BYTES }),",
    to: "Deno.readFileSync(path),",
  },
  {
    name: "a request that was cut short is served",
    file: "request_file.ts",
    from: "if (!/\\nend\\n?$/.test(body)) throw",
    to: 'if (body === "never") throw',
  },
  {
    name: "a heartbeat is written through a link",
    file: "overwrite.ts",
    from: "if (!Deno.lstatSync(path).isFile) Deno.removeSync(path);",
    to: "",
  },
  {
    name: "what an older release remembered stays believed",
    file: "legacy.ts",
    from: "for (const name of found) Deno.renameSync(`${dir}/${name}`, `${aside}/${name}`);",
    to: "",
  },
];
