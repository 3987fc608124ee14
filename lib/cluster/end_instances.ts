import { AwsError } from "../aws/aws_error.ts";
import type { Ec2Api } from "../aws/ec2_api.ts";
import { errorRule, isUnauthorized } from "../aws/error_codes.ts";
import { type Patience, patiently } from "../aws/patiently.ts";
import { chunk } from "../base/chunk.ts";
import { isolate, type Isolated } from "../base/isolate.ts";
import { mapBounded } from "../base/map_bounded.ts";

/** Ids that one TerminateInstances or StopInstances call takes: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TerminateInstances.html */
const IDS_PER_CALL = 1000;

/** Calls under way at once: EC2's bucket of them holds a hundred. https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html */
const CALLS_AT_ONCE = 5;

/**
 * Terminates instances, ≤ 1000 a call; EC2 refuses a whole call for one bad id, so a refused call is halved
 * until the bad ids stand alone.
 * @returns the ids that could not be terminated, each with what EC2 said
 */
export function terminateInstances(
  ec2: Pick<Ec2Api, "terminateInstances">,
  ids: readonly string[],
  patience: Patience,
): Promise<Isolated<string>[]> {
  return inCalls(ids, patience, async (InstanceIds) => {
    await ec2.terminateInstances({ InstanceIds });
  });
}

/** Stops instances as {@link terminateInstances} terminates them. */
export function stopInstances(
  ec2: Pick<Ec2Api, "stopInstances">,
  ids: readonly string[],
  patience: Patience,
): Promise<Isolated<string>[]> {
  return inCalls(ids, patience, async (InstanceIds) => {
    await ec2.stopInstances({ InstanceIds });
  });
}

/** Starts stopped instances as {@link terminateInstances} terminates them. */
export function startInstances(
  ec2: Pick<Ec2Api, "startInstances">,
  ids: readonly string[],
  patience: Patience,
): Promise<Isolated<string>[]> {
  return inCalls(ids, patience, async (InstanceIds) => {
    await ec2.startInstances({ InstanceIds });
  });
}

async function inCalls(
  ids: readonly string[],
  patience: Patience,
  call: (ids: readonly string[]) => Promise<void>,
): Promise<Isolated<string>[]> {
  const failed = await mapBounded(chunk([...new Set(ids)], IDS_PER_CALL), CALLS_AT_ONCE, (some) => {
    let [denials, isAllowed] = [0, false];
    const run = async (part: readonly string[]) => {
      await patiently(patience, () => call(part));
      isAllowed = true;
    };
    return isolate(
      some,
      run,
      (error) => failsForAll(error) || (isDenied(error) && !isAllowed && ++denials >= DENIALS_MAX),
    );
  });
  return failed.flat();
}

/**
 * Calls that IAM denies before it counts as denied for every id. A policy that allows by tag denies a whole call for
 * one instance that has lost its tag, or that EC2 no longer knows; a thousand ids are halved ten times until that one
 * stands alone, and the call after that is the first that can go through.
 */
const DENIALS_MAX = 12;

function isDenied(error: unknown): boolean {
  return error instanceof AwsError && isUnauthorized(error.code);
}

/** Errors about the caller or the connection rather than one id: asking again in halves would only fail more often. */
function failsForAll(error: unknown): boolean {
  if (!(error instanceof AwsError)) return true;
  return errorRule(error.code).scope === "account";
}
