import { readFailure } from "../../lib/base/read_failure.ts";
import type { Config } from "../../lib/config/model.ts";
import type { Document } from "../../lib/slurm_conf/document.ts";
import { parseDocument } from "../../lib/slurm_conf/parse.ts";
import type { Profile, SiteConf } from "../../lib/slurm_conf/render/render_input.ts";
import { isOurs, siteConf } from "../../lib/slurm_conf/render/site_conf.ts";
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
  /** The power_save.conf whose place the rendered one takes: what it took over from the site is kept. */
  readonly replaced?: string;
}

/**
 * The site's own configuration as far as rendering needs it: the slurm.conf that was named, the file of
 * on-premises nodes where SuspendTime is cluster-wide, so that those nodes must be excluded by name, and what an
 * earlier rendering took over. Undefined when none of them is there.
 * @throws {UsageError} when a file that is named can't be read.
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
  const before = question.replaced === undefined ? undefined : readOwn(host, question.replaced);
  if (files.length === 0 && before === undefined) return undefined;
  const named = files.map(({ path, namedBy }) => {
    try {
      return parseDocument(path, host.files.read);
    } catch (error) {
      if (!(error instanceof Error) || error instanceof Deno.errors.NotCapable) throw error;
      throw new UsageError(`Can't read ${path} (named by ${namedBy}): ${readFailure(error)}`);
    }
  });
  return siteConf([...before === undefined ? [] : [before], ...named]);
}

/** A rendered file as it is installed; undefined where there is none, or the file there is not ours. */
function readOwn(host: Host, path: string): Document | undefined {
  try {
    const document = parseDocument(path, host.files.read);
    return isOurs(document.root) ? document : undefined;
  } catch (error) {
    if (!(error instanceof Error) || error instanceof Deno.errors.NotCapable) throw error;
    // Nothing installed; or a file that can't be read, which the comparison with it reports.
    return undefined;
  }
}
