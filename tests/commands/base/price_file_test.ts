import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { UsageError } from "../../../commands/base/command.ts";
import { knownPrices, shownPrices } from "../../../commands/base/price_file.ts";
import { ProblemError } from "../../../lib/base/problem.ts";
import { parseConfig } from "../../../lib/config/parse.ts";
import type { Host } from "../../../commands/base/host.ts";
import { fakeHost } from "../fake_host.ts";

const config = parseConfig(
  `cluster: test
region: us-east-1
defaults: { os: { distribution: Rocky, version: "9" } }
nodeGroups: [{ name: c, nodes: "c[0-3]", instanceTypes: [c7i.large], subnets: [subnet-0123456789abcdef0] }]
`,
  "site.yaml",
);
const given = (file: string | undefined) => ({ get: () => file });

const KEPT = "/var/lib/slurm-ec2/prices.yaml";

/** All that reads the file of --prices. */
const readers = {
  shownPrices: (host: Host, file?: string) => shownPrices(host, config, given(file)),
  knownPrices: (host: Host, file?: string) => knownPrices(host, config, given(file)).prices,
};

for (const [name, read] of Object.entries(readers)) {
  Deno.test(`${name}() reads the file of --prices, and has none without it`, () => {
    const host = fakeHost({ files: { "p.yaml": "c7i.large: { on-demand: 0.1 }\n" } });
    assertEquals(read(host, "p.yaml"), new Map([["c7i.large", { onDemand: 0.1 }]]));
    assertEquals(read(host), new Map());
  });

  Deno.test(`${name}() reads what config prices has written where no file is named`, () => {
    const host = fakeHost({ files: { [KEPT]: "c7i.large: { on-demand: 0.2 }\n" } });
    assertEquals(read(host), new Map([["c7i.large", { onDemand: 0.2 }]]));
  });

  Deno.test(`${name}() says which file of --prices can't be read`, () => {
    const host = fakeHost({});
    assertThrows(() => read(host, "gone.yaml"), UsageError, "Can't read the price file gone.yaml");
  });
}

Deno.test("shownPrices() shows none where the kept file is broken, and says so; knownPrices() ends", () => {
  const printed = { stdout: "", stderr: "" };
  const files = new Map([[KEPT, "c7i.large: { on-demand: free }\n"]]);
  const host = fakeHost({}, files, printed);
  assertEquals(shownPrices(host, config, given(undefined)), new Map());
  assertStringIncludes(printed.stderr, `no prices are shown: ${KEPT}:1:`);
  assertThrows(() => knownPrices(host, config, given(undefined)), ProblemError);
});

Deno.test("shownPrices() goes by the flag alone where there is no configuration", () => {
  const host = fakeHost({ files: { [KEPT]: "c7i.large: { on-demand: 0.2 }\n" } });
  assertEquals(shownPrices(host, undefined, given(undefined)), new Map());
});
