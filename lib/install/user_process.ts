import { SYSTEM_PATH } from "../base/system_path.ts";
import { InstallError } from "./disk_problem.ts";

/** A user by numbers. */
export interface User {
  readonly uid: number;
  readonly gid: number;
}

/**
 * A user as the machine knows it, from whatever directory service it asks: getent(1).
 * @param text a name, `UID` or `UID:GID`.
 * @returns undefined where there is no such user.
 * @throws {InstallError} when getent can't be asked.
 */
export async function findUser(text: string): Promise<User | undefined> {
  const numbers = /^([0-9]+):([0-9]+)$/.exec(text);
  if (numbers) return { uid: Number(numbers[1]), gid: Number(numbers[2]) };
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.@-]*\$?$/.test(text)) return undefined;
  let said: Deno.CommandOutput;
  try {
    said = await new Deno.Command("getent", {
      args: ["passwd", text],
      env: { PATH: SYSTEM_PATH },
      stdin: "null",
      stderr: "null",
    }).output();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new InstallError(`Can't look user ${text} up: there is no getent; give numbers, --owner UID:GID`);
  }
  const fields = new TextDecoder().decode(said.stdout).split("\n", 1)[0]!.split(":");
  if (said.code !== 0 || fields.length < 4) return undefined;
  return { uid: Number(fields[2]), gid: Number(fields[3]) };
}

/** The name of a user, or its number where the machine has none for it. */
export function userName(uid: number): Promise<string> {
  return nameOf("passwd", uid);
}

/** The name of a group, or its number where the machine has none for it. */
export function groupName(gid: number): Promise<string> {
  return nameOf("group", gid);
}

async function nameOf(database: "passwd" | "group", id: number): Promise<string> {
  try {
    const { stdout } = await new Deno.Command("getent", {
      args: [database, String(id)],
      env: { PATH: SYSTEM_PATH },
      stdin: "null",
      stderr: "null",
    }).output();
    return new TextDecoder().decode(stdout).split(":", 1)[0]!.trim() || String(id);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return String(id);
  }
}
