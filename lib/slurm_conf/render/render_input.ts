import type { InstanceTypeFacts } from "../../aws/ec2_api.ts";
import type { Config } from "../../config/model.ts";
import type { SlurmVersion } from "../versions.ts";
import type { RenderedFile } from "./conf_text.ts";
import type { Fault } from "./fault.ts";
import type { PriceList } from "./weight.ts";

/** Facts of instance types and where they come from. */
export interface TypeFacts {
  /** In words, for the head of the rendered files, e.g. `the snapshot of 2026-10-27`. */
  readonly origin: string;
  /** Whether they may be older than the region's newest types. */
  readonly isSnapshot?: boolean;
  /** By name of the instance type. */
  readonly types: ReadonlyMap<string, InstanceTypeFacts>;
}

/** Which power-saving block: ours, or the one of the set-up guide that the legacy plugin came with. */
export type Profile = "slurm-ec2" | "legacy";

/** What the site's own configuration says, as far as it was given. */
export interface SiteConf {
  /** Hostlists of NodeName lines that are not CLOUD. */
  readonly onPremNodes: readonly string[];
  /** What an earlier rendering put into SuspendExcNodes, hostlists or NodeSets; absent: nothing. */
  readonly excludedBefore?: readonly string[];
  /** Plain settings in force, by key in lower case. */
  readonly settings: ReadonlyMap<string, SiteSetting>;
  /** Words of lists that an earlier rendering took over from the site, comma-separated, by key in lower case. */
  readonly carried?: ReadonlyMap<string, string>;
  /** Keys of NodeName=DEFAULT lines: they reach whatever is included below them. */
  readonly nodeDefaults: readonly SiteSetting[];
}

/** One setting of the site's own slurm.conf. */
export interface SiteSetting {
  /** As it is written. */
  readonly key: string;
  /** As it is written. */
  readonly value: string;
  /** Path as it was read. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

/** Everything that rendering depends on; the same input always renders to the same bytes. */
export interface RenderInput {
  /** The site's configuration. */
  readonly config: Config;
  /** The release that is rendered for. */
  readonly version: SlurmVersion;
  /** What instance types have. */
  readonly facts: TypeFacts;
  /** For Weight; absent: it follows size. */
  readonly prices?: PriceList;
  /** Availability zone by subnet id, as far as it is known. */
  readonly zones?: ReadonlyMap<string, string>;
  /** Directory that holds the installed program: `bin/`, `etc/`. */
  readonly prefix: string;
  /** Directory of the rendered files for the Include lines; absent: next to slurm.conf, so bare names do. */
  readonly includeDir?: string;
  /** Absent: not looked at. */
  readonly site?: SiteConf;
  /** Which power-saving block. */
  readonly profile: Profile;
  /** Name and version of this program, for the head of the files. */
  readonly program: string;
}

/** What came of it: all files, or everything that stands in the way. */
export type Rendering =
  | {
    /** Everything could be rendered. */
    readonly kind: "rendered";
    /** In the order in which they are printed. */
    readonly files: readonly RenderedFile[];
    /** What a person should know before installing the files. */
    readonly notes: readonly string[];
  }
  | {
    /** Nothing was rendered. */
    readonly kind: "refused";
    /** Each with its next step. */
    readonly problems: readonly Fault[];
  };
