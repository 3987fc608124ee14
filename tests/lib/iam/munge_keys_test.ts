import { assertEquals } from "@std/assert";
import { configuredMungeKeys } from "../../../lib/iam/munge_keys.ts";
import { testGroup } from "../../fixtures/test_group.ts";

for (
  const [said, keys] of [
    [[undefined, undefined], ["MungeKey"]],
    [["ssm:/b", "ssm:/a", "ssm:/b", undefined], ["ssm:/a", "ssm:/b"]],
    [["/opt/munge.key", "ssm:/a"], ["ssm:/a"]],
    [["/opt/munge.key"], []],
  ] as const
) {
  Deno.test(`configuredMungeKeys() of ${said.join(", ")} are ${JSON.stringify(keys)}`, {
    permissions: "none",
  }, () => {
    const nodeGroups = said.map((key) =>
      testGroup({ userData: key === undefined ? {} : { MUNGE_KEY: key } })
    );
    assertEquals(configuredMungeKeys({ nodeGroups }), keys);
  });
}
