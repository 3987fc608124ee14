import type { Results } from "./results.ts";
export function renderBenchmarks(results: Results): string {
  return JSON.stringify(results.machine);
}
