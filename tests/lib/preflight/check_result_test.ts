import { assertEquals } from "@std/assert";
import type { Severity } from "../../../lib/base/finding.ts";
import { asFinding, type CheckResult, isFound, type Status } from "../../../lib/preflight/check_result.ts";

/** Of each status: the severity at GitHub, whether it asks for action, and whether it does when an answer was refused. */
const CASES: Readonly<
  Record<Status, readonly [severity: Severity | undefined, isFound: boolean, isFoundRefused: boolean]>
> = {
  pass: [undefined, false, false],
  info: ["info", false, false],
  warn: ["warning", true, true],
  fail: ["error", true, true],
  "can't tell": ["info", false, true],
};

for (const [status, [severity, found, foundRefused]] of Object.entries(CASES)) {
  Deno.test(`asFinding() and isFound() of ${status}`, { permissions: "none" }, () => {
    const result: CheckResult = {
      check: "image",
      status: status as Status,
      what: "/a",
      evidence: "is gone",
      fix: "write it",
    };
    assertEquals(
      asFinding(result, "doctor"),
      severity && { id: "slurm-ec2 doctor", severity, what: "/a", message: "is gone", remedy: "write it" },
    );
    assertEquals([isFound(result), isFound({ ...result, code: "AccessDenied" })], [found, foundRefused]);
  });
}
