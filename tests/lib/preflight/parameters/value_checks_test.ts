import { assertEquals } from "@std/assert";
import { checkValue, idsIn, shellWord, valueFix } from "../../../../lib/preflight/parameters/value_checks.ts";
import {
  type ValueKind,
  type WantedValue,
  wantedValues,
} from "../../../../lib/preflight/parameters/wanted_value.ts";
import { testConfig } from "../../../fixtures/test_config.ts";

const ALL = wantedValues(testConfig());
const wanted = (kind: ValueKind): WantedValue => ALL.find((one) => one.kind === kind)!;

const VALUES: readonly (readonly [ValueKind, string, statuses: readonly string[], ids: readonly string[]])[] =
  [
    ["image", "ami-0123456789abcdef0", [], ["ami-0123456789abcdef0"]],
    ["image", "ami-12345678\n", ["warn"], ["ami-12345678"]],
    ["image", "", ["fail"], []],
    ["image", "  ", ["fail"], []],
    ["image", "UNDEFINED", ["fail"], []],
    ["image", "AMI-12345678", ["fail"], []],
    ["image", "ami-12345678 ami-87654321", ["fail"], []],
    ["image", "'ami-12345678'", ["fail"], []],
    ["keyPair", "my key", [], ["my key"]],
    ["keyPair", "a,b", [], ["a,b"]],
    ["keyPair", "UNDEFINED", ["fail"], []],
    ["keyPair", "", ["fail"], []],
    ["securityGroups", "sg-12345678", [], ["sg-12345678"]],
    ["securityGroups", "sg-12345678, sg-87654321", [], ["sg-12345678", "sg-87654321"]],
    ["securityGroups", "sg-12345678,sg-12345678", [], ["sg-12345678"]],
    ["securityGroups", "sg-12345678;sg-87654321", ["fail"], []],
    ["securityGroups", "sg-12345678 sg-87654321", ["fail"], []],
    ["securityGroups", ",", ["fail"], []],
    ["securityGroups", "default", ["fail"], []],
  ];
Deno.test("checkValue() judges values by their text", { permissions: "none" }, () => {
  for (const [kind, text, statuses, ids] of VALUES) {
    const checked = checkValue(wanted(kind), text);
    assertEquals(checked.findings.map(({ status }) => status), statuses, `${kind} "${text}"`);
    assertEquals(checked.ids, ids, `${kind} "${text}"`);
  }
});

Deno.test("checkValue() looks at the type", { permissions: "none" }, () => {
  const statuses = (kind: ValueKind, value: string, type: "String" | "StringList" | "SecureString") =>
    checkValue(wanted(kind), value, type).findings.map(({ status }) => status);
  assertEquals(statuses("image", "ami-12345678", "StringList"), ["warn"]);
  assertEquals(statuses("securityGroups", "sg-12345678", "StringList"), []);
  assertEquals(statuses("image", "ami-12345678", "SecureString"), ["info"]);
  assertEquals(
    checkValue(wanted("keyPair"), '"secret"', "SecureString").findings[0]!.evidence.includes("secret"),
    false,
  );
});

Deno.test("valueFix() survives a shell", { permissions: "none" }, () => {
  assertEquals(shellWord("my-key"), "my-key");
  assertEquals(shellWord("it's $(me)"), "'it'\\''s $(me)'");
  assertEquals(
    valueFix(wanted("keyPair"), "my key"),
    "aws ssm put-parameter --region us-east-1 --overwrite --type String --name /test/SlurmNodeEc2KeyPairs/us-east-1 --value 'my key'",
  );
  const configured: WantedValue = { ...wanted("image"), name: undefined, what: "nodeGroups a: imageId" };
  assertEquals(valueFix(configured), "Correct it in the configuration: nodeGroups a: imageId");
});

Deno.test("idsIn() takes what checkValue() takes, and nothing of a text that it refuses", {
  permissions: "none",
}, () => {
  assertEquals(idsIn("image", " ami-0123456789abcdef0\n"), ["ami-0123456789abcdef0"]);
  assertEquals(idsIn("securityGroups", "sg-0123456789abcdef0, sg-0123456789abcdef1,sg-0123456789abcdef0"), [
    "sg-0123456789abcdef0",
    "sg-0123456789abcdef1",
  ]);
  assertEquals(idsIn("keyPair", "my key"), ["my key"]);
  for (
    const [kind, text] of [
      ["image", "UNDEFINED"],
      ["image", "ami-1,ami-2"],
      ["securityGroups", "default"],
      ["securityGroups", ""],
      ["keyPair", " "],
    ] as const
  ) {
    assertEquals(idsIn(kind, text), [], text);
  }
});
