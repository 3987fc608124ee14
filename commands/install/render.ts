import { parseFlags } from "../base/command.ts";
import type { ExitCode } from "../base/exit_code.ts";
import type { Host } from "../base/host.ts";

/** What `config render` said and did for an installation. */
export interface Rendered {
  readonly exit: ExitCode;
  readonly text: string;
  /** Files that it wrote where there was none. */
  readonly made: readonly string[];
  /** Its own `--json` object. */
  readonly json: unknown;
}

/**
 * Runs `config render` for the installation's own configuration into its etc/, or for the one that a dry run would
 * have put there; `how` are further flags of its.
 */
export async function renderInto(
  host: Host,
  prefix: string,
  { how, config }: { readonly how: readonly string[]; readonly config?: string | undefined },
): Promise<Rendered> {
  const { configRender } = await import("../config/render.ts");
  const own = `${prefix}/etc/slurm-ec2.yaml`;
  const installed = config !== undefined && !host.files.exists(own) ? config : own;
  let printed = "";
  const flags = ["--config", installed, "--prefix", prefix, "--out", `${prefix}/etc`, "--json", ...how];
  const exit = await configRender.run(
    { ...host, stdout: { ...host.stdout, write: (text) => void (printed += text) } },
    parseFlags(configRender, flags),
  );
  const json = JSON.parse(printed) as RenderAnswer;
  const lines = [
    ...(json.files ?? []).map(({ path, status }) => `render     ${path} (${status})`),
    ...(json.differences ?? []).map(({ name, status }) =>
      `${prefix}/etc/${name} differs from its rendering (${status})`
    ),
  ];
  const made = (json.files ?? []).filter(({ status }) => status === "new").map(({ path }) => path);
  return { exit, made, text: lines.map((line) => `${line}\n`).join(""), json };
}

interface RenderAnswer {
  readonly files?: readonly { readonly path: string; readonly status: string }[];
  readonly differences?: readonly { readonly name: string; readonly status: string }[];
}
