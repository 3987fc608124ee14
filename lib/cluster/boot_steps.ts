/** When each part of a boot began, as the boot script says it: `imds 4.21, names 5.02`, seconds since the kernel. */
const STEPS = "[a-z]{1,16} \\d{1,7}(?:\\.\\d{1,3})?(?:, [a-z]{1,16} \\d{1,7}(?:\\.\\d{1,3})?){0,19}";

/** What the guard of a node (deploy/node/guard) writes as its Comment once it is up. */
const COMMENT = new RegExp(`^slurm-ec2 boot (i-[0-9a-z-]{1,40}): (${STEPS})$`);

const WHOLE = new RegExp(`^${STEPS}$`);

/** The steps of a boot, and whose they are; undefined for any other comment. */
export function readBootComment(
  comment: string,
): { readonly instanceId: string; readonly steps: string } | undefined {
  const [, instanceId, steps] = COMMENT.exec(comment) ?? [];
  return instanceId === undefined || steps === undefined ? undefined : { instanceId, steps };
}

/** One part of a boot. */
export interface BootStep {
  /** `imds`, `names`, `mounts`, `dns`, `munge`, `health`, or what a later boot script has. */
  readonly name: string;
  /** When it began: seconds since the kernel. */
  readonly from: number;
  /** How long it took, in seconds; absent: it is the last one, whose end is not known. */
  readonly seconds?: number;
}

/** The steps one by one; none where the text is not what a boot script writes. */
export function bootSteps(text: string): readonly BootStep[] {
  if (!WHOLE.test(text)) return [];
  const begun = text.split(", ").map((step) => {
    const [name = "", from = ""] = step.split(" ");
    return { name, from: Number(from) };
  });
  return begun.map((step, i) => {
    const next = begun[i + 1];
    return { ...step, ...(next !== undefined && { seconds: Math.max(0, next.from - step.from) }) };
  });
}
