// deno task oracle:check SEED [--count N] [--versions "22.05 24.11"] [--disagreements DIR] [--write]: draws inputs that are in no
// committed data, asks the live daemons and lint about them, and prints how often they agree.
import { parseArgs } from "node:util";
import { type SlurmVersion, whyNoRig } from "../e2e/rig.ts";
import { agreementOf, compare, describeDisagreement, isWrong } from "./agreement.ts";
import { heldOut } from "./held_out.ts";
import { printTable, writeTable } from "./table.ts";

const { values, positionals } = parseArgs({
  args: Deno.args,
  allowPositionals: true,
  options: {
    count: { type: "string", default: "400" },
    versions: { type: "string", default: "22.05 24.11 26.05" },
    disagreements: { type: "string" },
    write: { type: "boolean", default: false },
  },
});
const seed = Number(positionals[0]);
if (positionals.length !== 1 || !Number.isInteger(seed)) {
  console.error(
    'Usage: deno task oracle:check SEED [--count 400] [--versions "22.05 24.11 26.05"] [--disagreements DIR] [--write]',
  );
  Deno.exit(2);
}
const rows = [];
for (const version of values.versions.split(/[\s,]+/) as SlurmVersion[]) {
  const missing = whyNoRig(version);
  if (missing !== undefined) {
    console.error(`oracle:check: ${missing}`);
    Deno.exit(1);
  }
  const compared = await compare(version, heldOut(version, seed, Number(values.count)));
  rows.push({ version, ...agreementOf(compared) });
  const wrong = compared.filter(isWrong).map(describeDisagreement);
  if (values.disagreements === undefined) console.log(wrong.join("\n"));
  else {
    const text = `seed ${seed}, ${compared.length} inputs\n${wrong.join("\n")}\n`;
    await Deno.writeTextFile(`${values.disagreements}/disagreements-${version}.txt`, text);
  }
}
console.log(printTable(rows));
if (values.write) await writeTable(seed, rows);
