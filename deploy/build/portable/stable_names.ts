import { createHash } from "node:crypto";

/** Chunks import one another in circles, so a name is found in rounds: each takes in the names one step further. */
const ROUNDS = 12;

/**
 * A bundle's files under names that follow from their contents alone. The bundler's own names follow from where
 * the sources and the package cache lie, so that two checkouts would not make the same program.
 */
export function stableNames(files: ReadonlyMap<string, string>, entry: string): Map<string, string> {
  const names = [...files.keys()].filter((name) => name !== entry);
  const rename = (text: string, to: ReadonlyMap<string, string>) =>
    text.replace(/(?<=\.\/)[\w.-]+\.js(?=["'`])/g, (name) => to.get(name) ?? name);
  let to = new Map(names.map((name) => [name, "."]));
  for (let round = 0; round < ROUNDS; round++) {
    to = new Map(names.map((name) => [name, hash(rename(files.get(name)!, to))]));
  }
  const final = distinct(to);
  return new Map([...files].map(([name, text]) => [final.get(name) ?? name, rename(text, final)]));
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}

/** File names, with a number where two files don't differ at all. */
function distinct(hashes: ReadonlyMap<string, string>): Map<string, string> {
  const seen = new Map<string, number>();
  return new Map([...hashes].map(([name, hash]) => {
    const count = (seen.get(hash) ?? 0) + 1;
    seen.set(hash, count);
    const stem = name.replace(/(?:-(?:[0-9A-Z]{8}|[0-9a-f]{12}(?:-\d+)?))+\.js$/, "");
    return [name, `${stem}-${hash}${count > 1 ? `-${count}` : ""}.js`];
  }));
}
