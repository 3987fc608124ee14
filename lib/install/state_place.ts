import { isNetworkFileSystem } from "../base/network_file_system.ts";

/** What is known of the place where a cluster's state is to be. */
export interface StatePlace {
  readonly stateDir: string;
  readonly cluster: string;
  /** Type of the file system that it lies on; undefined where nobody says. */
  readonly fileSystem: string | undefined;
  /** Cluster whose state is there already; undefined where there is none. */
  readonly usedBy: string | undefined;
}

/** Why a cluster's state can't be there; undefined when it can. */
export function statePlaceProblem({ stateDir, cluster, fileSystem, usedBy }: StatePlace): string | undefined {
  if (usedBy !== undefined && usedBy !== cluster) {
    return `stateDir ${stateDir} belongs to cluster "${usedBy}": give "${cluster}" a stateDir of its own in slurm-ec2.yaml, e.g. ${stateDir}-${cluster}`;
  }
  if (fileSystem !== undefined && isNetworkFileSystem(fileSystem)) {
    return `stateDir ${stateDir} is on ${fileSystem}: its locks and its database need a disk of this host; set stateDir in slurm-ec2.yaml, e.g. /var/lib/slurm-ec2`;
  }
  return undefined;
}
