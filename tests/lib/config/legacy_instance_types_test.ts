import { assertEquals } from "@std/assert";
import type { InstanceTypeFacts } from "../../../lib/aws/ec2_api.ts";
import { legacyInstanceTypes } from "../../../lib/config/legacy_instance_types.ts";
import { InstanceConfigFile } from "../../../lib/config/legacy_schema.ts";
import { readForeign } from "../../../lib/config/read_foreign.ts";

const pure = { permissions: "none" } as const;

const fact = (instanceType: string, defaultCores: number): [string, InstanceTypeFacts] => [instanceType, {
  instanceType,
  architectures: ["x86_64"],
  defaultVCpus: defaultCores * 2,
  defaultCores,
  defaultThreadsPerCore: 2,
  memoryMiB: 4096,
  bareMetal: false,
  currentGeneration: true,
  supportedUsageClasses: ["on-demand"],
  gpus: [],
}];

const FACTS = new Map([
  fact("c6i.large", 1),
  fact("c6i.32xlarge", 64),
  fact("c6i.metal", 64),
  fact("c6id.large", 1),
  fact("a1.large", 2),
  fact("t3.micro", 1),
  fact("t3.nano", 1),
  fact("m5.large", 1),
]);

const choose = (yaml: string) => {
  const text = `BaseOsArchitecture: {}\n${yaml}`;
  return legacyInstanceTypes(readForeign(text, "f", InstanceConfigFile).value, FACTS).join(" ");
};

/** Part of InstanceConfig, and the types that it chooses. */
const CASES: readonly (readonly [string, string])[] = [
  ["", "c6i.32xlarge c6i.large c6id.large"],
  ["Include: {InstanceFamilies: ['c6i.*']}", "c6i.32xlarge c6i.large c6id.large"],
  ["Include: {InstanceFamilies: [c6i]}\nExclude: {InstanceTypes: []}", "c6i.32xlarge c6i.large c6i.metal"],
  // an empty list includes nothing, whatever the documentation says
  ["Include: {InstanceFamilies: [], InstanceTypes: []}", ""],
  ["Include: {InstanceFamilies: [], InstanceTypes: ['.*\\.large']}", "c6i.large c6id.large m5.large"],
  // excluding wins over including, by family and by type
  ["Include: {InstanceFamilies: [a1], InstanceTypes: [a1.large]}", ""],
  ["Include: {InstanceFamilies: [t3]}", ""],
  ["Include: {InstanceFamilies: [t3]}\nExclude: {InstanceTypes: [t3.nano]}", "t3.micro"],
  ["Include: {InstanceTypes: [a1.large], InstanceFamilies: []}\nExclude: {InstanceFamilies: []}", "a1.large"],
  // MaxSizeOnly excludes even a type that is listed
  ["Include: {MaxSizeOnly: true, InstanceFamilies: [], InstanceTypes: [c6i.large, m5.large]}", "m5.large"],
  // of two types with as many cores the first by name is the largest
  ["Include: {MaxSizeOnly: yes, InstanceFamilies: [c6i]}\nExclude: {InstanceTypes: []}", "c6i.32xlarge"],
  // patterns match whole names
  ["Include: {InstanceFamilies: [c6]}", ""],
];

Deno.test("legacyInstanceTypes() chooses as the plugin did", pure, () => {
  for (const [yaml, expected] of CASES) assertEquals(choose(yaml), expected, yaml);
});
