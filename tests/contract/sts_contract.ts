import { assertMatch } from "@std/assert";
import type { Clause } from "./clause.ts";
import type { AwsFixture } from "./fixture.ts";

/** What we rely on of STS (https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html). */
export const STS_CLAUSES: readonly Clause<AwsFixture>[] = [
  {
    name: "the caller has an account and an ARN in it",
    async holds({ sts }) {
      const { account, arn, userId } = await sts.getCallerIdentity();
      assertMatch(account, /^\d{12}$/);
      assertMatch(arn, new RegExp(`^arn:aws[a-z-]*:(iam|sts)::${account}:`));
      assertMatch(userId, /./);
    },
  },
];
