import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { wasLaunchable } from "../../../lib/config/legacy_node_name.ts";
import {
  formatLegacyNodeName,
  type LegacyNode,
  parseLegacyNodeName,
} from "../../fixtures/legacy_node_name.ts";
import { snapshotInstanceTypes } from "../../../lib/aws/instance_type_snapshot.ts";

const pure = { permissions: "none" } as const;

const node = (naming: LegacyNode["naming"], rest: Partial<LegacyNode>): LegacyNode => ({
  naming,
  distribution: "AlmaLinux",
  version: "8",
  architecture: "x86_64",
  instanceType: "z1d.12xlarge",
  spot: false,
  index: 0,
  ...rest,
});

const az = { azId: "use1-az4" };

/** Every name, what it means, and whether the legacy plugin's own parser understood it. */
const NAMES: readonly (readonly [string, LegacyNode, boolean])[] = [
  // April to July 2022
  ["m8-x86-z1d-12xl-0", node("plain", {}), true],
  [
    "c7-x86-m5zn-xl-sp-9",
    node("plain", {
      distribution: "CentOS",
      version: "7",
      instanceType: "m5zn.xlarge",
      spot: true,
      index: 9,
    }),
    true,
  ],
  [
    "a2-arm-m6g-m-3",
    node("plain", {
      distribution: "Amazon",
      version: "2",
      architecture: "arm64",
      instanceType: "m6g.medium",
      index: 3,
    }),
    true,
  ],
  // July 2022 to January 2023
  ["use1-az4-m8-x86-z1d-12xl-0", node("zone", az), true],
  [
    "use1-az4-r8-x86-t3-u-1",
    node("zone", { ...az, distribution: "RedHat", instanceType: "t3.micro", index: 1 }),
    true,
  ],
  // since January 2023
  ["use1-az4-m8-x86-z1d-12xl-ondemand-0", node("suffixed", az), true],
  [
    "use1-az4-k8-arm-t4g-n-sp-12",
    node("suffixed", {
      ...az,
      distribution: "Rocky",
      architecture: "arm64",
      instanceType: "t4g.nano",
      spot: true,
      index: 12,
    }),
    true,
  ],
  ["use1-az4-m8-x86-t3-s-ondemand-0", node("suffixed", { ...az, instanceType: "t3.small" }), true],
  [
    "euw1-az1-m8-x86-c6i-l-sp-0",
    node("suffixed", { azId: "euw1-az1", instanceType: "c6i.large", spot: true }),
    true,
  ],
  // written by the plugin's generator, never understood by its parser
  ["use1-az4-m8-x86-c6i-metal-ondemand-0", node("suffixed", { ...az, instanceType: "c6i.metal" }), false],
  [
    "use1-az4-m8-x86-c7i-metal-24xl-ondemand-0",
    node("suffixed", { ...az, instanceType: "c7i.metal-24xl" }),
    false,
  ],
  [
    "use1-az4-m8-x86-u-6tb1-56xl-sp-0",
    node("suffixed", { ...az, instanceType: "u-6tb1.56xlarge", spot: true }),
    false,
  ],
  ["use1-az4-m8-x86-m7i-flex-2xl-0", node("zone", { ...az, instanceType: "m7i-flex.2xlarge" }), false],
  ["use1-az4-m8-x86-u-6tb1-metal-0", node("zone", { ...az, instanceType: "u-6tb1.metal" }), false],
  [
    "usw2-lax1-az1-m8-x86-c5-l-ondemand-0",
    node("suffixed", { azId: "usw2-lax1-az1", instanceType: "c5.large" }),
    false,
  ],
  [
    "use1-az4-a2023-x86-c7i-l-ondemand-0",
    node("suffixed", { ...az, distribution: "Amazon", version: "2023", instanceType: "c7i.large" }),
    false,
  ],
  [
    "use1-az4-r10-x86-c7i-l-ondemand-0",
    node("suffixed", { ...az, distribution: "RedHat", version: "10", instanceType: "c7i.large" }),
    false,
  ],
  [
    "a2023-x86-m7i-l-0",
    node("plain", { distribution: "Amazon", version: "2023", instanceType: "m7i.large" }),
    false,
  ],
];

Deno.test("parseLegacyNodeName() reads names of every era, also those that the plugin couldn't", pure, () => {
  for (const [name, expected] of NAMES) assertEquals(parseLegacyNodeName(name), expected, name);
});

Deno.test("formatLegacyNodeName() writes them as they were", pure, () => {
  for (const [name, expected] of NAMES) assertEquals(formatLegacyNodeName(expected), name);
});

Deno.test("wasLaunchable() is false for names that the plugin wrote but couldn't read", pure, () => {
  for (const [name, expected, launchable] of NAMES) assertEquals(wasLaunchable(expected), launchable, name);
});

const OTHERS = [
  "",
  "onprem-1",
  "node[1-3]",
  "c7i-0",
  "m8-x86-z1d-12xl",
  "m8-x86-z1d-12xl-ondemand-0",
  "x8-x86-z1d-12xl-0",
  "m-x86-z1d-12xl-0",
  "m8-amd-z1d-12xl-0",
  "m8-x86-z1d-huge-0",
  "use1-m8-x86-z1d-12xl-0",
  "use1-az4-m8-x86-z1d-12xl-spot-0",
  "use1-az4-m8-x86-z1d-12xl-ondemand-x",
  "use1-az4-m8-x86-z1d-12xl-ondemand-0.eda.local",
];

Deno.test("parseLegacyNodeName() leaves other names alone", pure, () => {
  for (const name of OTHERS) assertEquals(parseLegacyNodeName(name), undefined, name);
});

Deno.test(
  "parseLegacyNodeName() reads back what formatLegacyNodeName() writes for every instance type",
  pure,
  async () => {
    const types = [...(await snapshotInstanceTypes()).keys()];
    const nodes = fc.record({
      azId: fc.constantFrom("use1-az4", "usw2-lax1-az1", "apne1-az10"),
      distribution: fc.constantFrom("AlmaLinux", "Amazon", "CentOS", "RedHat", "Rocky"),
      version: fc.constantFrom("2", "7", "8", "10", "2023"),
      architecture: fc.constantFrom("arm64", "x86_64"),
      instanceType: fc.constantFrom(...types),
      index: fc.nat(9999),
    });
    const eras = fc.constantFrom<readonly [LegacyNode["naming"], boolean]>(
      ["plain", false],
      ["plain", true],
      ["zone", false],
      ["suffixed", false],
      ["suffixed", true],
    );
    fc.assert(
      fc.property(nodes, eras, ({ azId, ...rest }, [naming, spot]) => {
        const made: LegacyNode = { naming, ...(naming === "plain" ? {} : { azId }), ...rest, spot };
        assertEquals(parseLegacyNodeName(formatLegacyNodeName(made)), made);
      }),
      { numRuns: 500 },
    );
    for (const instanceType of types) {
      const made = node("suffixed", { ...az, instanceType });
      assertEquals(parseLegacyNodeName(formatLegacyNodeName(made)), made, instanceType);
    }
  },
);
