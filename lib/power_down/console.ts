/** Characters of console output kept per instance: the end is where a boot says why it failed. */
const TAIL_MAX = 4_000;

/** What the end of a console says. */
export interface BootTail {
  readonly lines: string;
  /** The boot script's own word on what failed, if it got that far. */
  readonly failure?: string;
}

/** The last lines of a console, and the last line by which the boot script, or else slurmd, told why it gave up. */
export function bootTail(output: string): BootTail {
  const lines = output.slice(-TAIL_MAX);
  const all = output.split(/\r?\n/);
  const last = (begins: RegExp) =>
    all.map((line) => begins.exec(line)?.[1]).findLast((said) => said !== undefined);
  const failure = last(BOOT_FAILED) ?? last(SLURMD_FATAL);
  return failure === undefined ? { lines } : { lines, failure: failure.trim() };
}

/** How the boot script (deploy/node/boot) and the guard begin the line that says why they gave up. */
const BOOT_FAILED = /slurm-ec2: boot failed:(.*)/;

/**
 * What slurmd, which becomes of the boot script, says before it ends; 26.05 puts the time where others put its name.
 * https://github.com/SchedMD/slurm/blob/slurm-24-11-5-1/src/common/log.c
 */
const SLURMD_FATAL = /(?:slurmd: |\[\d{4}-\d\d-\d\dT[\d:.]+\] )(fatal: .*)/;
