import { giveToDirectoryOwnerSync, makeStateDirectorySync } from "../base/directory_owner.ts";
import { readPlainFile } from "../base/plain_file.ts";
import type { FormerIntent, FormerUnended } from "../controller/hand_back.ts";

/**
 * Leaves what a release before the worker reads when its next hook comes; it lists the cluster as well, since it finds
 * no hints. What such a file holds already stays.
 * @throws {Error} of Deno when it can't be written
 */
export function writeFormerFiles(
  stateDir: string,
  { unended, intents = [] }: {
    readonly unended: Readonly<Record<string, FormerUnended>>;
    readonly intents?: readonly FormerIntent[];
  },
): void {
  if (Object.keys(unended).length > 0) {
    writeJson(`${stateDir}/unended.json`, { ...readRecord(`${stateDir}/unended.json`), ...unended });
  }
  if (intents.length > 0) makeStateDirectorySync(`${stateDir}/intents`);
  for (const intent of intents) writeJson(`${stateDir}/intents/${intent.input.ClientToken}.json`, intent);
}

function writeJson(path: string, value: unknown): void {
  const temporary = `${path}.${crypto.randomUUID()}.tmp`;
  Deno.writeTextFileSync(temporary, JSON.stringify(value), { mode: 0o640, createNew: true });
  giveToDirectoryOwnerSync(temporary);
  Deno.renameSync(temporary, path);
}

function readRecord(path: string): Readonly<Record<string, unknown>> {
  try {
    const value = JSON.parse(new TextDecoder().decode(readPlainFile(path, { maxBytes: 1024 * 1024 })));
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
  } catch {
    return {};
  }
}
