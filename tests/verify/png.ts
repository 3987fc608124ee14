/**
 * Red, green and blue of the first pixel of a PNG with 8 bits a channel: what a row's filter adds to it is nothing
 * (https://www.w3.org/TR/png/#9Filters).
 * @throws {Error} for anything else
 */
export async function firstPixel(png: Uint8Array<ArrayBuffer>): Promise<number[]> {
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  const [depth, colour] = [view.getUint8(24), view.getUint8(25)];
  if (view.getUint32(0) !== 0x89504e47 || depth !== 8 || (colour !== 2 && colour !== 6)) {
    throw new Error("not a PNG with red, green and blue of 8 bits");
  }
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for (let at = 8; at + 8 <= png.length;) {
    const size = view.getUint32(at);
    const name = String.fromCharCode(...png.subarray(at + 4, at + 8));
    if (name === "IDAT") parts.push(png.subarray(at + 8, at + 8 + size));
    at += 12 + size;
  }
  const rows = new Blob(parts).stream().pipeThrough(new DecompressionStream("deflate"));
  const pixels = new Uint8Array(await new Response(rows).arrayBuffer());
  return [...pixels.subarray(1, 4)];
}
