/** How an instance is bought, as quotas tell it apart. */
export type Purchase = "on-demand" | "spot";

/** A quota on the vCPUs of running instances. */
export interface VcpuQuota {
  /** Codes that an account may have it under, the most particular first. */
  readonly codes: readonly string[];
  /** The families that share it, in words. */
  readonly families: string;
}

/** Letters in front of the generation, by the quota that their instances count against. */
interface Family {
  readonly of: RegExp;
  readonly families: string;
  readonly onDemand: string;
  /** Absent: such instances can't be bought so. */
  readonly spot?: readonly string[];
}

/**
 * Quotas by the families that share them: Amazon EC2 instance types guide, "Amazon EC2 instance type quotas"
 * (https://docs.aws.amazon.com/ec2/latest/instancetypes/ec2-instance-quotas.html), and user guide, "Spot Instance
 * quotas" (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-spot-limits.html). A code is the same in
 * every account and region; the console of Service Quotas shows it. P5 has a spot quota of its own.
 */
const FAMILIES: readonly Family[] = [
  { of: /^(?:g|gr|vt)$/, families: "G and VT", onDemand: "L-DB2E81BA", spot: ["L-3819A6DF"] },
  { of: /^p$/, families: "P", onDemand: "L-417A185B", spot: ["L-7212CCBC"] },
  { of: /^f$/, families: "F", onDemand: "L-74FC7D96", spot: ["L-88CF9481"] },
  { of: /^x$/, families: "X", onDemand: "L-7295265B", spot: ["L-E3A00192"] },
  { of: /^inf$/, families: "Inf", onDemand: "L-1945791B", spot: ["L-B5D1601B"] },
  { of: /^trn$/, families: "Trn", onDemand: "L-2C3B7624", spot: ["L-6B0D517C"] },
  { of: /^dl$/, families: "DL", onDemand: "L-6E869C2A", spot: ["L-85EED4F7"] },
  { of: /^hpc$/, families: "HPC", onDemand: "L-F7808C92" },
  { of: /^u$/, families: "High Memory", onDemand: "L-43DA4232" },
  {
    of: /^(?:a|c|d|h|i|im|is|m|r|t|z)$/,
    families: "Standard (A, C, D, H, I, M, R, T, Z)",
    onDemand: "L-1216C47A",
    spot: ["L-34B43A08"],
  },
];

/** The spot quota that P5 instances have where Service Quotas lists it; the rest of P shares another. */
const P5_SPOT = "L-C4BD4855";

/** The quota that an instance type counts against; undefined for a family that no table of ours has. */
export function vcpuQuota(instanceType: string, purchase: Purchase): VcpuQuota | undefined {
  const letters = /^[a-z]+/.exec(instanceType)?.[0] ?? "";
  const family = FAMILIES.find(({ of }) => of.test(letters));
  if (family === undefined) return undefined;
  const { families, onDemand, spot } = family;
  if (purchase === "on-demand") return { codes: [onDemand], families };
  if (spot === undefined) return undefined;
  return { codes: /^p5/.test(instanceType) ? [P5_SPOT, ...spot] : spot, families };
}
