import type { Output } from "./host.ts";

/** A progress bar; on anything but a terminal it is silent. */
export interface Progress {
  /** How far it is; `total` where that has become known better. */
  update(value: number, total?: number): void;
  /** Takes the bar away; the code that began one ends it, whatever happened. */
  stop(): void;
  /** Settles when the bar can be drawn: to be waited for before work that never lets go of the thread. */
  readonly ready: Promise<void>;
}

/** What a bar says. */
export interface ProgressOptions {
  readonly label: string;
  readonly total: number;
  /** Nothing is to be shown: results go to a program. */
  readonly quiet?: boolean;
  /** Milliseconds before anything is shown, so that short work shows nothing (300). */
  readonly delay?: number;
}

const SILENT: Progress = { update() {}, stop() {}, ready: Promise.resolve() };
const DELAY = 300;

/** Widest bar, in characters. */
const BAR_MAX = 40;

/** A bar for work whose length shows only as it goes on: calls to AWS. */
export function callsBar(output: Output, options: { readonly quiet?: boolean }): Progress {
  return progressBar(output, { label: "asking AWS", total: 1, ...options });
}

/**
 * Shows how far a long step is, on a terminal only; what draws it is loaded only there. A bar is a decoration: when it
 * can't be loaded or drawn there is none, and no method throws.
 */
export function progressBar(output: Output, options: ProgressOptions): Progress {
  if (!output.isTerminal || options.quiet || options.total === 0) return SILENT;
  return shownBar(output, options);
}

function shownBar(output: Output, { label, total, delay = DELAY }: ProgressOptions): Progress {
  const now = { value: 0, total, ended: false };
  const due = Date.now() + delay;
  let draw: ((value: number, total: number) => void) | undefined;
  let end: (() => void) | undefined;
  const refresh = () => {
    if (!now.ended && Date.now() >= due) decorate(() => draw?.(now.value, now.total));
  };
  /** A bar that can't be drawn (its terminal is gone, say) is left out: the command goes on without it. */
  const decorate = (show: () => void) => {
    try {
      show();
    } catch {
      draw = end = undefined;
    }
  };
  const timer = setTimeout(refresh, delay);
  const ready = library().then(({ Presets, SingleBar }) => {
    const room = output.columns - label.length - 2 * String(total).length - 10;
    const bar = new SingleBar({
      format: `${label} {bar} {value}/{total}`,
      barsize: Math.max(5, Math.min(BAR_MAX, room)),
      stream: terminalOf(output),
      clearOnComplete: true,
      // Neither cursor nor line wrap is touched: who presses Ctrl-C gets the terminal back as it was.
      hideCursor: false,
      linewrap: true,
      fps: 20,
    }, Presets.shades_classic);
    let begun = false;
    draw = (value, total) => {
      if (!begun) bar.start(total, value);
      begun = true;
      bar.setTotal(total);
      bar.update(value);
    };
    end = () => begun && bar.stop();
    refresh();
  }).catch(() => {});
  return {
    ready,
    update(value, total = now.total) {
      Object.assign(now, { value, total });
      refresh();
    },
    stop() {
      now.ended = true;
      clearTimeout(timer);
      decorate(() => end?.());
    },
  };
}

/** Loads what draws bars on this output, for work that prints lines before its bar; never throws. */
export async function loadBar(output: Output): Promise<void> {
  if (output.isTerminal) await library().catch(() => {});
}

/** What draws bars. It is CommonJS: sources see its names, and a bundle has `default` only. */
async function library(): Promise<typeof import("cli-progress")> {
  const loaded: typeof import("cli-progress") & { readonly default?: typeof import("cli-progress") } =
    await import("cli-progress");
  return loaded.default ?? loaded;
}

/** An output as the library takes a terminal. */
function terminalOf(output: Output): NodeJS.WritableStream {
  return {
    isTTY: true,
    columns: output.columns,
    write: (text: string) => {
      output.write(text);
      return true;
    },
  } as unknown as NodeJS.WritableStream;
}

/**
 * The same port, whose calls a bar counts: those answered, of those asked so far. Several ports may share a bar.
 */
export function watchCalls(bar: Progress): <T extends object>(port: T) => T {
  const count = { asked: 0, answered: 0 };
  const show = () => bar.update(count.answered, Math.max(1, count.asked));
  return (port) =>
    new Proxy(port, {
      get(target, name) {
        const method: unknown = Reflect.get(target, name);
        if (typeof method !== "function") return method;
        return (...args: unknown[]) => {
          count.asked++;
          show();
          const answer = Promise.resolve(method.apply(target, args));
          return answer.finally(() => {
            count.answered++;
            show();
          });
        };
      },
    });
}
