import { assertEquals } from "@std/assert";
import { parseText } from "../../../../lib/slurm_conf/parse.ts";
import { GOLDEN, GOLDEN_CASES, renderGolden } from "./golden_cases.ts";

const read = [
  new URL("../../../golden/render", import.meta.url),
  new URL("../../../../lib", import.meta.url),
];

for (const test of GOLDEN_CASES) {
  const folder = new URL(`${test.name}/`, GOLDEN);
  Deno.test({
    name: `renderSlurmConf() gives the golden files of ${test.name}`,
    permissions: { read },
    async fn() {
      const files = await renderGolden(test);
      const installed = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
      assertEquals(files.map(({ name }) => name).toSorted(), installed);
      for (const { name, text } of files) {
        assertEquals(text, Deno.readTextFileSync(new URL(name, folder)), `${test.name}/${name}`);
      }
    },
  });

  Deno.test({
    name: `renderSlurmConf() gives the same bytes twice, free of parse problems, for ${test.name}`,
    permissions: { read },
    async fn() {
      const files = await renderGolden(test);
      assertEquals(await renderGolden(test), files);
      for (const { name, text } of files) {
        // Neither is a file of Slurm's.
        if (["slurm.conf.include", "ready.conf"].includes(name)) continue;
        assertEquals(parseText(text, name).problems.map(({ message }) => message), [], name);
      }
    },
  });
}
