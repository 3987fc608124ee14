/** `deno task verify:takeover VERSION [WORDS]`: every row of two hosts on real slurmctlds; writes the outcome next to this file. */
import { TAKEOVER_ROWS } from "../e2e/takeover_rows.ts";
import { startTwoHosts } from "../e2e/two_hosts.ts";
import { verifyRows } from "./rows.ts";

await verifyRows("takeover", TAKEOVER_ROWS, startTwoHosts);
