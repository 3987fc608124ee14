import type { Pair } from "./pair.ts";

/** Rules on files, and on values that the parser itself judges. */
export const FILE_PAIRS: readonly Pair[] = [
  { id: "CF001", bad: "«ClusterName=x\0", says: "", good: "ClusterName=x" },
  {
    id: "CF002",
    bad: "Include «/c/none.conf",
    says: 'Can\'t read the included file "/c/none.conf"',
    good: "Include /c/some.conf",
    files: { "/c/some.conf": "" },
  },
  {
    id: "CF004",
    bad: "LaunchParameters=\n",
    says: "LaunchParameters",
    good: "LaunchParameters=test_exec\n",
  },
  { id: "CF005", bad: "KillWait=«zz", says: "is no whole number", good: "KillWait=30" },
  {
    id: "CF008",
    bad: "SlurmctldParameters=cloud_dns\\\n«ResumeProgram=/a\n",
    says: "ResumeProgram is not set",
    good: "SlurmctldParameters=cloud_dns\nResumeProgram=/a\n",
  },
];
