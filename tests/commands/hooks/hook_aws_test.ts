import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { WORLD } from "../../../lib/sim/fresh_world.ts";
import { EXPIRED_ACCESS_KEY, INVALID_ACCESS_KEY } from "../../../lib/sim/wire/server.ts";
import { TEST_PARAMETERS } from "../../fixtures/test_config.ts";
import { type HookSite, type SiteOptions, withHookSite } from "./hook_site.ts";

const IMAGE = `/test/SlurmNodeAmi/Rocky/9/x86_64/${WORLD.region}`;
const { [IMAGE]: _, ...NO_IMAGE } = TEST_PARAMETERS;

/** The nodes have their verdict, slurmctld shows it, nothing runs, and the reason says what it must. */
async function assertRefused(site: HookSite, ...says: readonly string[]): Promise<void> {
  const { code, json, stdout, stderr } = await site.run(["resume", "--json", "c[0-1]"]);
  assertEquals(code, 1, stdout + stderr);
  assertEquals(json().nodes, { c0: "down", c1: "down" });
  for (const node of ["c0", "c1"]) {
    const { state, reason } = site.slurm().nodes[node]!;
    assertStringIncludes(state, "DOWN");
    assert(reason.includes("[slurm-ec2 until="), reason);
    for (const words of says) assertStringIncludes(reason, words);
    assertStringIncludes(site.log(), reason);
  }
  assertEquals(site.live(), []);
}

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

/** A port of loopback that nobody listens on: one that was free a moment ago. */
function deadEndpoint(): string {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return `http://127.0.0.1:${port}`;
}

/** Something on loopback that is not AWS, as a proxy's login page is not. */
async function withHtml(test: (url: string) => Promise<void>): Promise<void> {
  const page = "<!DOCTYPE html><html><body>Please log in</body></html>";
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => new Response(page, { headers: { "content-type": "text/html" } }),
  );
  try {
    await test(`http://127.0.0.1:${server.addr.port}`);
  } finally {
    await server.shutdown();
  }
}

Deno.test("resume at a dead endpoint sets the nodes down with its address", () => {
  const endpoint = deadEndpoint();
  return withHookSite({ endpoint }, (site) => assertRefused(site, "EndpointUnreachable: ", endpoint));
});

Deno.test("resume at an endpoint that answers HTML says that this is not AWS", () =>
  withHtml((endpoint) =>
    withHookSite({ endpoint }, (site) => assertRefused(site, "InvalidResponse: ", endpoint, "a proxy"))
  ));

for (const hook of ["stop", "resume-fail"]) {
  Deno.test(`${hook} at a dead endpoint sets the node down, and a later hook ends its instance`, () =>
    withHookSite({}, async (site) => {
      await site.run(["resume", "c0"]);
      assertEquals(site.live().length, 1);
      const file = `${site.dir}/slurm-ec2.yaml`;
      const config = Deno.readTextFileSync(file);
      Deno.writeTextFileSync(file, config.replaceAll(site.aws.url, deadEndpoint()));
      const { code, json } = await site.run([hook, "--json", "c0"]);
      assertEquals([code, json().nodes], [1, { c0: "failed" }]);
      assertStringIncludes(
        json().troubles.join(),
        "Nodes c0 may still have running instances: EndpointUnreachable",
      );
      assertStringIncludes(site.slurm().nodes.c0!.state, "DOWN");
      assertStringIncludes(site.slurm().nodes.c0!.reason, "EndpointUnreachable: ");
      assertEquals(site.live().length, 1);

      Deno.writeTextFileSync(file, config);
      const later = await site.run([hook, "--json", "c3"]);
      assertEquals([later.code, later.json().nodes], [0, { c3: "no-instance" }]);
      assertEquals(site.live(), []);
      // slurmctld has nothing to power down any more where it has given the boot up.
      const state = hook === "stop" ? "IDLE+CLOUD+POWER_DOWN" : "IDLE+CLOUD+POWERED_DOWN";
      assertEquals(site.slurm().nodes.c0!.state, state);
    }));
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
