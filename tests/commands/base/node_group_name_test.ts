import { assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../../../commands/base/command.ts";
import { nodeGroupNamed } from "../../../commands/base/node_group_name.ts";
import { launchGroup } from "../../../commands/doctor/launch.ts";
import { parseConfig } from "../../../lib/config/parse.ts";

const CONFIG = parseConfig(
  `cluster: a
region: eu-west-1
defaults: {os: {distribution: Rocky, version: "9"}, subnets: [subnet-0123456789abcdef0]}
nodeGroups:
  - {name: compute, nodes: c-0, instanceTypes: [c7i.large]}
  - {name: memory, nodes: m-0, instanceTypes: [r7i.large]}
`,
  "f",
);

/** doctor --launch's flags with this group. */
const flagsOf = (group: string) =>
  ({ get: (name: string) => name === "group" ? group : undefined }) as Parameters<typeof launchGroup>[1];

Deno.test("nodeGroupNamed() gives the group of that name", { permissions: "none" }, () => {
  assertEquals(nodeGroupNamed(CONFIG, "memory").name, "memory");
});

for (
  const [name, says] of [
    ["compte", 'Unknown node group: "compte" (did you mean "compute"?)'],
    ["xyz", 'Unknown node group: "xyz"; known: compute, memory'],
  ] as const
) {
  Deno.test(
    `nodeGroupNamed() and launchGroup() refuse "${name}" with the next step`,
    { permissions: "none" },
    () => {
      assertThrows(() => nodeGroupNamed(CONFIG, name), UsageError, says);
      assertThrows(() => launchGroup(CONFIG, flagsOf(name)), UsageError, says);
    },
  );
}
