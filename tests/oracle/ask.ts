import type { SlurmVersion } from "../e2e/rig.ts";
import { BASE, type Change, changed, type ConfFiles } from "./base.ts";
import { askDaemon, type Seen } from "./daemon.ts";
import { baseLines, judge, type Verdict } from "./verdict.ts";
import { VALUED_PARAMETERS } from "./words.ts";

/** Asks a daemon about changes, one at a time. */
export type Ask = (changes: readonly (readonly Change[])[]) => Promise<readonly Asked[]>;

/** What a daemon did with a set of changes made together. */
export interface Asked {
  readonly verdict: Verdict;
  readonly seen: Seen;
}

/** An innocent change of each table: what the daemon says of it, it says of the table's record as such. */
const INNOCENT: readonly Change[] = [
  { table: "NodeName", key: "Weight", value: "1" },
  { table: "PartitionName", key: "Hidden", value: "NO" },
  { table: "NodeSet", key: "Nodes", value: "c0" },
  { table: "DownNodes", key: "Reason", value: "x" },
  { table: "gres.conf", key: "Count", value: "2" },
  { table: "topology.conf", key: "Nodes", value: "c[0-3]" },
  { table: "topology.conf", key: "BlockName", value: "b0" },
];

/** A way to ask the daemon of a version, with what it always says left out. */
export async function asker(version: SlurmVersion): Promise<Ask> {
  const base = await alwaysSaid(version, INNOCENT);
  return async (changes) => {
    const seen = await askDaemon(version, changes.map(changed));
    return seen.map((one, index) => ({ seen: one, verdict: judge(one, base, changes[index]!) }));
  };
}

/** Asks a daemon about changes, each alone. */
export async function askEach(version: SlurmVersion, changes: readonly Change[]): Promise<Verdict[]> {
  const ask = await asker(version);
  return (await ask(changes.map((change) => [change]))).map(({ verdict }) => verdict);
}

/** Asks a daemon about whole configurations; `changes` are those whose values are taken out of its words. */
export async function askConfigurations(
  version: SlurmVersion,
  inputs: readonly { readonly files: ConfFiles; readonly changes: readonly Change[] }[],
  hosts?: readonly string[],
): Promise<Verdict[]> {
  const base = await alwaysSaid(version, []);
  const seen = await askDaemon(version, inputs.map(({ files }) => files), hosts);
  return seen.map((one, index) => judge(one, base, inputs[index]!.changes));
}

/** Lines that a daemon logs on the base configuration and on those changes of it. */
async function alwaysSaid(version: SlurmVersion, changes: readonly Change[]): Promise<ReadonlySet<string>> {
  // topology/block came with 23.11.
  const innocent = changes.filter(({ key }) => key !== "BlockName" || version !== "22.05");
  const plain = await askDaemon(version, [BASE, ...innocent.map((change) => changed([change]))]);
  const refused = plain.findIndex(({ outcome }) => outcome !== "starts");
  if (refused !== -1) {
    throw new Error(
      `slurmctld ${version} ${plain[refused]!.outcome} base ${refused}:\n${plain[refused]!.log.join("\n")}`,
    );
  }
  return new Set(plain.flatMap((seen) => [...baseLines(seen)]));
}

/** Changes asked together where each is likely to be taken: what is not, is found by halving. */
const BATCH = 16;

/** Asks about each change alone, or, where `likely`, together with others: a daemon in silence takes them all. */
export async function askAll(
  ask: Ask,
  changes: readonly Change[],
  likely: (change: Change) => boolean,
): Promise<Map<Change, Asked>> {
  const answers = new Map<Change, Asked>();
  let groups: (readonly Change[])[] = [
    ...changes.filter((change) => !likely(change)).map((change) => [change]),
    ...batches(changes.filter(likely)),
  ];
  while (groups.length > 0) {
    const asked = await ask(groups.map(joined));
    const open: (readonly Change[])[] = [];
    groups.forEach((group, index) => {
      const answer = asked[index]!;
      if (group.length === 1 || answer.verdict.outcome === "accepted") {
        for (const change of group) answers.set(change, answer);
      } else {
        const half = Math.ceil(group.length / 2);
        open.push(group.slice(0, half), group.slice(half));
      }
    });
    groups = open;
  }
  return answers;
}

/** Groups in which no setting of a record stands twice; words of one parameter are joined. */
function batches(changes: readonly Change[]): Change[][] {
  const groups: Change[][] = [];
  for (const change of changes) {
    const fits = groups.find((group) =>
      group.length < BATCH && group[0]!.table === change.table &&
      group.every((other) => mayStandTogether(other, change))
    );
    if (fits === undefined) groups.push([change]);
    else fits.push(change);
  }
  return groups;
}

function mayStandTogether(one: Change, other: Change): boolean {
  if (one.key !== other.key) return true;
  const word = (change: Change) => /^(\w+)=/.exec(change.value)?.[1];
  return VALUED_PARAMETERS.includes(one.key) && word(one) !== undefined && word(other) !== undefined &&
    word(one) !== word(other);
}

function joined(group: readonly Change[]): readonly Change[] {
  const byKey = new Map<string, Change>();
  for (const change of group) {
    const before = byKey.get(change.key);
    byKey.set(
      change.key,
      before === undefined ? change : { ...change, value: `${before.value},${change.value}` },
    );
  }
  return [...byKey.values()];
}
