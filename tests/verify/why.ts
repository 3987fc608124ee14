/**
 * `deno task verify:why VERSION [WORDS]`: every class of `why`, asked of a real slurmctld with a simulated EC2 behind it;
 * writes the outcome next to this file. Some minutes, mostly waiting.
 */
import { startWhy, WHY_ROWS } from "../e2e/why_rows.ts";
import { verifyRows } from "./rows.ts";

await verifyRows("why", WHY_ROWS, startWhy);
