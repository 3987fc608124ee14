import type { Answer } from "../answer.ts";
import type { CheckResult } from "../check_result.ts";
import { refusedFinding } from "./parameter_checks.ts";
import { shellWord } from "./value_checks.ts";
import type { WantedValue } from "./wanted_value.ts";

/** Does the key pair exist? */
export function checkKeyPair(
  { wanted, keyName, region }: {
    readonly wanted: WantedValue;
    readonly keyName: string;
    readonly region: string;
  },
  answer: Answer<{ readonly keyName: string }>,
): CheckResult[] {
  const base = { check: "key-pair", what: wanted.what } as const;
  if (answer.kind === "refused") return [refusedFinding(base.check, base.what, answer)];
  if (answer.kind === "found") {
    return [{ ...base, status: "pass", evidence: `Key pair "${keyName}" exists in ${region}` }];
  }
  return [{
    ...base,
    status: "fail",
    evidence: `Key pair "${keyName}" does not exist in ${region}`,
    fix:
      `aws ec2 import-key-pair --region ${region} --key-name ${
        shellWord(keyName)
      } --public-key-material fileb://KEY.pub ` +
      "# or keyPair: none in the configuration",
  }];
}
