import { testWhere } from "../test_where.ts";
import { whyNoRig } from "./rig.ts";
import { TAKEOVER_ROWS } from "./takeover_rows.ts";
import { startTwoHosts } from "./two_hosts.ts";
import { VERSIONS } from "./versions.ts";

// All rows: deno task verify:takeover VERSION
for (const version of VERSIONS) {
  for (const row of TAKEOVER_ROWS.filter(({ inCi }) => inCi)) {
    testWhere(whyNoRig(version), `two hosts on Slurm ${version}: ${row.name}`, async () => {
      const hosts = await startTwoHosts(version);
      try {
        await row.run(hosts);
      } finally {
        await hosts.close();
      }
    });
  }
}
