import { assertEquals } from "@std/assert";
import { helperChain, type Profiles } from "../../../lib/aws/profile_chain.ts";

const HELPER = { credential_process: "/opt/h x" };
const KEYS = { aws_access_key_id: "a", aws_secret_access_key: "b" };

for (
  const [says, profiles, chain] of [
    ["a profile's own helper", { p: HELPER }, { source: "p", roles: [] }],
    ["the helper of a source profile, and the roles after it", {
      p: { role_arn: "r", source_profile: "q" },
      q: { role_arn: "s", source_profile: "h" },
      h: HELPER,
    }, { source: "h", roles: ["q", "p"] }],
    ["none of a profile with keys", { p: { ...KEYS, ...HELPER } }, undefined],
    ["none of a source profile with keys", {
      p: { role_arn: "r", source_profile: "q" },
      q: { ...KEYS, role_arn: "s", source_profile: "h" },
      h: HELPER,
    }, undefined],
    ["a role's before the profile's own keys", {
      p: { ...KEYS, role_arn: "r", source_profile: "h" },
      h: HELPER,
    }, {
      source: "h",
      roles: ["p"],
    }],
    ["none of a web identity", { p: { ...HELPER, role_arn: "r", web_identity_token_file: "/t" } }, undefined],
    ["none in a circle", {
      p: { role_arn: "r", source_profile: "q" },
      q: { role_arn: "s", source_profile: "p" },
    }, undefined],
    ["none of a profile that is not there", {}, undefined],
    ["none of an empty profile", { p: {} }, undefined],
  ] satisfies [string, Profiles, { source: string; roles: string[] } | undefined][]
) {
  Deno.test({
    name: `helperChain() finds ${says}`,
    permissions: "none",
    fn: () => assertEquals(helperChain(profiles, "p"), chain && { ...chain, command: "/opt/h x" }),
  });
}
