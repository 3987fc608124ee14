import { CONFIG_CHECK, CONFIG_LINT, CONFIG_MIGRATE, CONFIG_PRICES, CONFIG_RENDER } from "./config.ts";
import { EVENT } from "./events.ts";
import { DOCTOR, SSM_DIFF, SSM_PUT, SSM_VALIDATE } from "./findings.ts";
import { HOOK, PAUSE, PLAN } from "./hooks.ts";
import { INSTALL, UNINSTALL } from "./install.ts";
import { COST, HISTORY_PRUNE, METRICS, NOTIFY, REPORT, WHY } from "./see.ts";
import { RECONCILE, STATUS } from "./status.ts";
import type { Output } from "./output.ts";
import { DEMO, SELF_CHECK, SIMULATE } from "./program.ts";

/** What every command prints with `--json`, by the command's name; and besides them what `simulate` and the hooks write. */
export const OUTPUTS: Readonly<Record<string, Output>> = {
  "resume": HOOK,
  "stop": HOOK,
  "resume-fail": HOOK,
  "plan": PLAN,
  "pause": PAUSE,
  "unpause": PAUSE,
  "status": STATUS,
  "reconcile": RECONCILE,
  "why": WHY,
  "cost": COST,
  "report": REPORT,
  "metrics": METRICS,
  "notify": NOTIFY,
  "history prune": HISTORY_PRUNE,
  "config check": CONFIG_CHECK,
  "config lint": CONFIG_LINT,
  "config migrate": CONFIG_MIGRATE,
  "config render": CONFIG_RENDER,
  "config prices": CONFIG_PRICES,
  "ssm validate": SSM_VALIDATE,
  "ssm put": SSM_PUT,
  "ssm diff": SSM_DIFF,
  "doctor": DOCTOR,
  "install": INSTALL,
  "uninstall": UNINSTALL,
  "self check": SELF_CHECK,
  "demo": DEMO,
  "simulate": SIMULATE,
  "event": EVENT,
};

/** Name of an output's schema file, e.g. `ssm-validate.json`. */
export function schemaFile(name: string): string {
  return `${name.replaceAll(" ", "-")}.json`;
}
