// Rewrites the golden files: deno run --allow-read --allow-write tests/golden/render/update.ts
// Look at the difference before committing it: it is what every site will see.
import { GOLDEN, GOLDEN_CASES, renderGolden } from "../../lib/slurm_conf/render/golden_cases.ts";

for (const test of GOLDEN_CASES) {
  const folder = new URL(`${test.name}/`, GOLDEN);
  Deno.mkdirSync(folder, { recursive: true });
  const files = await renderGolden(test);
  for (const { name } of Deno.readDirSync(folder)) {
    if (!files.some((file) => file.name === name)) Deno.removeSync(new URL(name, folder));
  }
  for (const { name, text } of files) Deno.writeTextFileSync(new URL(name, folder), text);
}
