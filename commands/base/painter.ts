import { type Paint, PLAIN } from "../../lib/base/paint.ts";
import type { Host, Output } from "./host.ts";

/**
 * How a command paints what it prints there: in colours on a terminal, unless `NO_COLOR` is set. The one place that
 * decides it; what colours are made with is loaded only then.
 */
export async function painter(host: Pick<Host, "noColor">, output: Output): Promise<Paint> {
  if (!output.isTerminal || host.noColor === true) return PLAIN;
  return (await import("../../lib/base/ansi_paint.ts")).ansiPaint;
}
