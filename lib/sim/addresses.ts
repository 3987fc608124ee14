import type { SimSubnet, World } from "./world.ts";

/** AWS keeps the first four addresses of a subnet and the last (VPC user guide, "Subnet sizing"). */
const RESERVED_FIRST = 4;
const RESERVED_LAST = 1;

/** How many addresses of a subnet no instance holds; stopped instances hold theirs. */
export function freeAddresses(world: World, subnet: SimSubnet): number {
  return usableAddresses(subnet) - heldAddresses(world, subnet).size;
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
