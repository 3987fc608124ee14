import type { Flag, Flags } from "../base/flag.ts";
import { SLURM_FLAGS } from "../base/slurm_flags.ts";

/** Instances that one test may launch: two show that indexes differ. */
const COUNT = { min: 2, max: 10 } as const;

/** The flags of the one thing that doctor changes. */
const LAUNCH_FLAGS = [
  {
    name: "launch",
    value: "N",
    kind: "number",
    ...COUNT,
    summary: "Launch N instances of the smallest type (2 will do), see what EC2 does, end them; asks first",
  },
  { name: "group", value: "NAME", summary: "With --launch: like the nodes of this node group (the first)" },
  { name: "yes", summary: "With --launch: don't ask" },
] as const satisfies readonly Flag[];

/** The flags of the sections that look at this machine and its network. */
const SITE_FLAGS = [
  {
    name: "resolver",
    value: "ADDRESS",
    kind: "address",
    repeat: true,
    summary:
      "Ask this DNS server too: the VPC's (its base + 2, 169.254.169.253 on an instance) or a Resolver endpoint",
  },
  {
    name: "against",
    value: "FILE",
    summary: "Compare with the controller: what doctor --json printed there",
  },
  { name: "credential", summary: "Print a fresh munge credential, and nothing else" },
  {
    name: "check-credential",
    value: "FILE",
    summary: "Read such a credential of another machine's, - for standard input: have both one key?",
  },
] as const satisfies readonly Flag[];

/** The flags of all sections. */
export const SECTION_FLAGS = [...SLURM_FLAGS, ...LAUNCH_FLAGS, ...SITE_FLAGS] as const;

/** What flags say to sections. */
export type SectionFlags = Flags<typeof SECTION_FLAGS>;
