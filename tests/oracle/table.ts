import type { Agreement } from "./agreement.ts";

/** A version's agreement. */
export interface Row extends Agreement {
  readonly version: string;
}

const DOC = new URL("../../docs/lint-agreement.md", import.meta.url);
const START = "<!-- oracle:check -->";
const END = "<!-- /oracle:check -->";

/** The rows as a Markdown table. */
export function printTable(rows: readonly Row[]): string {
  const lines = rows.map((row) =>
    `| ${row.version} | ${row.inputs} | ${row.refusedFound} of ${row.refused} (${
      share(row.refusedFound, row.refused)
    }) | ${row.acceptedLeft} of ${row.accepted} (${
      share(row.acceptedLeft, row.accepted)
    }) | ${row.acceptedDead} | ${row.loggedFound} of ${row.logged} | ${row.machine} |`
  );
  return [
    "| Slurm | Inputs | Refused, lint has an error | Accepted, lint leaves it alone | of them: feature dead | Logged, lint has a finding | Machine's |",
    "| --- | --- | --- | --- | --- | --- | --- |",
    ...lines,
  ].join("\n");
}

function share(part: number, whole: number): string {
  return whole === 0 ? "-" : (part / whole).toFixed(3);
}

/** Puts the table and where it comes from into docs/lint-agreement.md. */
export async function writeTable(seed: number, rows: readonly Row[]): Promise<void> {
  const text = await Deno.readTextFile(DOC);
  const [head, rest] = text.split(START);
  const tail = rest!.split(END)[1]!;
  const today = new Date().toISOString().slice(0, 10);
  const table = `${printTable(rows)}\n\nSeed ${seed}, ${today}.`;
  await Deno.writeTextFile(DOC, `${head}${START}\n\n${table}\n\n${END}${tail}`);
}
