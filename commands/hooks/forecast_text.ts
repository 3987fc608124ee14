import type { PlanOutput } from "./forecast_output.ts";

/** Pools that are printed of one group. */
const POOLS_MAX = 20;

/** A plan as people read it. */
export function forecastText(plan: PlanOutput): string {
  const { groups, held, served, calls, seconds, tooLate, launched, usdPerHour, usd, unpriced, timeLimit } =
    plan;
  const lines = groups.flatMap(groupLines);
  if (served !== "") lines.push(`Have an instance, or get one now: ${served}`);
  for (const { nodes, code, message } of held) lines.push(`Held back: ${nodes}: ${code}: ${message}`);
  if (tooLate > 0) lines.push(`Too late: EC2's buckets give ${tooLate} nodes after ResumeTimeout`);
  lines.push(
    `Launch: ${launched} instances by ${calls} RunInstances, the last after ${seconds.toFixed(1)} s`,
  );
  if (unpriced.length > 0) {
    lines.push(`Cost: not known, no price for ${unpriced.join(", ")}: slurm-ec2 config prices`);
  }
  if (usdPerHour !== undefined) {
    const total = usd === undefined
      ? ""
      : `, ${range(usd)} USD for its time limit of ${timeText(timeLimit!)}`;
    lines.push(`Cost: ${range(usdPerHour)} USD/h${total}`);
  }
  return `${lines.join("\n")}\n`;
}

function groupLines(
  { nodeGroup, nodes, count, pools, out, refusal }: PlanOutput["groups"][number],
): string[] {
  const lines = [`Node group ${nodeGroup}: ${count} nodes, ${nodes}`];
  if (refusal !== undefined) lines.push(`  nothing is launched: ${refusal.code}: ${refusal.message}`);
  pools.slice(0, POOLS_MAX).forEach((pool, i) => {
    const { instanceType, subnetId, capacityType, reservation, usdPerHour } = pool;
    const where = `${capacityType} in ${subnetId}${
      reservation === undefined ? "" : ` (reservation ${reservation})`
    }`;
    const price = usdPerHour === undefined ? "no price known" : `${usdPerHour} USD/h`;
    lines.push(`  ${i + 1}. ${instanceType} ${where}, ${price}`);
  });
  if (pools.length > POOLS_MAX) lines.push(`  and ${pools.length - POOLS_MAX} more`);
  for (const { pool, reason } of out.slice(0, POOLS_MAX)) lines.push(`  not ${pool}: ${reason}`);
  return lines;
}

/** `1.20`, or `1.20 to 1.44` where a later pool costs more. */
function range({ first, most }: { readonly first: number; readonly most: number }): string {
  const [a, b] = [first.toFixed(2), most.toFixed(2)];
  return a === b || most < first ? a : `${a} to ${b}`;
}

/** `1-02:03:04`, as Slurm writes times. */
function timeText(seconds: number): string {
  const two = (value: number) => String(Math.floor(value)).padStart(2, "0");
  const days = Math.floor(seconds / 86_400);
  const rest = `${two(seconds % 86_400 / 3_600)}:${two(seconds % 3_600 / 60)}:${two(seconds % 60)}`;
  return days === 0 ? rest : `${days}-${rest}`;
}
