import type { CallOptions } from "./ec2_api.ts";

/** The STS operation that people's commands call: who am I? */
export interface StsApi {
  /** Account and ARN of the credentials in use; needs no permission. */
  getCallerIdentity(
    options?: CallOptions,
  ): Promise<{ readonly account: string; readonly arn: string; readonly userId: string }>;
}
