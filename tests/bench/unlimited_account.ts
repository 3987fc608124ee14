import type { Edit } from "../fixtures/edited_build.ts";

/** A program for an account whose resource tokens of RunInstances don't run out: 10,000 nodes are to be had at once. */
export const UNLIMITED: Edit = {
  file: "lib/aws/token_bucket.ts",
  from: "RunInstances: { size: 1000, refill: 2 }",
  to: "RunInstances: { size: 1_000_000, refill: 1_000 }",
};
