/** Text safe inside an XML element. */
export function escapeXml(text: string): string {
  // Most text has nothing to escape; control characters have no form in XML 1.0 at all.
  // deno-lint-ignore no-control-regex -- these are the ones to find
  if (!/[&<>"'\u0000-\u0008\u000b\u000c\u000e-\u001f]/.test(text)) return text;
  return text
    .replace(/&/g, "&amp;")
    .replace(/</g, "&lt;")
    .replace(/>/g, "&gt;")
    .replace(/"/g, "&quot;")
    .replace(/'/g, "&apos;")
    // deno-lint-ignore no-control-regex -- as above
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, "\ufffd");
}

/** An element holding text; nothing at all where there is no value. */
export function text(name: string, value: string | number | boolean | undefined): string {
  if (value === undefined) return "";
  return `<${name}>${typeof value === "string" ? escapeXml(value) : value}</${name}>`;
}

/** An element holding other elements. */
export function element(name: string, ...children: readonly string[]): string {
  return `<${name}>${children.join("")}</${name}>`;
}

/** A list as EC2 writes it: one `item` for each. */
export function items<T>(name: string, values: readonly T[], write: (value: T) => string): string {
  return `<${name}>${values.map((value) => `<item>${write(value)}</item>`).join("")}</${name}>`;
}

/** A list of tags as EC2 writes it. */
export function tagSet(tags: Readonly<Record<string, string>>): string {
  return items("tagSet", Object.entries(tags), ([key, value]) => text("key", key) + text("value", value));
}

let lastTime = NaN;
let lastTimeText = "";

/** Time as EC2 writes it. Instances of one call share theirs, so the last one is remembered. */
export function time(milliseconds: number): string {
  if (milliseconds !== lastTime) {
    [lastTime, lastTimeText] = [milliseconds, new Date(milliseconds).toISOString()];
  }
  return lastTimeText;
}

/** A whole document. */
export function document(root: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${root}`;
}
