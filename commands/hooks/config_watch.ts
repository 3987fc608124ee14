import { needsFacts } from "../../lib/power_up/launch_facts.ts";
import { errorText } from "../../lib/base/error_text.ts";
import type { Log } from "../../lib/base/log.ts";
import { decodeText } from "../../lib/config/decode.ts";
import type { Config } from "../../lib/config/model.ts";
import { parseConfig } from "../../lib/config/parse.ts";
import type { LoadedConfig } from "../base/host.ts";
import type { Files } from "../base/host.ts";

/**
 * What a worker can't take up while it runs: its permissions, clients, lock and log were made for it. The compiler holds
 * this table complete.
 */
const NEEDS_START: Readonly<Record<keyof Config, boolean>> = {
  cluster: true,
  region: true,
  aws: true,
  slurm: true,
  stateDir: true,
  logFile: true,
  ssm: false,
  fileSystems: false,
  dns: false,
  nodeGroups: false,
  partitions: false,
  spot: false,
  history: false,
  notify: false,
  zones: false,
  limits: false,
};

/** The configuration of a worker, which may live for hours: an edited file counts from the next step on. */
export class ConfigWatch {
  readonly #files: Pick<Files, "stamp" | "read">;
  readonly #log: Log;
  readonly #file: string;
  #config: Config;
  #stamp: string | undefined;

  constructor(files: Pick<Files, "stamp" | "read">, { file, config }: LoadedConfig, log: Log) {
    this.#files = files;
    this.#file = file;
    this.#config = config;
    this.#log = log;
    this.#stamp = files.stamp(file);
  }

  /** The one that is in use. */
  get config(): Config {
    return this.#config;
  }

  /**
   * What the file says that it did not say before: undefined: nothing; `restart`: something that only a new start can
   * take up. A file that is broken, or gone, changes nothing; that is said once.
   */
  changed(): Config | "restart" | undefined {
    const stamp = this.#files.stamp(this.#file);
    if (stamp === this.#stamp) return undefined;
    this.#stamp = stamp;
    try {
      const config = parseConfig(decodeText(this.#files.read(this.#file), this.#file), this.#file);
      const keys = (Object.keys(NEEDS_START) as (keyof Config)[]).filter((key) =>
        JSON.stringify(config[key]) !== JSON.stringify(this.#config[key])
      );
      if (keys.length === 0) return undefined;
      const mustRestart = keys.some((key) => NEEDS_START[key]) || needsTypes(config, this.#config);
      this.#log.info(
        `${this.#file} has changed (${keys.join(", ")}): ${
          mustRestart ? "the worker starts again with it" : "it counts from now on"
        }`,
      );
      if (mustRestart) return "restart";
      return this.#config = config;
    } catch (error) {
      const why = errorText(error).split("\n")[0]!;
      this.#log.error(
        `${this.#file} has changed and can't be used, going on with what it said before: ${why}`,
      );
      return undefined;
    }
  }
}

/** The table of instance types is loaded at the start, and only where a node group needs it. */
function needsTypes(next: Config, before: Config): boolean {
  const asks = ({ nodeGroups }: Config) => nodeGroups.some(needsFacts);
  return asks(next) && !asks(before);
}
