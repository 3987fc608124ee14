import type { Ec2Api } from "../aws/ec2_api.ts";
import type { Patience } from "../aws/patiently.ts";
import { errorText } from "../base/error_text.ts";
import { startInstances, stopInstances, terminateInstances } from "../cluster/end_instances.ts";
import type { Fact } from "../controller/fact.ts";
import { type Performed, refusalOf, type Refused, whyOf } from "./performed.ts";

const BY_NAME = { terminate: terminateInstances, stop: stopInstances, start: startInstances };

/** EC2's name of each call, as IAM policies and CloudTrail have it. */
const CALLS = { terminate: "TerminateInstances", stop: "StopInstances", start: "StartInstances" } as const;

/** Each call once: the loop does the waiting, so that a newer request is not held up. */
const ONCE: Patience = {
  now: () => 1,
  deadline: 0,
  random: () => 1,
  sleep: () => Promise.resolve(),
};

/** Terminates, stops or starts instances; one bad id costs the others nothing. */
export async function endOrStart(
  ec2: Pick<Ec2Api, "startInstances" | "stopInstances" | "terminateInstances">,
  action: "terminate" | "stop" | "start",
  ids: readonly string[],
): Promise<Performed> {
  const failed = await BY_NAME[action](ec2, ids, ONCE);
  const bad = new Set(failed.map(({ item }) => item));
  const accepted = ids.filter((id) => !bad.has(id));
  const facts: Fact[] = failed.map(({ item: id, error }) => ({
    kind: action === "start" ? "start-refused" : "end-refused",
    id,
    refusal: refusalOf(error),
  }));
  if (accepted.length > 0) {
    facts.unshift({ kind: action === "start" ? "start-accepted" : "end-accepted", ids: accepted });
  }
  // Those that one answer refused wait together, so that they share the next call as well.
  const refusals: Refused[] = [...Map.groupBy(failed, ({ error }) => error)].map(([error, items]) => ({
    subjects: items.map(({ item }) => `instance ${item}`),
    why: whyOf(error),
    message: `${CALLS[action]} of ${items.map(({ item }) => item).join(", ")} failed: ${errorText(error)}`,
  }));
  return { facts, refusals };
}
