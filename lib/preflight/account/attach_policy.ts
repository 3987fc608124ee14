import type { Caller } from "./caller_checks.ts";
import { shellWord } from "../parameters/value_checks.ts";

/**
 * The commands that print this configuration's policy and attach it to the caller, as a managed policy:
 * inline ones of a user may have 2,048 characters only
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html). For a caller whose
 * policies are not known, the command that prints it.
 */
export function attachPolicy(configFile: string, caller: Caller | undefined): string {
  const print = `slurm-ec2 iam policy --config ${shellWord(configFile)}`;
  const holder = caller && policyHolder(caller.arn);
  if (caller === undefined || holder === undefined) return `${print} # attach what it prints to the caller`;
  const partition = caller.arn.split(":")[1];
  return [
    `${print} > slurm-ec2.json`,
    "aws iam create-policy --policy-name slurm-ec2 --policy-document file://slurm-ec2.json",
    `aws iam attach-${holder} --policy-arn arn:${partition}:iam::${caller.account}:policy/slurm-ec2`,
  ].join(" && ");
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns */
function policyHolder(arn: string): string | undefined {
  const role = /:assumed-role\/([^/]+)\//.exec(arn)?.[1];
  if (role !== undefined) return `role-policy --role-name ${shellWord(role)}`;
  const user = /:user\/(?:.*\/)?([^/]+)$/.exec(arn)?.[1];
  return user === undefined ? undefined : `user-policy --user-name ${shellWord(user)}`;
}
