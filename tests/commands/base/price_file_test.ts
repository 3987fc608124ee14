import { assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../../../commands/base/command.ts";
import { givenPrices } from "../../../commands/base/price_file.ts";
import { knownPrices } from "../../../commands/see/prices.ts";
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

/** All that reads the file of --prices. */
const readers = {
  givenPrices: (host: Host, file?: string) => givenPrices(host, given(file)),
  knownPrices: (host: Host, file?: string) => knownPrices(host, config, given(file)).prices,
};

for (const [name, read] of Object.entries(readers)) {
  Deno.test(`${name}() reads the file of --prices, and has none without it`, () => {
    const host = fakeHost({ files: { "p.yaml": "c7i.large: { on-demand: 0.1 }\n" } });
    assertEquals(read(host, "p.yaml"), new Map([["c7i.large", { onDemand: 0.1 }]]));
    assertEquals(read(host), new Map());
  });

  Deno.test(`${name}() says which file of --prices can't be read`, () => {
    const host = fakeHost({});
    assertThrows(() => read(host, "gone.yaml"), UsageError, "Can't read the price file gone.yaml");
  });
}
