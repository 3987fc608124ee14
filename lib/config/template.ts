import { READY_PRICE } from "../slurm/ready_price.ts";
import { EDITOR_LINE } from "./json_schema.ts";
import type { OsDistribution } from "./model.ts";
import { notesOn } from "./unenforced.ts";
import { yamlScalar } from "./yaml_scalar.ts";

/** What a first configuration is made from; all of it checked already. */
export interface TemplateInput {
  readonly cluster: string;
  readonly region: string;
  /** At least one. */
  readonly subnets: readonly string[];
  readonly distribution: OsDistribution;
  /** Major version, e.g. `9`. */
  readonly version: string;
}

/** The major version of each distribution that a new site would choose. */
export const CURRENT_VERSION: Readonly<Record<OsDistribution, string>> = {
  AlmaLinux: "9",
  Amazon: "2023",
  CentOS: "9",
  RedHat: "9",
  Rocky: "9",
  Ubuntu: "24.04",
};

/** A configuration to begin with, as commented YAML that parses clean. */
export function configTemplate({ cluster, region, subnets, distribution, version }: TemplateInput): string {
  const list = subnets.map((subnet) => `    - ${subnet}`).join("\n");
  return `${EDITOR_LINE}
#
# slurm-ec2: which nodes of this cluster are EC2 instances, and how they are had.
#   slurm-ec2 config check     checks this file
#   slurm-ec2 config render    makes slurm.conf's part of it
# Every key is explained by the schema above: editors show it.

# Slurm's ClusterName. Instances carry it in the tag slurm-ec2:cluster.
cluster: ${yamlScalar(cluster)}
region: ${region}

slurm:
  # version: 24.05               # as sinfo --version tells; decides which keys are rendered
  confDir: /etc/slurm
  binDir: /usr/bin               # where scontrol is: hooks have no PATH
  user: slurm                    # SlurmUser: the user that slurmctld runs as
  # ready: off                   # no PrologSlurmctld of ours: saves each srun and salloc of the cluster
                                 # ${READY_PRICE}, and lets jobs start up to 30 s after their nodes are up

# Credentials are found as the AWS SDK finds them: environment, files of the slurm user, instance role.
# aws:
#   profile: slurm
#   credentialsFile: /etc/slurm/aws/credentials
#   endpoints: {ec2: https://vpce-0123456789abcdef0.ec2.${region}.vpce.amazonaws.com}

# What every node group takes over unless it says otherwise. Image, key pair and security groups are read from SSM:
#   /${cluster}/SlurmNodeAmi/${distribution}/${version}/x86_64/${region}
#   /${cluster}/SlurmNodeEc2KeyPairs/${region}
#   /${cluster}/SlurmNodeSecurityGroups/${region}
defaults:
  os: {distribution: ${distribution}, version: ${yamlScalar(version)}}
${comments("subnets")}  subnets:                       # in order of preference
${list}
  # imageId: ami-0123456789abcdef0
  # keyPair: none
  # securityGroups: [sg-0123456789abcdef0]
  # instanceProfile: SlurmNode
  # rootVolume: {size: 50, type: gp3, encrypted: true}
  # tags: {Project: chip}

# A node group is nodes of one shape.
nodeGroups:
  - name: small
    nodes: small-[0-9]
    instanceTypes: [c7i.large]
  - name: spare
    nodes: spare-[0-9]
    instanceTypes: [c7i.large]
    capacityType: spot           # cheaper; AWS may end such an instance with two minutes' notice
  # - name: arm                  # Arm nodes need programs of their own: give them a partition of their own
  #   nodes: arm-[0-9]
  #   instanceTypes: [c7g.large]
  # - name: big
  #   nodes: big-[0-3]
  #   instanceTypes: [r7i.4xlarge]
  #   threadsPerCore: 1          # simultaneous multithreading off
  #   powerDownAction: stop      # keep the instance, for a quicker start

partitions:
  - name: cloud
    nodeGroups: [small, spare]
    MaxTime: 7-0                 # any key of slurm.conf's PartitionName line
  # - name: arm
  #   nodeGroups: [arm]

# File systems that nodes mount at the same paths as the site's own nodes do.
# fileSystems:
#   - {source: "nas1:/export/home", mount: /home, type: nfs4}

limits:
  expectedBootSeconds: 180
  # maxNodes: 20                 # instances at a time, stopped ones included
  # maxHourlyCost: 10            # USD/h; write the prices first: slurm-ec2 config prices --aws
  # maxDailyCost: 100            # USD since 00:00 UTC, from which on nothing more is launched
`;
}

/** What is not enforced of a key, as comments above it. */
function comments(property: string): string {
  return notesOn(property).map((note) => `  # ${note}\n`).join("");
}
