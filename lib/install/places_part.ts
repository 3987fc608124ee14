/** Where a script for people gets {@link placesPart}: a line of its own. */
export const PLACES_MARK = "#@PLACES@";

/**
 * The part of the hooks' script that finds a site's settings and places, for the scripts that people start: these then
 * see what hooks see.
 * @param hook the text of deploy/hooks/hook.
 * @param differences the text of deploy/install/differences.sh.
 * @throws {Error} when the script no longer marks that part.
 */
export function placesPart(hook: string, differences: string): string {
  const [, part] = /\n# --- the site's places: [^]*?\n\n([^]*?)\n# --- site's places end\n/.exec(hook) ?? [];
  if (part === undefined) {
    throw new Error("deploy/hooks/hook no longer marks where it finds the site's places");
  }
  return `${part}\n\n${differences.replace(/^(?:#.*\n)+\n/, "").trimEnd()}`;
}
