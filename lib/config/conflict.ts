import type { Place } from "./source.ts";

/** Something that only several values together show to be wrong. */
export interface Conflict {
  readonly place: Place;
  readonly message: string;
  readonly hint?: string;
}
