import type { Machine } from "./machine.ts";
import type { Volume } from "./state_location_checks.ts";

/** The file system that a path lies on, by stat(1); undefined where it does not say. */
export async function volumeOf(machine: Machine, path: string): Promise<Volume | undefined> {
  const ran = await machine.run(["stat", "-f", "--printf", "%T\t%a\t%S", "--", path]);
  if (ran.kind !== "ended" || ran.code !== 0) return undefined;
  const [type, blocks, size] = ran.stdout.split("\t");
  return { type: type!, free: Number(blocks) * Number(size) };
}
