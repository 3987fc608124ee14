/**
 * `deno task verify:upgrade VERSION [WORDS]`: from the last release without a worker to this one and back, on a real
 * slurmctld, with what may be under way then; writes the outcome next to this file. SLURM_EC2_FORMER_FILE names the former
 * release where it has been built before.
 */
import { startFormer, UPGRADE_ROWS } from "../e2e/upgrade_rows.ts";
import { formerFile } from "../fixtures/former_file.ts";
import { verifyRows } from "./rows.ts";

const directory = await Deno.makeTempDir({ prefix: "slurm-ec2-former-" });
await Deno.chmod(directory, 0o755);
globalThis.addEventListener("unload", () => Deno.removeSync(directory, { recursive: true }));
const file = Deno.env.get("SLURM_EC2_FORMER_FILE") ?? await formerFile(directory);
await verifyRows("upgrade", UPGRADE_ROWS, (version) => startFormer(version, file));
