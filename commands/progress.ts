import { Presets, SingleBar } from "cli-progress";
import type { Output } from "./host.ts";

/** A progress bar; on anything but a terminal it is silent. */
export interface Progress {
  update(value: number): void;
  stop(): void;
}

const SILENT: Progress = { update() {}, stop() {} };

/** Shows how far a long step is, on a terminal only. */
export function progressBar(
  output: Output,
  options: { readonly label: string; readonly total: number; readonly quiet?: boolean },
): Progress {
  if (!output.isTerminal || options.quiet || options.total === 0) return SILENT;
  const bar = new SingleBar(
    { format: `${options.label} {bar} {value}/{total}`, clearOnComplete: true, hideCursor: true },
    Presets.shades_classic,
  );
  bar.start(options.total, 0);
  return { update: (value) => bar.update(value), stop: () => bar.stop() };
}
