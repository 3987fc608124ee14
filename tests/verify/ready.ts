/** `deno task verify:ready VERSION [WORDS]`: every row of ready on a real slurmctld; writes the outcome next to this file. */
import { READY_ROWS } from "../e2e/ready_rows.ts";
import { startReadyRig } from "../e2e/ready_rig.ts";
import { verifyRows } from "./rows.ts";

await verifyRows(
  "ready",
  READY_ROWS,
  (version, row) => startReadyRig({ version, ...row.options?.(version) }),
);
