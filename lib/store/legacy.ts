import { giveToDirectoryOwnerSync, makeStateDirectorySync } from "../base/directory_owner.ts";
import { errorText } from "../base/error_text.ts";
import { notPlain, readPlainFile } from "../base/plain_file.ts";
import type { BootFailures } from "../cluster/boot_failures.ts";
import type { State } from "../controller/state.ts";

/**
 * What releases before the worker kept in stateDir and believed of their next run: hints of instance ids, launches that
 * were not settled, cooldowns and ends to be tried again. Such a release lists the cluster where they are missing, so
 * going back to it is safe once they are gone.
 */
const BELIEVED = ["hints.json", "intents", "cooldowns.json", "unended.json", "hooks"] as const;

/** What is still of use to us and to them; it stays, and is read once. */
const KEPT = { bootFailures: "boot_failures.json", parameters: "parameters.json" } as const;

/** Bytes of the largest of these files that is read: values of thousands of parameters. */
const MAX_BYTES = 16 * 1024 * 1024;

/** Where it is set aside, below stateDir. */
const ASIDE = "before-worker";

/** What an older release has left behind. */
export interface Legacy {
  /** Boots in a row that never registered, as it counted them. */
  readonly bootFailures: BootFailures;
  /** The values that SSM gave it last. */
  readonly parameters: State["parameters"];
}

/**
 * Sets aside what an older release believes of its next run. Its hooks have ended: see {@link waitForOldHooks}.
 *
 * @returns what is of use to the new state; undefined when no older release has worked here since the last time
 */
export function takeOver(dir: string, wall: number, say: (sentence: string) => void): Legacy | undefined {
  const found = BELIEVED.filter((name) => isInUse(`${dir}/${name}`));
  if (found.length === 0) return undefined;
  const stamp = new Date(wall).toISOString().replaceAll(/[-:]|\.\d+/g, "");
  const aside = `${dir}/${ASIDE}/${stamp}`;
  try {
    makeStateDirectorySync(aside);
    for (const name of found) Deno.renameSync(`${dir}/${name}`, `${aside}/${name}`);
    say(
      `An older release has worked in ${dir}: what it remembered (${
        found.join(", ")
      }) is set aside in ${aside}, EC2 is listed`,
    );
  } catch (error) {
    say(
      `Can't set aside what an older release left in ${dir} (${errorText(error)}): remove ${
        found.join(", ")
      } there before you go back to it`,
    );
  }
  return {
    bootFailures: bootFailuresOf(readJson(`${dir}/${KEPT.bootFailures}`)),
    parameters: parametersOf(readJson(`${dir}/${KEPT.parameters}`)),
  };
}

/** The state of a worker that takes over: older boots and values count where it has none; EC2 is listed first. */
export function withLegacy(state: State, legacy: Legacy): State {
  const { listedAt: _, ...rest } = state;
  return {
    ...rest,
    bootFailures: { ...legacy.bootFailures, ...state.bootFailures },
    parameters: new Map([...legacy.parameters, ...state.parameters]),
  };
}

/** Cluster whose hooks an older release has run here; undefined when none has, or it does not say. */
export function legacyCluster(dir: string): string | undefined {
  const value = readJson(`${dir}/cluster.json`);
  return typeof value === "string" ? value : undefined;
}

/** Says whose stateDir it is, for `install` and for an older release. Costs nothing where it can't be written. */
export function writeLegacyCluster(dir: string, cluster: string): void {
  if (legacyCluster(dir) === cluster) return;
  try {
    const temporary = `${dir}/cluster.json.${crypto.randomUUID()}.tmp`;
    Deno.writeTextFileSync(temporary, JSON.stringify(cluster), { mode: 0o640, createNew: true });
    giveToDirectoryOwnerSync(temporary);
    Deno.renameSync(temporary, `${dir}/cluster.json`);
  } catch {
    // The state itself says it, too.
  }
}

/** Milliseconds between two looks at the older hooks. */
const POLL = 200;

/** Milliseconds that they are waited for: their own deadlines end them within slurmctld's ResumeTimeout, 600 s as a rule. */
const LONGEST_HOOK = 660_000;

/**
 * Waits until no hook of an older release is at work here: it holds a lock on a file of its own in `hooks/`. A hook that
 * goes on for longer than any may is reported, and not waited for.
 */
export async function waitForOldHooks(
  dir: string,
  { sleep, say }: {
    readonly sleep: (milliseconds: number) => Promise<void>;
    readonly say: (sentence: string) => void;
  },
): Promise<void> {
  let held = await heldHooks(dir);
  if (held.length === 0) return;
  say(`Waiting for ${held.length} hooks of an older release that are at work in ${dir}`);
  for (let waited = 0; held.length > 0; waited += POLL) {
    if (waited > LONGEST_HOOK) {
      say(
        `Hooks of an older release still hold ${
          held.map((name) => `${dir}/hooks/${name}`).join(", ")
        }: end them`,
      );
      return;
    }
    await sleep(POLL);
    held = await heldHooks(dir);
  }
}

async function heldHooks(dir: string): Promise<string[]> {
  const held: string[] = [];
  for (const name of names(`${dir}/hooks`)) {
    try {
      if (notPlain(`${dir}/hooks/${name}`) !== undefined) continue;
      using file = await Deno.open(`${dir}/hooks/${name}`, { read: true });
      if (!await file.tryLock(false)) held.push(name);
    } catch {
      // It has ended in between.
    }
  }
  return held;
}

/** A file, or a directory with something in it: an older release leaves its directories empty when all is settled. */
function isInUse(path: string): boolean {
  try {
    const info = Deno.lstatSync(path);
    return !info.isDirectory || names(path).length > 0;
  } catch {
    return false;
  }
}

function names(dir: string): string[] {
  try {
    return [...Deno.readDirSync(dir)].map(({ name }) => name);
  } catch {
    return [];
  }
}

function readJson(path: string): unknown {
  try {
    // What is not a plain file might never end.
    return JSON.parse(new TextDecoder().decode(readPlainFile(path, { maxBytes: MAX_BYTES })));
  } catch {
    return undefined;
  }
}

function bootFailuresOf(value: unknown): BootFailures {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return {};
  return Object.fromEntries(Object.entries(value).filter((entry) => Number.isSafeInteger(entry[1])));
}

function parametersOf(value: unknown): State["parameters"] {
  const found = new Map<string, { name: string; type: "String"; value: string; version: number }>();
  for (const one of Array.isArray(value) ? value : []) {
    if (typeof one?.name !== "string" || typeof one.value !== "string") continue;
    found.set(one.name, {
      name: one.name,
      type: one.type ?? "String",
      value: one.value,
      version: one.version ?? 0,
    });
  }
  return found;
}
