import { assertEquals, assertStringIncludes } from "@std/assert";
import { assertRefused } from "./assert_refused.ts";
import { withHookSite } from "./hook_site.ts";

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
