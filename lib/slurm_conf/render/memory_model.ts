/**
 * Share of an instance's memory that never reaches programs: the hypervisor and firmware keep some, and the
 * kernel describes every 4 KiB page with 64 bytes, 1/64 of all memory
 * (https://docs.kernel.org/mm/memory-model.html). Measured on running fleets it is 1.7 to 5.3 % in all, the
 * fixed part below included (https://github.com/pytorch/ci-infra/pull/910,
 * https://github.com/aws/karpenter-provider-aws/issues/6611).
 */
const UNUSABLE_SHARE = 0.04;

/**
 * MiB taken whatever the size: the kernel itself, and the crash dump reservation of the RHEL family, 192 MiB below
 * 4 GiB and 256 MiB up to 64 GiB (Red Hat Enterprise Linux 9, "Memory requirements for kdump").
 */
const UNUSABLE_MIB = 256;

/** The model in words, for the head of the rendered file. */
export const MEMORY_MODEL = `RealMemory is what EC2 lists minus ${
  UNUSABLE_SHARE * 100
} % and ${UNUSABLE_MIB} MiB, which firmware and kernel keep.`;

/**
 * RealMemory in MiB for an instance of that many MiB, rounded down, at least 1.
 *
 * This is the only discount. Slurm's own tolerance, by which a CLOUD node may register with 90 % of its
 * RealMemory from 21.08 on (node_reg_mem_percent, https://slurm.schedmd.com/slurm.conf.html), stays what it is
 * meant to be: room for images that keep more to themselves.
 */
export function realMemory(memoryMiB: number): number {
  return Math.max(1, Math.floor(memoryMiB * (1 - UNUSABLE_SHARE) - UNUSABLE_MIB));
}
