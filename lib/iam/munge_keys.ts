import type { Config } from "../config/model.ts";

/** Where `slurm-ec2 iam policy --for node` and the template in deploy/cloudformation look where nothing says so. */
const DEFAULT = "MungeKey";

/**
 * The munge keys in SSM that node groups name (`MUNGE_KEY: ssm:/NAME` of their userData), each once; none where every
 * group has its key otherwise, and `MungeKey` below the prefix where no group says anything.
 */
export function configuredMungeKeys({ nodeGroups }: Pick<Config, "nodeGroups">): readonly string[] {
  const said = nodeGroups.flatMap(({ userData }) => userData.MUNGE_KEY ?? []);
  if (said.length === 0) return [DEFAULT];
  return [...new Set(said.filter((key) => key.startsWith("ssm:")))].sort();
}
