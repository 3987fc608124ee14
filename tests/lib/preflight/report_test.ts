import { assertEquals } from "@std/assert";
import { type CheckResult, isFound } from "../../../lib/preflight/check_result.ts";
import { resultsGithub, resultsText } from "../../../lib/preflight/report.ts";

const FINDINGS: readonly CheckResult[] = [
  { check: "image", status: "pass", what: "/a", evidence: "is there", fix: "none" },
  { check: "image", status: "fail", what: "/bb", evidence: "holds \u001b[2J", fix: "aws x" },
  { check: "ports", status: "can't tell", what: "/c", evidence: "100 %\nsure" },
];

Deno.test(
  "resultsText() aligns, fixes and counts, and hides control characters",
  { permissions: "none" },
  () => {
    assertEquals(
      resultsText(FINDINGS),
      [
        "RESULT      WHAT  EVIDENCE",
        "pass        /a    is there",
        "fail        /bb   holds ␛[2J",
        "            fix: aws x",
        "can't tell  /c    100 %␊sure",
        "",
        "1 fail, 1 can't tell, 1 pass",
        "",
      ].join("\n"),
    );
  },
);

Deno.test("resultsGithub() tells what did not pass, on one line each", { permissions: "none" }, () => {
  assertEquals(
    resultsGithub(FINDINGS, "ssm validate"),
    "::error title=slurm-ec2 ssm validate::/bb: holds ␛[2J%0AFix: aws x\n" +
      "::notice title=slurm-ec2 ssm validate::/c: 100 %25%0Asure\n",
  );
});

Deno.test(
  "isFound() takes a refusal for something found, and ignorance for none",
  { permissions: "none" },
  () => {
    assertEquals(FINDINGS.map(isFound), [false, true, false]);
    assertEquals(isFound({ ...FINDINGS[2]!, code: "AccessDenied" }), true);
    assertEquals(isFound({ ...FINDINGS[0]!, status: "warn" }), true);
    assertEquals(isFound({ ...FINDINGS[0]!, status: "info" }), false);
  },
);

Deno.test("resultsText() paints each status by how bad it is, and nothing else of the table", {
  permissions: "none",
}, () => {
  const plain = resultsText(FINDINGS);
  const painted = resultsText(FINDINGS, (tone, text) => `<${tone}>${text}</>`);
  assertEquals(painted.replace(/<\w+>|<\/>/g, ""), plain);
  for (const { status } of FINDINGS) {
    const tone =
      { fail: "bad", warn: "doubtful", "can't tell": "doubtful", info: "remark", pass: "good" }[status];
    assertEquals(painted.includes(`<${tone}>${status}</>`), true, status);
  }
});
