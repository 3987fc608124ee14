/** A block of IPv4 addresses. */
export interface Cidr {
  /** First address as a number. */
  readonly start: number;
  /** Leading bits that all its addresses share, 0 to 32. */
  readonly bits: number;
}

/** An IPv4 block or address; undefined for anything else, IPv6 included. */
export function parseCidr(text: string): Cidr | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:\/(\d{1,2}))?$/.exec(text);
  if (!match) return undefined;
  const bytes = match.slice(1, 5).map(Number);
  const bits = Number(match[5] ?? 32);
  if (bits > 32 || bytes.some((byte) => byte > 255)) return undefined;
  const address = bytes.reduce((sum, byte) => sum * 256 + byte, 0);
  const size = 2 ** (32 - bits);
  return { start: Math.floor(address / size) * size, bits };
}

/** Whether all addresses of one block are in the other. */
export function containsCidr(outer: Cidr, inner: Cidr): boolean {
  const size = 2 ** (32 - outer.bits);
  return inner.bits >= outer.bits && inner.start >= outer.start && inner.start < outer.start + size;
}
