/**
 * The path of a `file:` URL on this host: a URL's own pathname spells blanks and letters beyond ASCII as `%20`, `%C3%A9`
 * (https://url.spec.whatwg.org/#path-percent-encode-set).
 * @throws {URIError} where the URL holds a `%` that begins no such spelling.
 */
export function filePath(url: URL | string): string {
  return decodeURIComponent(new URL(url).pathname);
}
