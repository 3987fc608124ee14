import { type Context, tokensOf } from "../context.ts";
import type { Report, Rule } from "../rule.ts";
import { since } from "../versions.ts";
import { SLURM_CONF } from "./sources.ts";

/** Keys of lists of plugins, with the word before the slash and the plugins that some release of Slurm has. */
const OWN: Readonly<Record<string, { readonly kind: string; readonly names: readonly string[] }>> = {
  AuthAltTypes: { kind: "auth", names: ["jwt", "munge", "none", "slurm"] },
  NodeFeaturesPlugins: { kind: "node_features", names: ["helpers", "knl_cray", "knl_generic"] },
};

/** CF028. */
export const pluginNotOfSlurm: Rule = {
  id: "CF028",
  title: "Plugin that is not one of Slurm's own",
  severity: "error",
  daemon: "refuses",
  versions: since("22.05"),
  what: `${
    Object.keys(OWN).join(" or ")
  } names a plugin that comes with no release of Slurm; or AuthAltTypes, on 22.05, one without auth/.`,
  why:
    "slurmctld does not start unless a plugin of that name is in PluginDir (seen on slurmctld 22.05.8, 24.11.5, 26.05.5; releases between by the manual).",
  remedy:
    "Correct the name; where it is a plugin of the site's own, keep it and write # slurm-ec2: ignore CF028 and the reason above the line.",
  sources: [SLURM_CONF],
  *check(context: Context): Iterable<Report> {
    for (const [key, { kind, names }] of Object.entries(OWN)) {
      const setting = context.setting(key);
      if (setting === undefined) continue;
      for (const { text, span } of tokensOf(setting)) {
        const isWhole = text.startsWith(`${kind}/`);
        const name = isWhole ? text.slice(kind.length + 1) : text;
        // CF024 judges plugins of another kind.
        if (name.includes("/")) continue;
        // Seen on 22.05.8; 24.11.5 and 26.05.5 put it before the name, and all three do for NodeFeaturesPlugins.
        const takesBare = kind !== "auth" || context.isSince("23.02");
        if (names.includes(name) && (isWhole || takesBare)) continue;
        yield {
          at: span,
          message: names.includes(name)
            ? `${key} "${text}": slurmctld does not start; write ${kind}/${name}`
            : `${key} "${text}" is not one of Slurm's own plugins: slurmctld does not start unless it is installed; ` +
              `write one of ${names.map((one) => `${kind}/${one}`).join(", ")}, or install it`,
        };
      }
    }
  },
};
