import { type OpenedStore, openStore } from "../../../lib/store/open.ts";

/** A stateDir, and what its store said. */
export interface StoreSite {
  readonly dir: string;
  readonly said: string[];
  readonly time: { wall: number; elapsed: number; uptime: number };
  /** A worker's view of it, of cluster `chip`. */
  open(cluster?: string): OpenedStore;
}

/** Runs a test with a stateDir of its own; stores that it opens are closed at the end. */
export async function withSite(
  test: (site: StoreSite) => void | Promise<void>,
  dir = Deno.makeTempDirSync({ prefix: "slurm-ec2-store-" }),
): Promise<void> {
  const said: string[] = [];
  const time = { wall: 1_795_000_000_000, elapsed: 0, uptime: 500_000 };
  const opened: OpenedStore[] = [];
  const open = (cluster = "chip") => {
    const one = openStore({
      dir,
      cluster,
      run: "run-1",
      machine: { uptime: time.uptime, bootId: "boot-1", wall: time.wall },
      elapsed: () => time.elapsed,
      wall: () => time.wall,
      say: (sentence) => void said.push(sentence),
    });
    opened.push(one);
    return one;
  };
  try {
    await test({ dir, said, time, open });
  } finally {
    for (const { store } of opened) {
      try {
        store.close();
      } catch {
        // The test closed it.
      }
    }
    Deno.removeSync(dir, { recursive: true });
  }
}
