const DIRECTORY = new URL("../../deploy/cloudformation/", import.meta.url);

/** Text of one of the templates. */
export function readTemplate(name: string): string {
  return Deno.readTextFileSync(new URL(name, DIRECTORY));
}

/** Every template. */
export const TEMPLATES: readonly { readonly name: string; readonly path: string; readonly text: string }[] = [
  ...Deno.readDirSync(DIRECTORY),
].map(({ name }) => name).filter((name) => name.endsWith(".yaml")).sort()
  .map((name) => ({ name, path: new URL(name, DIRECTORY).pathname, text: readTemplate(name) }));

/** Security groups, and the parameters that launches read of them. */
export const NETWORK_TEMPLATE = readTemplate("network.yaml");
