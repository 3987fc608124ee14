/** Text as YAML, in quotes unless it is plainly text without them. */
export function yamlScalar(text: string): string {
  const isPlain = /^[A-Za-z0-9_./][A-Za-z0-9_./@+-]*$/.test(text);
  // A null value would count as absent; all else is read as the text that it is.
  return isPlain && !/^null$/i.test(text) ? text : JSON.stringify(text);
}
