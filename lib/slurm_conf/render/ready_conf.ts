import { splitHostlist } from "../../slurm/hostlist.ts";
import { READY_PRICE } from "../../slurm/ready_price.ts";
import { compareVersions } from "../versions.ts";
import type { ClusterSetting } from "./cluster_settings.ts";
import { comment, type RenderedFile } from "./conf_text.ts";
import { fileHead } from "./file_head.ts";
import type { RenderInput, SiteConf } from "./render_input.ts";
import type { Timeouts } from "./timeouts.ts";

/** Where `slurm-ec2 install` puts the prolog that waits for a job's nodes, below its prefix. */
export const READY = "bin/ready";

/** Name of the file with the settings of {@link READY}. */
const READY_FILE = "ready.conf";

/** What rendering says of {@link READY}: its line, its settings, and what a person should know. */
export interface ReadyConf {
  readonly settings: readonly ClusterSetting[];
  readonly file?: RenderedFile;
  readonly notes: readonly string[];
}

/**
 * The release from which every PrologSlurmctld line counts; before, the last one wins (24.05 release notes,
 * https://github.com/SchedMD/slurm/blob/slurm-24.05/RELEASE_NOTES).
 */
const SEVERAL_PROLOGS = "24.05";

/** Whether the job's prolog is to wait for its nodes, and how slurmctld gets to know of it. */
export function readyConf(input: RenderInput, times: Timeouts): ReadyConf {
  const { config, prefix, version, site } = input;
  const own = site?.settings.get("prologslurmctld");
  const oneOnly = own !== undefined && compareVersions(version, SEVERAL_PROLOGS) < 0;
  if (config.slurm.ready === "off" || (config.slurm.ready === "auto" && oneOnly)) {
    return {
      settings: [],
      notes: oneOnly && config.slurm.ready === "auto" ? [ownProlog(input, own.value)] : [],
    };
  }
  const { limit, notes } = waitLimit(times, site);
  const settings: ClusterSetting[] = oneOnly ? [] : [{
    says: "Ends when the job's nodes are up: slurmctld then starts the job at once, not up to 30 s later.\n" +
      `Every srun and salloc allocation of the cluster takes ${READY_PRICE} longer (slurm.ready: off).`,
    key: "PrologSlurmctld",
    value: `${prefix}/${READY}`,
    isRepeatable: true,
  }];
  return {
    settings,
    file: readyFile(input, limit),
    notes: [...(oneOnly ? [mustCall(input, own.value)] : []), ...notes],
  };
}

function ownProlog({ version, prefix }: RenderInput, own: string): string {
  return `Slurm ${version} runs one PrologSlurmctld, and the site has ${own}: jobs wait up to 30 s longer than their ` +
    `nodes; to have them start at once, set slurm.ready: on and let that script call ${prefix}/${READY}`;
}

function mustCall({ version, prefix }: RenderInput, own: string): string {
  return `Slurm ${version} runs one PrologSlurmctld: add this line to the end of ${own}: ${prefix}/${READY} || true`;
}

/** Seconds of a prolog's limit that are left for it to end in. */
const MARGIN = 5;

/**
 * How long a job may wait, in seconds: slurmctld gives nodes up after ResumeTimeout, and kills a prolog after
 * PrologTimeout or PrologEpilogTimeout and puts its job back into the queue.
 */
function waitLimit(times: Timeouts, site: SiteConf | undefined): { limit: number; notes: string[] } {
  const limits = ["prologtimeout", "prologepilogtimeout"].flatMap((key) => {
    const setting = site?.settings.get(key);
    const seconds = Number(setting?.value);
    return setting !== undefined && Number.isInteger(seconds) && seconds > 0 ? [{ ...setting, seconds }] : [];
  });
  const shortest = limits.sort((a, b) => a.seconds - b.seconds)[0];
  if (shortest === undefined || shortest.seconds - MARGIN >= times.resumeTimeout) {
    return { limit: times.resumeTimeout, notes: [] };
  }
  const { file, line, key, seconds } = shortest;
  return {
    limit: Math.max(1, seconds - MARGIN),
    notes: [
      `${file}:${line}: ${key}=${seconds} is shorter than a node may take to boot (${times.resumeTimeout} s): ` +
      "jobs whose nodes take longer start up to 30 s after them",
    ],
  };
}

function readyFile(input: RenderInput, limit: number): RenderedFile {
  const { config } = input;
  const prefixes = namePrefixes(config.nodeGroups.map(({ nodes }) => nodes));
  return {
    name: READY_FILE,
    text: [
      ...fileHead(READY_FILE, input),
      ...comment(
        "Settings of bin/ready, read and never run. PREFIXES: how names of cloud nodes begin; LIMIT: seconds.",
      ),
      `SLURM_CONF=${config.slurm.confDir}/slurm.conf`,
      `STATE_DIR=${config.stateDir}`,
      `BIN_DIR=${config.slurm.binDir}`,
      ...(prefixes === undefined ? [] : [`PREFIXES=${prefixes.join(" ")}`]),
      `LIMIT=${limit}`,
      "",
    ].join("\n"),
  };
}

/**
 * How the names begin, up to what Slurm folds into brackets; undefined when a name begins with that, so that every
 * job must be looked at.
 */
export function namePrefixes(hostlists: readonly string[]): string[] | undefined {
  const prefixes = new Set(
    hostlists.flatMap(splitHostlist).map((name) => name.replace(/\[.*$/, "").replace(/[0-9]+$/, "")),
  );
  return prefixes.has("") ? undefined : [...prefixes].sort();
}
