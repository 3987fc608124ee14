import { assert } from "@std/assert";
import fc from "fast-check";
import { ProblemError } from "../../../lib/base/problem.ts";
import { parseConfig } from "../../../lib/config/parse.ts";

const VALID = `# a site's configuration
cluster: eda
region: eu-west-1
aws: {profile: slurm, endpoints: {ec2: "https://vpce-1.example.com"}}
slurm:
  version: 24.05
  partitionOptions: {MaxTime: 7-0}
fileSystems:
  - {source: "nas1:/home", mount: /home, type: nfs4}
defaults: &shared
  os: {distribution: Rocky, version: 9}
  subnets: [subnet-0123456789abcdef0, subnet-0123456789abcdef1]
  tags: {Project: 'eda', Cost: 1.50}
nodeGroups:
  - name: c7i
    nodes: "c7i-[0-99]"
    instanceTypes: [c7i.large, c7i.xlarge]
    capacityType: spot-then-on-demand
  - name: m7g
    nodes: m7g-[000-099],m7gx
    instanceTypes:
      - m7g.large
    powerDownAction: stop
    maxStoppedDuration: 8h
    rootVolume: {size: 100, encrypted: true}
partitions:
  - name: cloud
    nodeGroups: [c7i, m7g]
    Default: YES
limits: {maxNodes: 500, launchBatch: 100}
`;

/** Text that means something in YAML or in this file, for insertions that matter. */
const PIECES = [
  "",
  " ",
  "\n",
  "\t",
  "\r\n",
  ":",
  ": ",
  "- ",
  "[",
  "]",
  "{",
  "}",
  ",",
  "&shared ",
  "*shared",
  "<<: *shared\n",
  "? ",
  "|\n",
  ">-\n",
  '"',
  "'",
  "#",
  "!!str ",
  "!x ",
  "---\n",
  "...\n",
  "%YAML 1.2\n",
  "~",
  "null",
  "true",
  "1e999",
  ".nan",
  "0x",
  "-1",
  "\0",
  "\uFEFF",
  "\uD800",
  "é",
  "__proto__: 1\n",
  "constructor: {}\n",
  "toString",
  "nodeGroups:\n",
  "name: ",
  "[0-",
  "99999999999999999999",
];

const edit = fc.record({
  at: fc.nat(VALID.length),
  remove: fc.integer({ min: 0, max: 30 }),
  insert: fc.oneof(fc.constantFrom(...PIECES), fc.string({ maxLength: 8 }), fc.integer().map(String)),
});

function apply(text: string, { at, remove, insert }: { at: number; remove: number; insert: string }): string {
  return text.slice(0, at) + insert + text.slice(at + remove);
}

/** Either a configuration, or problems that all stand inside the text. */
function holds(text: string): void {
  try {
    const config = parseConfig(text, "f.yaml");
    assert(config.nodeGroups.length > 0);
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    assert(error.problems.length > 0, "an error without a problem");
    const lines = text.split("\n");
    for (const { line, column, message } of error.problems) {
      const length = lines[line - 1]?.length;
      assert(
        length !== undefined && column >= 1 && column <= length + 1,
        `${line}:${column} is outside of the text: ${message}`,
      );
    }
  }
}

Deno.test("parseConfig() gives a configuration or problems inside the text whatever is edited", {
  permissions: "none",
}, () => {
  fc.assert(fc.property(fc.array(edit, { maxLength: 4 }), (edits) => holds(edits.reduce(apply, VALID))), {
    numRuns: 1000,
  });
});

Deno.test("parseConfig() gives a configuration or problems inside the text whatever the text", {
  permissions: "none",
}, () => {
  fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 200 }), holds), { numRuns: 500 });
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...PIECES, ...VALID.split(/(?<=\s)/)), { maxLength: 60 }),
      (pieces) => holds(pieces.join("")),
    ),
    {
      numRuns: 1000,
    },
  );
});
