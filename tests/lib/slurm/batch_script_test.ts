import { assertEquals, assertThrows } from "@std/assert";
import { parseBatchScript } from "../../../lib/slurm/batch_script.ts";

const pure = { permissions: "none" } as const;

for (
  const [what, lines, nodes, seconds, partition] of [
    ["nothing", [], 1, undefined, undefined],
    ["short options", ["#SBATCH -N 4 -t 90 -p long"], 4, 5_400, "long"],
    ["short options without blanks", ["#SBATCH -N4 -t1-0 -plong"], 4, 86_400, "long"],
    [
      "long options",
      ["#SBATCH --nodes=2-8", "#SBATCH --time=1:30:00", "#SBATCH --partition=a,b"],
      8,
      5_400,
      "a",
    ],
    ["quotes and a comment", ['#SBATCH --time "2-12:30" # a weekend'], 1, 217_800, undefined],
    ["minutes and seconds", ["#SBATCH -t 10:30"], 1, 630, undefined],
    ["no time limit", ["#SBATCH -t UNLIMITED"], 1, undefined, undefined],
    ["the later line", ["#SBATCH -N 4", "#SBATCH -N 2"], 2, undefined, undefined],
    ["no line behind a command", ["srun true", "#SBATCH -N 4"], 1, undefined, undefined],
    ["other options", ["#SBATCH --ntasks-per-node=4 --nodelist=c[1-4]"], 1, undefined, undefined],
    ["lines that are switched off", ["##SBATCH -N 4"], 1, undefined, undefined],
  ] as const
) {
  Deno.test(`parseBatchScript() reads ${what}`, pure, () => {
    assertEquals(parseBatchScript(["#!/bin/sh", "", ...lines, "true", ""].join("\n")), {
      nodes,
      ...(seconds !== undefined && { seconds }),
      ...(partition !== undefined && { partition }),
    });
  });
}

for (
  const [line, says] of [
    ["#SBATCH -N many", 'line 2: "many" is not a number of nodes'],
    ["#SBATCH -N 0", 'line 2: "0" is not a number of nodes'],
    ["#SBATCH -t soon", 'line 2: "soon" is not a time limit'],
  ] as const
) {
  Deno.test(`parseBatchScript() names the line of ${line}`, pure, () => {
    assertEquals(assertThrows(() => parseBatchScript(`#!/bin/sh\n${line}\n`), SyntaxError).message, says);
  });
}
