/** Characters of console output kept per instance: the end is where a boot says why it failed. */
const TAIL_MAX = 4_000;

/** What the end of a console says. */
export interface BootTail {
  readonly lines: string;
  /** The boot script's own word on what failed, if it got that far. */
  readonly failure?: string;
}

/** The last lines of a console, and the last line by which the boot script told why it gave up. */
export function bootTail(output: string): BootTail {
  const lines = output.slice(-TAIL_MAX);
  const said = output.split(/\r?\n/).filter((line) => line.includes(BOOT_FAILED)).at(-1);
  if (said === undefined) return { lines };
  return { lines, failure: said.slice(said.indexOf(BOOT_FAILED) + BOOT_FAILED.length).trim() };
}

/** How the boot script (deploy/node/boot) begins the line that says why it gave up. */
const BOOT_FAILED = "slurm-ec2: boot failed:";
