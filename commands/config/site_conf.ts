import { readFailure } from "../../lib/base/read_failure.ts";
import type { Config } from "../../lib/config/model.ts";
import { parseDocument } from "../../lib/slurm_conf/parse.ts";
import type { Profile, SiteConf } from "../../lib/slurm_conf/render/render_input.ts";
import { siteConf } from "../../lib/slurm_conf/render/site_conf.ts";
import { compareVersions, type SlurmVersion } from "../../lib/slurm_conf/versions.ts";
import { UsageError } from "../base/command.ts";
import type { Host } from "../base/host.ts";

/** What decides which of the site's files are looked at. */
export interface SiteQuestion {
  readonly config: Config;
  readonly version: SlurmVersion;
  readonly profile: Profile;
  /** The slurm.conf that the user named. */
  readonly slurmConf: string | undefined;
}

/**
 * The site's own configuration as far as rendering needs it: the slurm.conf that was named, and the file of
 * on-premises nodes where SuspendTime is cluster-wide, so that those nodes must be excluded by name.
 * @throws {UsageError} when a file can't be read.
 */
export function readSite(host: Host, question: SiteQuestion): SiteConf | undefined {
  const { config, version, profile, slurmConf } = question;
  const isClusterWide = profile === "legacy" || compareVersions(version, "21.08") < 0;
  const { confDir, onPremConf } = config.slurm;
  const onPrem = onPremConf?.startsWith("/") ? onPremConf : `${confDir}/${onPremConf}`;
  const files = [
    ...(slurmConf === undefined ? [] : [{ path: slurmConf, namedBy: "--slurm-conf" }]),
    ...(isClusterWide && onPremConf !== undefined ? [{ path: onPrem, namedBy: "slurm.onPremConf" }] : []),
  ];
  if (files.length === 0) return undefined;
  return siteConf(files.map(({ path, namedBy }) => {
    try {
      return parseDocument(path, host.files.read);
    } catch (error) {
      if (!(error instanceof Error) || error instanceof Deno.errors.NotCapable) throw error;
      throw new UsageError(`Can't read ${path} (named by ${namedBy}): ${readFailure(error)}`);
    }
  }));
}
