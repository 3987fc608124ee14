import { type ErrorClass, errorClass } from "../aws/error_codes.ts";

/**
 * Why a job or a node waits, as `slurm-ec2 why` says it: `CAPACITY` EC2 has none of it; `QUOTA` the account's limit;
 * `LIMIT` a limit of this configuration; `PAUSED` an administrator has paused launches; `THROTTLED` EC2 takes no more
 * calls for now; `PERMISSION` IAM or the account forbids it; `REQUEST` the launch can't work as it is configured; `AWS`
 * AWS does not answer, or not in a way that is known; `IMAGE` boots of this image fail; `INSTANCE` the instance has
 * ended; `BOOTING` the instance is on its way; `SLURM` slurmctld has a reason of its own; `NONE` nothing is waited for.
 */
export type WaitClass =
  | "CAPACITY"
  | "QUOTA"
  | "LIMIT"
  | "PAUSED"
  | "THROTTLED"
  | "PERMISSION"
  | "REQUEST"
  | "AWS"
  | "IMAGE"
  | "INSTANCE"
  | "BOOTING"
  | "SLURM"
  | "NONE";

/** What a refusal of each class means to a node that waits. */
export const WAIT_OF_ERROR: Readonly<Record<ErrorClass, WaitClass>> = {
  "throttle": "THROTTLED",
  "pool": "CAPACITY",
  "subnet": "CAPACITY",
  "quota": "QUOTA",
  "permission": "PERMISSION",
  "credentials": "PERMISSION",
  "request": "REQUEST",
  "split": "REQUEST",
  "state": "INSTANCE",
  "not-found": "INSTANCE",
  "transient": "AWS",
  "network": "AWS",
  "deadline": "AWS",
  "dry-run": "NONE",
  "ended": "INSTANCE",
  "limit": "LIMIT",
  "paused": "PAUSED",
  "unknown": "AWS",
};

/** Codes of ours that no table of AWS's codes has. */
const OURS: Readonly<Record<string, WaitClass>> = {
  BootFailureBreaker: "IMAGE",
  ResumeTimeout: "IMAGE",
  Configuration: "REQUEST",
  StateRefused: "REQUEST",
};

/** Each class in one sentence without a final period, for a user who does not know AWS. */
const MEANINGS: Readonly<Record<WaitClass, string>> = {
  CAPACITY: "AWS has no free instance of the kind that is needed",
  QUOTA: "the AWS account's own limit is reached: an administrator has to ask for a higher one",
  LIMIT: "a limit that the administrators have set is reached",
  PAUSED: "the administrators have paused launches",
  THROTTLED: "AWS takes no more calls from this account for a moment",
  PERMISSION: "AWS does not allow the launch: an administrator has to see to the credentials or the policy",
  REQUEST: "the launch can't work as it is configured: an administrator has to see to it",
  AWS: "AWS did not answer, or not as it should",
  IMAGE: "nodes of this image did not come up: an administrator has to see to the image",
  INSTANCE: "the node's instance has ended, or can't be used",
  BOOTING: "the instance is on its way",
  SLURM: "Slurm has a reason of its own",
  NONE: "nothing is waited for",
};

/** Every class, for schemas and tests. */
export const WAIT_CLASSES = Object.keys(MEANINGS) as readonly WaitClass[];

/** What a class means, in one sentence without a final period. */
export function waitMeaning(waitClass: WaitClass): string {
  return MEANINGS[waitClass];
}

/** The class of AWS's error code, an instance's state reason, or a code of ours. */
export function waitClassOf(code: string): WaitClass {
  return OURS[code] ?? WAIT_OF_ERROR[errorClass(code)];
}
