// What lint reads, of what the daemons were asked: deno run -A tests/oracle/merged.ts makes it again.
import { ORACLE_VERSIONS } from "../../lib/slurm_conf/oracle.ts";
import { printData } from "./store.ts";

/** The answers of one daemon as `deno task oracle` commits them; lib/slurm_conf/data/oracle_VERSION.json. */
export interface DaemonData {
  readonly slurm: string;
  readonly words: readonly string[];
  readonly handedOn: Readonly<Record<string, string>>;
  readonly sets: readonly object[];
  readonly keys: Readonly<Record<string, { readonly set: number }>>;
}

const SOURCE =
  "lib/slurm_conf/data/oracle_VERSION.json in the form that lint reads, made with them by `deno task oracle`: the daemons' words and sets of answers once for all, each set as the text of its JSON, keys in lower case with the place of their set for each daemon, - where it was not asked.";

/**
 * The answers of all daemons, oldest first, as the text of lib/slurm_conf/data/oracle_all.json. A lint of a few keys
 * parses their sets alone; what `scontrol show` gives, which lint doesn't ask, is left out.
 */
export function mergedOracle(daemons: readonly DaemonData[]): string {
  const words: string[] = [];
  const sets: string[] = [];
  const placeOf = (list: string[], one: string) => {
    if (!list.includes(one)) list.push(one);
    return list.indexOf(one);
  };
  const places = daemons.map(({ words: own, sets: ownSets }) =>
    ownSets.map((set) =>
      placeOf(sets, withCodes(set, (code) => `${code[0]}${placeOf(words, own[Number(code.slice(1))]!)}`))
    )
  );
  return printData({
    source: SOURCE,
    slurm: daemons.map(({ slurm }) => slurm),
    words,
    handedOn: rows(daemons.map(({ handedOn }) => handedOn)),
    sets,
    keys: rows(
      daemons.map(({ keys }, daemon) =>
        Object.fromEntries(
          Object.entries(keys).map(([name, { set }]) => [name, String(places[daemon]![set]!)]),
        )
      ),
    ),
  });
}

/** A set as the text of its JSON, its codes other ones; `a` stays. */
function withCodes(set: object, to: (code: string) => string): string {
  const code = (one: string) => one === "a" ? one : to(one);
  const { numbers, values, ...rest } = set as { numbers: string; values: Record<string, string[]> };
  return JSON.stringify({
    ...rest,
    numbers: numbers.replaceAll(/(?<=:)\S+/g, code),
    values: Object.fromEntries(Object.entries(values).map(([one, list]) => [code(one), list])),
  });
}

/** `TABLE KEY` in lower case, and each daemon's value behind it. */
function rows(daemons: readonly Readonly<Record<string, string>>[]): string[] {
  const byName = daemons.map((daemon) =>
    new Map(Object.entries(daemon).map(([name, value]) => [name.toLowerCase(), value]))
  );
  return [...new Set(byName.flatMap((daemon) => [...daemon.keys()]))].map((name) =>
    [name, ...byName.map((daemon) => daemon.get(name) ?? "-")].join(" ")
  );
}

/** Where the answers of a release stand, or all of them (`all`). */
export function dataFile(name: string): URL {
  return new URL(`../../lib/slurm_conf/data/oracle_${name}.json`, import.meta.url);
}

/** Makes oracle_all.json of the answers that are committed. */
export function writeMerged(): void {
  const daemons = ORACLE_VERSIONS.map((version) => JSON.parse(Deno.readTextFileSync(dataFile(version))));
  Deno.writeTextFileSync(dataFile("all"), mergedOracle(daemons));
}

if (import.meta.main) writeMerged();
