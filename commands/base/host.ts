import type { Grants } from "./effective_permissions.ts";
import type { Ec2Api } from "../../lib/aws/ec2_api.ts";
import type { PricingApi } from "../../lib/aws/pricing_api.ts";
import type { QuotasApi } from "../../lib/aws/quotas_api.ts";
import type { SsmApi } from "../../lib/aws/ssm_api.ts";
import type { StsApi } from "../../lib/aws/sts_api.ts";
import type { SacctApi } from "../../lib/slurm/sacct.ts";
import type { ScontrolApi } from "../../lib/slurm/scontrol_api.ts";
import type { Machine } from "../../lib/preflight/machine/machine.ts";
import type { Log } from "../../lib/base/log.ts";
import type { EventLog } from "../../lib/events/event.ts";
import type { Config } from "../../lib/config/model.ts";

/** Where a command prints. */
export interface Output {
  write(text: string): void;
  /** Whether a person watches; a dumb terminal, which can't move its cursor or show colours, counts as a pipe. */
  readonly isTerminal: boolean;
  /** Width in characters; 80 where it is not known. */
  readonly columns: number;
}

/** Files as commands use them; every path is as the user gave it. */
export interface Files {
  /** Throws what Deno throws: `NotFound`, `PermissionDenied`, `IsADirectory`, … */
  read(path: string): Uint8Array;
  readText(path: string): string;
  /** Writes next to the target and renames, so that a reader sees the old file or the new one. */
  writeText(
    path: string,
    text: string,
    options?: {
      readonly mode?: number;
      /** Mode of a file that is not there yet, whatever the umask; one that is there keeps its own. */
      readonly newMode?: number;
      /** A file whose mode is taken where `mode` is absent: the original of a backup. */
      readonly modeOf?: string;
    },
  ): void;
  /** Entries of a directory, names only, sorted. */
  list(path: string): string[];
  exists(path: string): boolean;
  /** What changes whenever a file is written or replaced; undefined where nothing is there, or it can't be looked at. */
  stamp(path: string): string | undefined;
  /** Makes a directory and those above it; with a mode, those that it makes have it, whatever the umask. */
  mkdir(path: string, mode?: number): void;
}

/** How scontrol is run where the site's defaults don't fit. */
export interface SlurmClient {
  /** Path of the slurm.conf that it reads. */
  readonly slurmConf?: string;
  /** Milliseconds that one call may take. */
  readonly timeLimit?: number;
}

/** A configuration, and where it was found. */
export interface LoadedConfig {
  readonly file: string;
  readonly config: Config;
}

/**
 * The process as a value: all that a command knows of the outside world. main.ts builds the real one, tests
 * build their own.
 */
export interface Host {
  readonly env: (name: string) => string | undefined;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Whether the user wants no colours (https://no-color.org); known without permission to read variables. */
  readonly noColor?: boolean;
  /** The user id of this process; undefined where it may not be known. */
  readonly uid?: () => number | undefined;
  /** Whether the program was started with the right to read a path; asks the user for nothing. */
  readonly mayRead?: (path: string) => boolean;
  /** Asks a person at the terminal, and waits for a line; undefined where there is no terminal. */
  readonly ask?: (question: string) => string | undefined;
  /** Reads standard input to its end. */
  readonly readStdin: () => Promise<Uint8Array>;
  readonly files: Files;
  /** Milliseconds since 1970 UTC. */
  readonly now: () => number;
  readonly sleep: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
  /** Aborted on SIGINT or SIGTERM, once {@link onInterrupt} was called. */
  readonly interrupted: AbortSignal;
  /** Begins to listen for SIGINT and SIGTERM: only commands that stay around want to. */
  readonly onInterrupt: () => void;
  /** Gives up all other permissions of this process for good; absent where there are none to give up. */
  readonly keepOnly?: (grants: Grants) => void | Promise<void>;
  /** Path of the program, for finding `etc/` next to its `bin/`; undefined under `deno run`. */
  readonly programPath: string | undefined;
  /**
   * What loading a configuration came to, by what `--config` says: the variables that name the file are given up before
   * the command runs, so it is looked for once only. What could not be loaded throws again.
   */
  readonly configs: Map<string | undefined, () => LoadedConfig>;
  /** Clients are made on demand: a command that needs no AWS never loads the SDK. */
  readonly connect: {
    ec2(config: Config): Promise<Ec2Api>;
    ssm(config: Config): Promise<SsmApi>;
    sts(config: Config): Promise<StsApi>;
    pricing(config: Config): Promise<PricingApi>;
    quotas(config: Config): Promise<QuotasApi>;
    scontrol(config: Pick<Config, "slurm">, options?: SlurmClient): Promise<ScontrolApi>;
    /** Asks slurmdbd, by the site's slurm.conf or SLURM_CONF; one call may take `timeLimit` milliseconds. */
    sacct(config: Pick<Config, "slurm">, timeLimit: number): Promise<SacctApi>;
    /** What doctor looks at this machine with. */
    machine(): Promise<Machine>;
    log(config: Config): Promise<Log>;
    /** The event log next to the state; `warn` is called once when it can't be written. */
    events(config: Config, warn: (message: string) => void): EventLog;
  };
}
