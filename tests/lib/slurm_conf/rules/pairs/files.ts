import { DIRECTORY, type Pair, WHOLE } from "./pair.ts";

/** Rules on files, and on values that the parser itself judges. */
export const FILE_PAIRS: readonly Pair[] = [
  { id: "CF001", bad: "«ClusterName=x\0", says: "has a NUL byte", good: "ClusterName=x" },
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
  {
    id: "CF003",
    bad: "Include /c/a.conf",
    says: "Include loop",
    good: "Include /c/b.conf\nInclude /c/b.conf",
    files: { "/c/a.conf": "Include «/c/a.conf\n", "/c/b.conf": "" },
  },
  { id: "CF005", bad: "KillWait=«zz", says: "is not a whole number", good: "KillWait=30" },
  {
    id: "CF006",
    bad: "Include «/c/dir",
    says: "/c/dir",
    good: "Include /c/some.conf",
    files: { "/c/dir": DIRECTORY, "/c/some.conf": "" },
  },
  {
    id: "CF007",
    bad: "Include /c/a.conf\n",
    says: "b.conf",
    good: "Include /c/b.conf\n",
    files: { "/c/a.conf": "Include «b.conf\n", "/c/b.conf": "", "b.conf": "" },
  },
  {
    id: "CF008",
    bad: "SlurmctldParameters=cloud_dns\\\n«ResumeProgram=/a\n",
    says: "ResumeProgram is not set",
    good: "SlurmctldParameters=cloud_dns\nResumeProgram=/a\n",
  },
  {
    id: "CF009",
    bad: "LaunchParameters=test_exec\\",
    says: "ends after a backslash",
    good: "LaunchParameters=test_exec",
  },
  {
    id: "CF012",
    bad: "«PropagatePrioProcess=3",
    says: "is not one of 0, 1 and 2",
    good: "PropagatePrioProcess=2",
  },
  {
    id: "CF013",
    bad: "NodeName=c[0-3]\nDownNodes=«c[3-4] State=DOWN",
    says: '"c4"',
    good: "NodeName=c[0-3]\nDownNodes=c[2-3] State=DOWN",
  },
  {
    id: "CF014",
    bad: `${WHOLE}GresTypes=gpu`,
    says: '"Countt" is not a key of gres.conf: did you mean Count?',
    gres: "Name=gpu «Countt=1",
    good: `${WHOLE}GresTypes=gpu`,
    goodGres: "AutoDetect=off\nNodeName=c0 Name=gpu Count=1",
  },
  {
    id: "CF014",
    bad: `${WHOLE}GresTypes=gpu`,
    says: "put Name or NodeName before it",
    gres: "«Count=1",
    good: `${WHOLE}GresTypes=gpu`,
    goodGres: "Name=gpu Count=1",
  },
  {
    id: "CF015",
    bad: `${WHOLE}GresTypes=gpu`,
    says: 'Count="1.5" is not a whole number',
    gres: "Name=gpu Count=«1.5",
    good: `${WHOLE}GresTypes=gpu`,
    goodGres: "Name=gpu Count=1K",
  },
];
