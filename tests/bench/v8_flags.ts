/**
 * The argument that deploy/hooks/hook starts its program with.
 * @throws {Error} when the hook sets none any more
 */
export function hookV8Flags(): string {
  const hook = Deno.readTextFileSync(new URL("../../deploy/hooks/hook", import.meta.url));
  const flags = /^v8_flags=(\S+)$/m.exec(hook)?.[1];
  if (flags === undefined) throw new Error("deploy/hooks/hook sets no v8_flags");
  return `--v8-flags=${flags}`;
}
