import { assertEquals, assertStringIncludes } from "@std/assert";
import { WORLD } from "../../../lib/sim/fresh_world.ts";
import { EXPIRED_ACCESS_KEY, INVALID_ACCESS_KEY } from "../../../lib/sim/wire/server.ts";
import { TEST_PARAMETERS } from "../../fixtures/test_config.ts";
import { assertRefused } from "./assert_refused.ts";
import { type SiteOptions, withHookSite } from "./hook_site.ts";

const IMAGE = `/test/SlurmNodeAmi/Rocky/9/x86_64/${WORLD.region}`;
const { [IMAGE]: _, ...NO_IMAGE } = TEST_PARAMETERS;

for (
  const [what, options, says] of [
    ["a missing parameter", { parameters: NO_IMAGE }, [
      "ParameterNotFound: ",
      `SSM parameter ${IMAGE} is missing`,
      "aws ssm put-parameter",
    ]],
    ["a parameter that is UNDEFINED", { parameters: { ...TEST_PARAMETERS, [IMAGE]: "UNDEFINED" } }, [
      "InvalidParameterValue: ",
      `SSM parameter ${IMAGE} holds UNDEFINED, not an AMI id`,
      "aws ssm put-parameter",
    ]],
    ["a parameter that is there for another region only", {
      parameters: { ...NO_IMAGE, [IMAGE.replace(WORLD.region, "eu-west-1")]: WORLD.imageIds.x86_64 },
    }, [`SSM parameter ${IMAGE} is missing`]],
    ["an image that EC2 does not know", { parameters: { ...TEST_PARAMETERS, [IMAGE]: "ami-00000000" } }, [
      "InvalidAMIID.NotFound: ",
      "ami-00000000",
    ]],
    ["expired credentials", { accessKey: EXPIRED_ACCESS_KEY }, ["xpired", "/credentials"]],
    ["credentials that AWS does not know", { accessKey: INVALID_ACCESS_KEY }, ["/credentials"]],
    ["no credentials at all", { accessKey: undefined }, [
      "CredentialsNotFound: ",
      "No AWS credentials for",
      "aws.credentialsFile",
    ]],
  ] as const satisfies readonly (readonly [string, SiteOptions, readonly string[]])[]
) {
  Deno.test(`resume with ${what} sets the nodes down with the reason and the next step`, () =>
    withHookSite(options, (site) => assertRefused(site, ...says)));
}

Deno.test("stop with expired credentials sets the node down and says whose credentials they were", () =>
  withHookSite({}, async (site) => {
    await site.run(["resume", "c0"]);
    const file = `${site.dir}/credentials`;
    Deno.writeTextFileSync(file, Deno.readTextFileSync(file).replace("simulated", EXPIRED_ACCESS_KEY));
    const { code, json } = await site.run(["stop", "--json", "c0"]);
    assertEquals([code, json().nodes], [1, { c0: "failed" }]);
    assertStringIncludes(site.slurm().nodes.c0!.reason, file);
    assertEquals(site.live().length, 1);
  }));
