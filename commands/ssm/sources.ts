import type { Config } from "../../lib/config/model.ts";
import { foundValue } from "../../lib/preflight/answer.ts";
import { gatherParameters, type ReadPorts } from "../../lib/preflight/parameters/run.ts";
import { wantedValues } from "../../lib/preflight/parameters/wanted_value.ts";
import { CommandError, UsageError } from "../base/command.ts";
import type { Flag, Flags } from "../base/flag.ts";
import type { Host } from "../base/host.ts";
import { readValues } from "./values.ts";

const SPELLINGS = ["SlurmNodeAmi", "SlurmNodeAmis"] as const satisfies readonly Config["ssm"]["spelling"][];

/** The flags that say where values come from. */
export const SOURCE_FLAGS = [
  { name: "from", value: "FILE", summary: "Values from YAML or JSON: parameter name to value" },
  {
    name: "from-prefix",
    value: "PREFIX",
    summary: "Values from the parameters of the same kind below another prefix",
  },
  {
    name: "from-spelling",
    value: "NAME",
    values: SPELLINGS,
    summary: "Images from another spelling: SlurmNodeAmi or SlurmNodeAmis",
  },
] as const satisfies readonly Flag[];

/**
 * The values that --from, --from-prefix and --from-spelling name, by the configuration's own parameter names;
 * undefined where none of them is given.
 */
export async function readSource(
  host: Host,
  flags: Flags<typeof SOURCE_FLAGS>,
  { config, ports }: { readonly config: Config; readonly ports: ReadPorts },
): Promise<ReadonlyMap<string, string> | undefined> {
  const [file, prefix, spelling] = [
    flags.get("from"),
    flags.get("from-prefix"),
    flags.choice["from-spelling"],
  ];
  if (file !== undefined && (prefix ?? spelling) !== undefined) {
    throw new UsageError("--from and --from-prefix or --from-spelling exclude each other");
  }
  if (file !== undefined) return readValues(host, file);
  if ((prefix ?? spelling) === undefined) return undefined;
  return await readElsewhere(ports, config, {
    prefix: prefix ?? config.ssm.prefix,
    spelling: spelling ?? config.ssm.spelling,
  });
}

async function readElsewhere(
  ports: ReadPorts,
  config: Config,
  ssm: Config["ssm"],
): Promise<Map<string, string>> {
  const elsewhere = { ...config, cluster: ssm.prefix, ssm };
  if (ssm.prefix === config.ssm.prefix && ssm.spelling === config.ssm.spelling) {
    throw new UsageError(
      `The configuration reads just these: /${ssm.prefix}/${ssm.spelling}/…; name another place`,
    );
  }
  const { parameters } = await gatherParameters(ports, elsewhere);
  const names = elsewhere.nodeGroups.flatMap((group) => {
    const one = (place: Config) => wantedValues({ ...place, nodeGroups: [group] });
    const there = new Map(one(elsewhere).map((wanted) => [wanted.kind, wanted.name]));
    return one(config).flatMap((
      { kind, name },
    ) => (name === undefined ? [] : [[name, there.get(kind)!] as const]));
  });
  const values = new Map<string, string>();
  for (const [name, other] of names) {
    const parameter = foundValue(parameters.get(other));
    if (parameter === undefined) continue;
    if (parameter.type === "SecureString") {
      throw new CommandError(
        `Parameter "${other}" is a SecureString: give its value by --from FILE or by its own flag`,
      );
    }
    values.set(name, parameter.value.trim());
  }
  const denied = names.flatMap(([, other]) => {
    const answer = parameters.get(other);
    return answer?.kind === "refused"
      ? [`Parameter "${other}" can't be read: ${answer.code}: ${answer.message}`]
      : [];
  });
  if (denied.length > 0) {
    throw new CommandError(
      `${denied[0]}${denied.length > 1 ? ` (and ${denied.length - 1} more)` : ""}; ` +
        `iam policy --from-prefix ${ssm.prefix} prints a policy that allows it`,
    );
  }
  if (!names.some(([name, other]) => name !== other && values.has(name))) {
    throw new CommandError(
      `No parameter is found below /${ssm.prefix}/ in spelling ${ssm.spelling}: check --from-prefix and --from-spelling`,
    );
  }
  return values;
}
