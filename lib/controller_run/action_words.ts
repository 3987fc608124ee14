import type { Action } from "../controller/action.ts";

/**
 * What each kind of action is in a sentence for the administrator, with the call that it makes: EC2's and SSM's are in
 * IAM policies and CloudTrail by that name. The compiler holds this table complete.
 */
export const ACTION_WORDS: Readonly<Record<Action["kind"], string>> = {
  "run-instances": "Launching instances (RunInstances)",
  "look-up-token": "Looking for the instances of a launch (DescribeInstances)",
  "describe": "Looking at instances (DescribeInstances)",
  "list": "Listing the cluster's instances (DescribeInstances)",
  "list-ended": "Listing the cluster's ended instances (DescribeInstances)",
  "ask-slurm": "Asking slurmctld for its nodes (scontrol show nodes)",
  "read-timeouts": "Asking slurmctld for its timeouts (scontrol show config)",
  "read-parameters": "Reading SSM parameters (GetParameters)",
  "read-subnets": "Looking at subnets (DescribeSubnets)",
  "start": "Starting instances (StartInstances)",
  "end": "Ending instances (TerminateInstances or StopInstances)",
  "keep-console": "Reading a console (GetConsoleOutput)",
  "report-addresses": "Reporting addresses to slurmctld (scontrol update)",
  "set-state": "Setting the state of nodes (scontrol update)",
  "comment": "Writing to the users of jobs (scontrol update and notify)",
};
