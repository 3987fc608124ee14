import { assertEquals, assertStringIncludes } from "@std/assert";
import type { ServiceQuota } from "../../../../lib/aws/quotas_api.ts";
import { snapshotInstanceTypes } from "../../../../lib/aws/instance_type_snapshot.ts";
import { checkQuotas, vcpuDemands } from "../../../../lib/preflight/account/quota_checks.ts";
import { vcpuQuota } from "../../../../lib/aws/vcpu_quota.ts";
import { EXAMPLE_INSTANCE_TYPES } from "../../../../lib/sim/example_instance_types.ts";
import { testConfig } from "../../../fixtures/test_config.ts";
import { testGroup } from "../../../fixtures/test_group.ts";

const CODES: readonly (readonly [type: string, onDemand: string | undefined, spot: string | undefined])[] = [
  ["c7i.large", "L-1216C47A", "L-34B43A08"],
  ["is4gen.medium", "L-1216C47A", "L-34B43A08"],
  ["im4gn.large", "L-1216C47A", "L-34B43A08"],
  ["t3.micro", "L-1216C47A", "L-34B43A08"],
  ["d3.xlarge", "L-1216C47A", "L-34B43A08"],
  ["g5.xlarge", "L-DB2E81BA", "L-3819A6DF"],
  ["gr6.4xlarge", "L-DB2E81BA", "L-3819A6DF"],
  ["vt1.3xlarge", "L-DB2E81BA", "L-3819A6DF"],
  ["p4d.24xlarge", "L-417A185B", "L-7212CCBC"],
  ["p5.48xlarge", "L-417A185B", "L-C4BD4855"],
  ["f1.2xlarge", "L-74FC7D96", "L-88CF9481"],
  ["x2idn.16xlarge", "L-7295265B", "L-E3A00192"],
  ["inf2.xlarge", "L-1945791B", "L-B5D1601B"],
  ["trn1.2xlarge", "L-2C3B7624", "L-6B0D517C"],
  ["dl1.24xlarge", "L-6E869C2A", "L-85EED4F7"],
  ["hpc7a.96xlarge", "L-F7808C92", undefined],
  ["u-6tb1.metal", "L-43DA4232", undefined],
  ["u7i-12tb.224xlarge", "L-43DA4232", undefined],
  ["mac2.metal", undefined, undefined],
];

for (const [type, onDemand, spot] of CODES) {
  Deno.test(`vcpuQuota() of ${type}`, { permissions: "none" }, () => {
    assertEquals([vcpuQuota(type, "on-demand")?.codes[0], vcpuQuota(type, "spot")?.codes[0]], [
      onDemand,
      spot,
    ]);
  });
}

Deno.test("vcpuQuota() knows every instance type that Slurm nodes may have", async () => {
  const unknown = [...(await snapshotInstanceTypes()).keys()].filter((type) =>
    vcpuQuota(type, "on-demand") === undefined
  );
  assertEquals([...new Set(unknown.map((type) => type.replace(/[\d-].*/, "")))], ["mac"]);
});

const group = (
  name: string,
  nodes: string,
  changes: Partial<Parameters<typeof testGroup>[0] & object> = {},
) => testGroup({ name, nodes, ...changes });
const demands = (config: Parameters<typeof vcpuDemands>[0]) =>
  vcpuDemands(config, EXAMPLE_INSTANCE_TYPES).map(({ purchase, quota, vcpus, nodes }) =>
    `${purchase} ${quota.codes[0]} ${nodes} nodes ${vcpus}`
  );
const { limits } = testConfig();

const DEMANDS: readonly (readonly [
  what: string,
  groups: ReturnType<typeof group>[],
  max: number | undefined,
  told: string[],
])[] = [
  [
    "groups of one quota add up",
    [group("a", "a[0-9]"), group("b", "b[0-4]", { instanceTypes: ["c7i.xlarge"] })],
    undefined,
    [
      "on-demand L-1216C47A 15 nodes 40",
    ],
  ],
  [
    "maxNodes takes the largest first",
    [
      group("a", "a[0-9]"),
      group("b", "b[0-4]", { instanceTypes: ["c7i.xlarge"] }),
    ],
    7,
    ["on-demand L-1216C47A 7 nodes 24"],
  ],
  [
    "the largest type of a group counts",
    [group("a", "a[0-9]", { instanceTypes: ["c7i.large", "c7i.xlarge"] })],
    undefined,
    [
      "on-demand L-1216C47A 10 nodes 40",
    ],
  ],
  [
    "spot with a way out counts twice",
    [group("a", "a[0-9]", { capacityType: "spot-then-on-demand" })],
    undefined,
    [
      "spot L-34B43A08 10 nodes 20",
      "on-demand L-1216C47A 10 nodes 20",
    ],
  ],
  [
    "families have quotas of their own",
    [group("a", "a0"), group("g", "g[0-1]", { instanceTypes: ["g5.xlarge"] })],
    undefined,
    [
      "on-demand L-1216C47A 1 nodes 2",
      "on-demand L-DB2E81BA 2 nodes 8",
    ],
  ],
];

for (const [what, nodeGroups, maxNodes, told] of DEMANDS) {
  Deno.test(`vcpuDemands(): ${what}`, { permissions: "none" }, () => {
    assertEquals(demands({ region: "us-east-1", nodeGroups, limits: { ...limits, maxNodes } }), told);
  });
}

const quota = (quotaCode: string, value: number): ServiceQuota => ({
  quotaCode,
  quotaName: quotaCode,
  value,
  adjustable: true,
});
const check = (
  quotas: readonly ServiceQuota[],
  types: Parameters<typeof checkQuotas>[1]["types"] = EXAMPLE_INSTANCE_TYPES,
) =>
  checkQuotas({ region: "us-east-1", nodeGroups: [group("a", "a[0-9]")], limits }, {
    quotas: { kind: "found", value: quotas },
    types,
  });

const VALUES: readonly (readonly [value: number | undefined, status: string])[] = [
  [20, "pass"],
  [19, "warn"],
  [2, "warn"],
  [1, "fail"],
  [0, "fail"],
  [undefined, "can't tell"],
];

for (const [value, status] of VALUES) {
  Deno.test(
    `checkQuotas() of 20 vCPUs against a quota of ${value} is ${status}`,
    { permissions: "none" },
    () => {
      const [finding] = check(value === undefined ? [] : [quota("L-1216C47A", value)]);
      assertEquals([finding!.status, finding!.code], [status, undefined]);
      if (status === "warn" || status === "fail") {
        assertStringIncludes(finding!.fix!, "--quota-code L-1216C47A --desired-value 20");
      }
    },
  );
}

Deno.test("checkQuotas() says which types it can't place", { permissions: "none" }, () => {
  const findings = check([quota("L-1216C47A", 99)], new Map());
  assertEquals(findings.map(({ status, what }) => `${status} ${what}`), [
    "can't tell nodeGroups a: instanceTypes",
  ]);
});

Deno.test(
  "checkQuotas() tells the rate of launches where Service Quotas names it",
  { permissions: "none" },
  () => {
    const bucket = (name: string, value: number) => ({
      ...quota(name, value),
      quotaName: `RunInstances request bucket ${name}`,
    });
    const findings = check([bucket("maximum capacity", 5), bucket("refill rate", 2)]);
    assertStringIncludes(findings.at(-1)!.evidence, "5 at once, then 2 a second");
  },
);
