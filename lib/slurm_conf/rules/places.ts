import type { Span } from "../document.ts";

/**
 * Where something stands, as text: the same for what is read twice because its file is included twice, under one
 * name or two.
 */
export function placeKey({ file, start }: Span): string {
  return `${start} ${file.twin ?? file.path}`;
}

/** Each place once, in the order in which it is read last. */
export function onePerPlace<T extends { readonly span: Span }>(items: readonly T[]): readonly T[] {
  if (items.length < 2) return items;
  const byPlace = new Map<string, T>();
  for (const item of items) {
    const key = placeKey(item.span);
    byPlace.delete(key);
    byPlace.set(key, item);
  }
  return byPlace.size === items.length ? items : [...byPlace.values()];
}
