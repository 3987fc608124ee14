import { testWhere } from "../test_where.ts";
import { READY_ROWS, type ReadyRow } from "./ready_rows.ts";
import { startReadyRig } from "./ready_rig.ts";
import { type SlurmVersion, whyNoRig } from "./rig.ts";
import { VERSIONS } from "./versions.ts";

// All rows: deno task verify:ready VERSION
for (const version of VERSIONS) {
  for (const row of READY_ROWS.filter(({ inCi }) => inCi)) {
    testWhere(whyNoRig(version), `ready on Slurm ${version}: ${row.name}`, () => runRow(version, row));
  }
}

async function runRow(version: SlurmVersion, row: ReadyRow): Promise<void> {
  const rig = await startReadyRig({ version, ...row.options?.(version) });
  try {
    await row.run(rig);
  } finally {
    await rig.close();
  }
}
