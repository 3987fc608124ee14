import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { formerKeyNotes, parseConfig } from "../../../lib/config/parse.ts";
import { ProblemError } from "../../../lib/base/problem.ts";

const pure = { permissions: "none" } as const;

const withLimits = (limits: string) =>
  `cluster: chip
region: us-east-1
defaults: { os: { distribution: Rocky, version: "9" } }
nodeGroups:
  - { name: c7i, nodes: "c7i-[0-9]", instanceTypes: [c7i.large], subnets: [subnet-0123456789abcdef0] }
partitions: [{ name: cloud, nodeGroups: [c7i] }]
limits: ${limits}
`;

Deno.test(
  "parseConfig() reads a key by its former name, and formerKeyNotes() says which it has now",
  pure,
  () => {
    const text = withLimits("{ birthCheckSeconds: 7, cooldown: 60 }");
    const { launchCheckSeconds, cooldown } = parseConfig(text, "a.yaml").limits;
    assertEquals([launchCheckSeconds, cooldown], [7, 60]);
    assertEquals(formerKeyNotes(text, "a.yaml"), [
      "limits.birthCheckSeconds is called limits.launchCheckSeconds now: rename it; this release still reads the old name",
    ]);
  },
);

Deno.test("formerKeyNotes() says nothing of files whose keys have their names", pure, () => {
  for (const limits of ["{ launchCheckSeconds: 7 }", "{}", "{ cooldown: 60 }"]) {
    assertEquals(formerKeyNotes(withLimits(limits), "a.yaml"), [], limits);
  }
  for (const text of ["", "limits: 3", "- a", "limits:\n  - birthCheckSeconds", "{"]) {
    assertEquals(formerKeyNotes(text, "a.yaml"), [], text);
  }
});

Deno.test("parseConfig() finds what is wrong with a former key where it stands in the file", pure, () => {
  for (
    const [limits, says] of [
      ["{ birthCheckSeconds: 700 }", "a.yaml:7:30: "],
      [
        "{ birthCheckSeconds: 7, launchCheckSeconds: 8 }",
        '7:11: Unknown key "birthCheckSeconds" in limits (did you mean launchCheckSeconds?)',
      ],
    ] as const
  ) {
    const { message } = assertThrows(() => parseConfig(withLimits(limits), "a.yaml"), ProblemError);
    assertStringIncludes(message, says);
  }
});
