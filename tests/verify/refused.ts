/**
 * `deno task verify:refused VERSION [WORDS]`: a job in a group of 200 nodes whose launch is refused, by each class of
 * refusals, on a real slurmctld; writes the outcome next to this file. About two minutes a class, mostly waiting.
 */
import { REFUSED_ROWS, startRefused } from "../e2e/refused_rows.ts";
import { verifyRows } from "./rows.ts";

await verifyRows("refused", REFUSED_ROWS, startRefused);
