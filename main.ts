import { realHost } from "./commands/base/real_host.ts";
import { runCommandLine } from "./commands/run_command_line.ts";

if (import.meta.main) Deno.exit(await runCommandLine(realHost(), Deno.args));
