import { isExhausted } from "../capacity/exhausted.ts";
import { isLaunchTokens } from "../capacity/tokens.ts";
import type { State } from "../controller/state.ts";

/** What `typeof` says of a value, and `list`. */
type TypeName = "string" | "number" | "boolean" | "object" | "list";

type RequiredKeys<T> = { [K in keyof T]-?: undefined extends T[K] ? never : K }[keyof T];

/** The type of each field that a record always has; that none is forgotten is the compiler's business. */
type Shape<T> = Readonly<Record<RequiredKeys<T> & string, TypeName>>;

/** The fields of {@link State} that hold a record each by its key; each is a table. */
export type MapField = {
  [K in keyof State]-?: State[K] extends ReadonlyMap<string, unknown> ? K : never;
}[keyof State];

/** The other fields of {@link State} that outlive a worker: one value each. */
export type ValueField = Exclude<keyof State, MapField | "memory">;

/** The records of one field. */
export type RecordOf<K extends MapField> = State[K] extends ReadonlyMap<string, infer R> ? R : never;

/** Records that lack a field, or have it with another type, were not written by this program. */
const SHAPES: { readonly [K in MapField]: Shape<RecordOf<K>> } = {
  nodes: {
    name: "string",
    want: "string",
    generation: "number",
    since: "number",
    sinceWall: "number",
    jobs: "list",
    because: "string",
  },
  instances: {
    id: "string",
    nodeGroup: "string",
    generation: "number",
    knownSince: "number",
    launchTime: "number",
    state: "string",
    seen: "boolean",
    end: "string",
    endAction: "string",
    instanceType: "string",
    subnetId: "string",
    availabilityZone: "string",
    capacityType: "string",
    imageId: "string",
  },
  launches: {
    token: "string",
    nodeGroup: "string",
    nodes: "list",
    generations: "list",
    input: "object",
    at: "number",
    doubt: "boolean",
    halvings: "number",
    whole: "boolean",
  },
  requests: {
    id: "string",
    kind: "string",
    nodes: "list",
    jobs: "list",
    at: "number",
    generations: "object",
    outcomes: "object",
  },
  parameters: { name: "string", type: "string", value: "string", version: "number" },
};

/** The field that is each record's key. */
const KEYS: { readonly [K in MapField]: keyof RecordOf<K> & string } = {
  nodes: "name",
  instances: "id",
  launches: "token",
  requests: "id",
  parameters: "name",
};

/** Names of the tables. */
export const MAP_FIELDS = Object.keys(SHAPES) as readonly MapField[];

/** What each single value has to be; undefined is always allowed, but for those that have a start value. */
const VALUES: Readonly<Record<ValueField, (value: unknown) => boolean>> = {
  exhausted: isExhausted,
  zones: (value) => isRecord(value) && Object.values(value).every((zone) => typeof zone === "string"),
  tokens: isLaunchTokens,
  bootFailures: (value) => isRecord(value) && Object.values(value).every(isNumber),
  lastGeneration: isNumber,
  pauses: (value) => isRecord(value) && Object.values(value).every(isNumber),
  holds: (value) => Array.isArray(value) && value.every(isHold),
  listedAt: isNumber,
};

/** Names of the single values. */
export const VALUE_FIELDS = Object.keys(VALUES) as readonly ValueField[];

/** Whether a value may be the record of this key. */
export function isRecordOf<K extends MapField>(field: K, key: string, value: unknown): value is RecordOf<K> {
  if (!isRecord(value) || value[KEYS[field]] !== key) return false;
  return Object.entries<TypeName>(SHAPES[field]).every(([name, type]) => isOf(value[name], type));
}

/** Whether a value may be that of this field. */
export function isValueOf<K extends ValueField>(field: K, value: unknown): value is State[K] {
  return VALUES[field](value);
}

function isHold(value: unknown): boolean {
  return isRecord(value) && isNumber(value.until) && typeof value.message === "string" &&
    isRecord(value.nodes) && Object.values(value.nodes).every((count) => Number.isSafeInteger(count));
}

function isOf(value: unknown, type: TypeName): boolean {
  if (type === "list") return Array.isArray(value);
  if (type === "object") return isRecord(value);
  return typeof value === type && (type !== "number" || Number.isFinite(value));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isNumber(value: unknown): boolean {
  return Number.isFinite(value);
}
