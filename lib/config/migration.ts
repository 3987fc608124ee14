import type { InstanceTypeFacts } from "../aws/ec2_api.ts";
import type { LegacyNaming } from "./legacy_node_name.ts";
import type { LegacyDistribution } from "./legacy_node_name.ts";
import type { Architecture, PowerDownAction } from "./model.ts";

/** What a legacy installation becomes. */
export interface Migration {
  readonly cluster: string;
  readonly region: string;
  readonly stackName: string;
  readonly domain?: string;
  readonly slurmVersion?: string;
  readonly onPremConf?: string;
  readonly logFile?: string;
  readonly instanceProfile?: string;
  readonly powerDownAction: PowerDownAction;
  /** Seconds. */
  readonly maxStoppedDuration?: number;
  readonly fileSystems: readonly {
    readonly source: string;
    readonly mount: string;
    readonly type: string;
    readonly options?: string;
  }[];
  readonly groups: readonly MigratedGroup[];
  readonly partitions: readonly MigratedPartition[];
  readonly notes: readonly MigrationNote[];
}

/** One line of the legacy slurm_nodes.conf: nodes of one type, zone and way of buying. */
export interface MigratedGroup {
  readonly name: string;
  /** Hostlist. */
  readonly nodes: string;
  readonly instanceType: string;
  readonly os: { readonly distribution: LegacyDistribution; readonly version: string };
  readonly architecture: Architecture;
  readonly subnets: readonly string[];
  readonly spot: boolean;
  /** The plugin turned simultaneous multithreading off wherever there is any. */
  readonly singleThreaded: boolean;
  readonly features: readonly string[];
  readonly weight?: number;
}

/** A partition of the legacy slurm_nodes.conf. */
export interface MigratedPartition {
  readonly name: string;
  readonly nodeGroups: readonly string[];
  readonly options: Readonly<Record<string, string>>;
}

/** Something of the legacy installation that has no equivalent, or that is different now. */
export interface MigrationNote {
  /** What it is about: a key, a file, a kind of node. */
  readonly subject: string;
  readonly text: string;
}

/** Gathers a {@link MigrationNote}. */
export type Note = (subject: string, text: string) => void;

/** How to migrate. */
export interface MigrateOptions {
  /** One configuration is for one region; the plugin's own unless given. */
  readonly region?: string;
  readonly naming: LegacyNaming;
  /** Every type there is, where the plugin's own list of chosen types is absent. */
  readonly facts: ReadonlyMap<string, InstanceTypeFacts>;
}
