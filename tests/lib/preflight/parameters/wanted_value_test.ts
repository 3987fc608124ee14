import { assertEquals } from "@std/assert";
import { distinctParameterNames } from "../../../../lib/cluster/ssm_parameters.ts";
import { prefixesOf, wantedValues } from "../../../../lib/preflight/parameters/wanted_value.ts";
import { testConfig } from "../../../fixtures/test_config.ts";

Deno.test("wantedValues() wants what the hooks read, each once", { permissions: "none" }, () => {
  const config = testConfig();
  const wanted = wantedValues(config);
  assertEquals(wanted.map(({ name }) => name), distinctParameterNames(config, config.nodeGroups));
  assertEquals(wanted[0]!.groups.map(({ name }) => name), ["c", "s", "w"]);
});

Deno.test(
  "wantedValues() knows the other spelling and the cluster's own prefix",
  { permissions: "none" },
  () => {
    const config = testConfig({ ssm: { prefix: "stack", spelling: "SlurmNodeAmis" } });
    const [image, keyPair] = wantedValues(config);
    const path = "Rocky/9/x86_64/us-east-1";
    assertEquals(image!.name, `/stack/SlurmNodeAmis/${path}`);
    assertEquals(image!.otherNames, [
      `/stack/SlurmNodeAmi/${path}`,
      `/test/SlurmNodeAmi/${path}`,
      `/test/SlurmNodeAmis/${path}`,
    ]);
    assertEquals(keyPair!.otherNames, ["/test/SlurmNodeEc2KeyPairs/us-east-1"]);
  },
);

Deno.test("wantedValues() takes the configuration's own values, and no key pair for none", {
  permissions: "none",
}, () => {
  const config = testConfig();
  const nodeGroups = config.nodeGroups.map((group, i) => ({
    ...group,
    imageId: i === 0 ? "ami-12345678" : "ami-87654321",
    keyPair: "none",
    securityGroups: ["sg-12345678", "sg-87654321"],
  }));
  const wanted = wantedValues({ ...config, nodeGroups });
  assertEquals(wanted.map(({ what, configured }) => [what, configured]), [
    ["nodeGroups c, s, w: securityGroups", "sg-12345678,sg-87654321"],
    ["nodeGroups c: imageId", "ami-12345678"],
    ["nodeGroups s, w: imageId", "ami-87654321"],
  ]);
});

Deno.test("prefixesOf() leaves out what Parameter Store keeps for itself", { permissions: "none" }, () => {
  const ssm = { prefix: "chip", spelling: "SlurmNodeAmi" } as const;
  assertEquals(prefixesOf({ ssm, cluster: "chip" }), ["chip"]);
  assertEquals(prefixesOf({ ssm, cluster: "Aws-chip" }), ["chip"]);
  assertEquals(prefixesOf({ ssm, cluster: "other" }), ["chip", "other"]);
});
