import { Refusal } from "./refusal.ts";

/** @throws {Refusal} when an id hasn't the form `prefix-` and 8 or 17 hexadecimal digits. */
export function checkId(id: string, prefix: string, code: string): void {
  if (new RegExp(`^${prefix}-(?:[0-9a-f]{8}|[0-9a-f]{17})$`).test(id)) return;
  throw new Refusal(code, `Invalid id: "${id}" (expecting "${prefix}-...")`);
}
