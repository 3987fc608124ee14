import { CommandError } from "./command.ts";
import type { Host } from "./host.ts";
import type { Permissions } from "./permissions.ts";

/** What names a proxy: https://nodejs.org/api/http.html#built-in-proxy-support. */
const VARIABLES = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"];

/**
 * Refuses a proxy that is not a URL: Deno would end the program with an error that shows the value, password included.
 * @throws {CommandError} naming the variable and never its value
 */
export function checkProxies({ env }: Pick<Host, "env">, { net }: Pick<Permissions, "net">): void {
  if (net.length === 0) return;
  for (const name of VARIABLES) {
    const value = env(name) ?? "";
    if (value === "" || isProxy(value)) continue;
    throw new CommandError(
      `${name} is not the URL of a proxy, such as http://proxy.example.com:3128; its value is not shown, since it may ` +
        "hold a password. Correct it in hooks.env or the environment",
    );
  }
}

function isProxy(value: string): boolean {
  return URL.canParse(value) && /^https?:$/.test(new URL(value).protocol);
}
