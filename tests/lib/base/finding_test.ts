import { assertEquals } from "@std/assert";
import { type FileRange, type Finding, findingsGithub } from "../../../lib/base/finding.ts";

const PLACE: FileRange = { file: "a.conf", line: 2, column: 3, endLine: 2, endColumn: 7 };

const CASES: readonly (readonly [what: string, finding: Finding, line: string])[] = [
  [
    "of a place within one line",
    { id: "XX001", severity: "error", message: "is wrong", place: PLACE },
    "::error file=a.conf,line=2,endLine=2,col=3,endColumn=6,title=XX001::is wrong\n",
  ],
  [
    "of a place over two lines, of which GitHub takes no columns",
    { id: "XX001", severity: "warning", message: "is wrong", place: { ...PLACE, endLine: 3 } },
    "::warning file=a.conf,line=2,endLine=3,col=3,title=XX001::is wrong\n",
  ],
  [
    "of an empty place",
    { id: "XX001", severity: "info", message: "is missing", place: { ...PLACE, endColumn: 3 } },
    "::notice file=a.conf,line=2,endLine=2,col=3,title=XX001::is missing\n",
  ],
  [
    "without a place, with a remedy, in text that could steer a terminal",
    { id: "doctor", severity: "error", what: "/a%", message: "is gone\x1b[2J", remedy: "make it, then\ntry" },
    "::error title=doctor::/a%25: is gone\u241b[2J%0AFix: make it, then%0Atry\n",
  ],
];

for (const [what, finding, line] of CASES) {
  Deno.test(`findingsGithub() writes a finding ${what}`, { permissions: "none" }, () => {
    assertEquals(findingsGithub([finding]), line);
    assertEquals(findingsGithub([finding, finding]), line + line);
  });
}
