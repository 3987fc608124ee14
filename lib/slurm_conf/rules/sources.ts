/** slurm.conf(5) of the newest release. */
export const SLURM_CONF = "https://slurm.schedmd.com/slurm.conf.html";
/** Slurm's guide to power saving. */
export const POWER_SAVE = "https://slurm.schedmd.com/power_save.html";
/** Slurm's guide to dynamic nodes. */
export const DYNAMIC_NODES = "https://slurm.schedmd.com/dynamic_nodes.html";
/** Slurm's guide to running without slurm.conf on the nodes. */
export const CONFIGLESS = "https://slurm.schedmd.com/configless_slurm.html";
/** gres.conf(5) of the newest release. */
export const GRES_CONF = "https://slurm.schedmd.com/gres.conf.html";
/** How EC2 throttles calls and launches. */
export const EC2_THROTTLING = "https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html";
/** How EC2 bills by the second, 60 s at least. */
export const EC2_ON_DEMAND =
  "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-on-demand-instances.html";
/** AWS ParallelCluster's choice of values for the same problem. */
export const PARALLELCLUSTER_CONF =
  "https://github.com/aws/aws-parallelcluster-cookbook/blob/develop/cookbooks/aws-parallelcluster-slurm/templates/default/slurm/slurm.conf.erb";

/** slurm.conf(5) as of a release. */
export function slurmConfOf(release: string): string {
  return fileOf(release, "doc/man/man5/slurm.conf.5");
}

/** RELEASE_NOTES of a release up to 24.05. */
export function releaseNotes(release: string): string {
  return fileOf(release, "RELEASE_NOTES");
}

/** The list of changes of a release, point releases included. */
export function changelog(release: string): string {
  return `https://github.com/SchedMD/slurm/blob/master/CHANGELOG/slurm-${release}.md`;
}

/** A file of Slurm's source as of a release. */
export function fileOf(release: string, path: string): string {
  return `https://github.com/SchedMD/slurm/blob/slurm-${release}/${path}`;
}
