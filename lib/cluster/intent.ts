import * as v from "valibot";
import type { RunInstancesInput } from "../aws/ec2_api.ts";

/**
 * A launch as it will be sent, written down before it is sent: whoever finds it replays the same bytes with the
 * same client token, and EC2 answers with the same instances instead of new ones.
 * https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html
 */
export interface Intent {
  readonly version: 1;
  /** Id of the hook that wrote it. */
  readonly hook: string;
  readonly cluster: string;
  readonly nodeGroup: string;
  /** In launch-index order. */
  readonly nodes: readonly string[];
  /** Milliseconds since 1970 UTC. */
  readonly createdAt: number;
  readonly input: RunInstancesInput;
}

const IntentSchema = v.object({
  version: v.literal(1),
  hook: v.string(),
  cluster: v.string(),
  nodeGroup: v.string(),
  nodes: v.array(v.string()),
  createdAt: v.number(),
  input: v.looseObject({
    ImageId: v.string(),
    InstanceType: v.string(),
    MinCount: v.number(),
    MaxCount: v.number(),
    ClientToken: v.string(),
  }),
});

/** A stored intent, or undefined when the value is none. */
export function parseIntent(value: unknown): Intent | undefined {
  const result = v.safeParse(IntentSchema, value);
  return result.success ? result.output as Intent : undefined;
}
