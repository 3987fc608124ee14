/** How much of a stream somebody wants. */
export interface TextLimit {
  /** Characters. */
  readonly length: number;
  /** Called whenever there is more; reading goes on until the stream ends or is cancelled. */
  readonly exceeded: () => void;
}

/** All that is left of a stream, as text; what is not UTF-8 shows as U+FFFD. */
export async function readText(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  limit?: TextLimit,
): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    text += decoder.decode(part.value, { stream: true });
    if (limit !== undefined && text.length > limit.length) limit.exceeded();
  }
  return text + decoder.decode();
}
