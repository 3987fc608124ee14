import type { SimSubnet, World } from "./world.ts";

/** AWS keeps the first four addresses of a subnet and the last (VPC user guide, "Subnet sizing"). */
const RESERVED_FIRST = 4;
const RESERVED_LAST = 1;

/** How many addresses of a subnet no instance holds and nobody else; stopped instances hold theirs. */
export function freeAddresses(world: World, subnet: SimSubnet): number {
  const left = Math.min(usableAddresses(subnet), world.addresses[subnet.subnetId] ?? Infinity);
  return Math.max(0, left - heldAddresses(world, subnet).size);
}

/** Takes free addresses of a subnet, going on from where the last search ended; the caller made sure there are enough. */
export function takeAddresses(
  world: World,
  subnet: SimSubnet,
  count: number,
): { readonly addresses: readonly string[]; readonly cursor: number } {
  const held = heldAddresses(world, subnet);
  const usable = usableAddresses(subnet);
  const { first } = range(subnet.cidrBlock);
  const addresses: string[] = [];
  let cursor = world.addressCursors[subnet.subnetId] ?? 0;
  while (addresses.length < count) {
    const address = dotted(first + RESERVED_FIRST + cursor);
    cursor = (cursor + 1) % usable;
    if (!held.has(address)) addresses.push(address);
  }
  return { addresses, cursor };
}

function heldAddresses(world: World, subnet: SimSubnet): Set<string> {
  const held = new Set<string>();
  for (const { network } of world.instances.values()) {
    if (network?.subnetId === subnet.subnetId) held.add(network.allocatedAddress);
  }
  return held;
}

function usableAddresses(subnet: SimSubnet): number {
  return range(subnet.cidrBlock).size - RESERVED_FIRST - RESERVED_LAST;
}

function range(cidrBlock: string): { first: number; size: number } {
  const [base = "", bits = ""] = cidrBlock.split("/");
  const first = base.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0);
  return { first, size: 2 ** (32 - Number(bits)) };
}

function dotted(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join(".");
}

/** AWS makes subnets of /16 to /28 (VPC user guide, "Subnet sizing"). */
const LONGEST_PREFIX = 28;

/** Why a VPC can't have a subnet with this block; undefined: it can. */
export function subnetProblem(
  cidrBlock: string,
  { within, others }: { readonly within: string; readonly others: readonly string[] },
): string | undefined {
  const octet = "(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)";
  const match = new RegExp(`^(?:${octet}\\.){3}${octet}/(\\d{1,2})$`).exec(cidrBlock);
  if (match === null) return "it is not an IPv4 block such as 10.0.96.0/28";
  const bits = Number(match[1]);
  if (bits < 16 || bits > LONGEST_PREFIX) return "subnets are of /16 to /28";
  const { first, size } = range(cidrBlock);
  if (first % size !== 0) return "its address is not the first of the block";
  const vpc = range(within);
  if (first < vpc.first || first + size > vpc.first + vpc.size) return `the VPC has ${within}`;
  const overlap = others.find((other) => {
    const taken = range(other);
    return first < taken.first + taken.size && taken.first < first + size;
  });
  return overlap && `${overlap} is a subnet already`;
}
