/** Milliseconds between two looks at the queue, whatever the watch says: it is silent once its directory was replaced. */
const LOOK_EVERY = 2_000;

/**
 * Calls `changed` when something may lie in the queue: at once where the system reports changes of the directory,
 * and else within two seconds. What is reported is never trusted, only that something happened.
 * @param isEmpty Whether the directory holds nothing; must not throw
 * @returns how to end it
 */
export function watchQueue(dir: string, isEmpty: () => boolean, changed: () => void): () => void {
  const look = () => {
    if (!isEmpty()) changed();
  };
  let watcher = startWatcher(dir, look);
  let place = placeOf(dir);
  const timer = setInterval(() => {
    look();
    const now = placeOf(dir);
    if (now !== place || watcher === undefined) {
      place = now;
      closeWatcher(watcher);
      watcher = startWatcher(dir, look);
    }
  }, LOOK_EVERY);
  return () => {
    clearInterval(timer);
    closeWatcher(watcher);
  };
}

/** Undefined where the directory is not there, or the user's watches are used up. */
function startWatcher(dir: string, look: () => void): Deno.FsWatcher | undefined {
  try {
    const watcher = Deno.watchFs(dir, { recursive: false });
    (async () => {
      try {
        for await (const _ of watcher) look();
      } catch {
        // The looks go on.
      }
    })();
    return watcher;
  } catch {
    return undefined;
  }
}

function closeWatcher(watcher: Deno.FsWatcher | undefined): void {
  try {
    watcher?.close();
  } catch {
    // It has ended by itself.
  }
}

/** Which directory it is; undefined: none. */
function placeOf(dir: string): string | undefined {
  try {
    const { dev, ino } = Deno.lstatSync(dir);
    return `${dev} ${ino}`;
  } catch {
    return undefined;
  }
}
