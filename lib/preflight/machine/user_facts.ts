import type { Machine } from "./machine.ts";
import type { UserLook } from "./user_checks.ts";

/** Looks a user up as this machine has it, from whatever directory it asks. */
export async function lookUpUser(machine: Machine, name: string): Promise<UserLook> {
  // Never as an option: names come from files.
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.@-]*\$?$/.test(name)) return { kind: "absent" };
  const [uid, gid, gids, own] = await Promise.all(
    ["-u", "-g", "-G", "-un"].map((option) => machine.run(["id", option, name])),
  );
  for (const ran of [uid!, gid!, gids!, own!]) {
    if (ran.kind !== "ended") return ran;
    if (ran.code !== 0) return { kind: "absent" };
  }
  const text = (ran: typeof uid) => ran?.kind === "ended" ? ran.stdout.trim() : "";
  return {
    name: text(own),
    uid: Number(text(uid)),
    gid: Number(text(gid)),
    gids: text(gids).split(/\s+/).map(Number),
  };
}
