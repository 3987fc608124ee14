/** Characters of console output kept per instance: the end is where a boot says why it failed. */
const TAIL_MAX = 4_000;

/** What the end of a console says. */
export interface BootTail {
  readonly lines: string;
  /** What the boot script, or else slurmd, said before it gave up. */
  readonly failure?: string;
  /** When each part of the boot began, as the boot script says it: `imds 4.21, names 5.02`; absent: it did not. */
  readonly steps?: string;
}

/** The last lines of a console, and the line by which the boot script, or else slurmd, said why it gave up. */
export function bootTail(output: string): BootTail {
  const lines = output.slice(-TAIL_MAX);
  const all = output.split(/\r?\n/);
  const boot = all.map((line) => BOOT_FAILED.exec(line)?.[1]).findLast((said) => said !== undefined);
  const failure = boot ?? slurmdFailure(all);
  const steps = all.findLast((line) => BOOT_STEPS.test(line));
  return {
    lines,
    ...(failure !== undefined && { failure: failure.trim() }),
    ...(steps !== undefined && { steps: BOOT_STEPS.exec(steps)![1]! }),
  };
}

/** How the boot script (deploy/node/node.sh) says when each of its parts began. */
const BOOT_STEPS = /slurm-ec2: boot steps began at \([^)]*\): ([a-z]+ [\d.]+(?:, [a-z]+ [\d.]+)*)/;

/** How the boot script (deploy/node/boot) and the guard begin the line that says why they gave up. */
const BOOT_FAILED = /slurm-ec2: boot failed:(.*)/;

/**
 * A line of slurmd, which becomes of the boot script, without what stands before it: `slurmd: `, from the moment when it
 * has read slurm.conf `slurmd-NODE: `, from 26.05 on the time.
 * https://github.com/SchedMD/slurm/blob/slurm-24-11-5-1/src/common/log.c
 */
const SLURMD_LINE = /(?:\bslurmd(?:-[\w.-]+)?: |\[\d{4}-\d\d-\d\dT[\d:.]+\] )(.*)/;

/** What slurmd says of hardware that slurm.conf sees otherwise, whether it starts or not. */
const NO_CAUSE = /^error: Node configuration differs from hardware/;

/** What says that something failed after the line that says what. */
const CONSEQUENCE =
  /^error: (?:cannot create \S+ context|Unable to initialize|slurmd initialization failed|Failed to create MUNGE Cred|Couldn't load specified plugin)/;

/**
 * What slurmd said before it ended: its `fatal:`, or else the last cause among the errors that are its last lines. Most
 * starts that fail end without a `fatal:`.
 */
function slurmdFailure(lines: readonly string[]): string | undefined {
  const said = lines.flatMap((line) => SLURMD_LINE.exec(line)?.[1] ?? []);
  const fatal = said.findLast((line) => line.startsWith("fatal: "));
  if (fatal !== undefined) return fatal;
  const quiet = said.findLastIndex((line) => !line.startsWith("error: "));
  const errors = said.slice(quiet + 1).filter((line) => !NO_CAUSE.test(line));
  return errors.findLast((line) => !CONSEQUENCE.test(line)) ?? errors[0];
}
