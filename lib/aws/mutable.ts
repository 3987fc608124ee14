/** The same type without `readonly`, all the way down: the SDK declares its inputs so, though it only reads them. */
export type Mutable<T> = T extends string | number | boolean | undefined ? T
  : { -readonly [K in keyof T]: Mutable<T[K]> };

/** A read-only value as the SDK's types want it; the value itself is the same. */
export function mutable<T>(value: T): Mutable<T> {
  return value as Mutable<T>;
}
