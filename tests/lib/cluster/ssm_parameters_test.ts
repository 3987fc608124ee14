import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Parameter } from "../../../lib/aws/ssm_api.ts";
import {
  distinctParameterNames,
  launchSettings,
  parameterNames,
  type ParameterProblem,
} from "../../../lib/cluster/ssm_parameters.ts";
import { TEST_PARAMETERS, testConfig } from "../../fixtures/test_config.ts";
import { testGroup } from "../../fixtures/test_group.ts";

const pure = { permissions: "none" } as const;
const CONFIG = testConfig();
const IMAGE = "/test/SlurmNodeAmi/Rocky/9/x86_64/us-east-1";
const KEY = "/test/SlurmNodeEc2KeyPairs/us-east-1";
const GROUPS = "/test/SlurmNodeSecurityGroups/us-east-1";

function parameters(
  changes: Readonly<Record<string, string | undefined>> = {},
  type: Parameter["type"] = "String",
): Map<string, Parameter> {
  const values = Object.entries({ ...TEST_PARAMETERS, ...changes });
  return new Map(
    values.flatMap(([name, value]) => value === undefined ? [] : [[name, { name, value, type, version: 1 }]]),
  );
}

function problem(values: ReadonlyMap<string, Parameter>): ParameterProblem {
  const settings = launchSettings(CONFIG, testGroup(), values);
  assert("kind" in settings, "these parameters are taken");
  return settings;
}

Deno.test("parameterNames() are the documented paths", pure, () => {
  assertEquals(parameterNames(CONFIG, testGroup()), { image: IMAGE, keyPair: KEY, securityGroups: GROUPS });
  const arm = testGroup({ os: { distribution: "Amazon", version: "2023" }, architecture: "arm64" });
  assertEquals(
    parameterNames({ ...CONFIG, region: "eu-west-1" }, arm).image,
    "/test/SlurmNodeAmi/Amazon/2023/arm64/eu-west-1",
  );
});

Deno.test("parameterNames() follow the prefix and spelling of a legacy stack", pure, () => {
  const legacy = { region: "us-east-1", ssm: { prefix: "my/stack", spelling: "SlurmNodeAmis" } } as const;
  assertEquals(parameterNames(legacy, testGroup()).image, "/my/stack/SlurmNodeAmis/Rocky/9/x86_64/us-east-1");
});

Deno.test("parameterNames() are only those that the configuration does not answer itself", pure, () => {
  const own = { imageId: "ami-00000000", keyPair: "none", securityGroups: ["sg-00000000"] };
  assertEquals(parameterNames(CONFIG, testGroup(own)), {});
  assertEquals(parameterNames(CONFIG, testGroup({ imageId: "ami-00000000" })), {
    keyPair: KEY,
    securityGroups: GROUPS,
  });
});

Deno.test("distinctParameterNames() has each name once, however many groups ask for it", pure, () => {
  const groups = [
    ...CONFIG.nodeGroups,
    testGroup({ architecture: "arm64" }),
    testGroup({ imageId: "ami-00000000", keyPair: "none" }),
  ];
  assertEquals(distinctParameterNames(CONFIG, groups), [
    "/test/SlurmNodeAmi/Rocky/9/arm64/us-east-1",
    IMAGE,
    KEY,
    GROUPS,
  ]);
});

for (
  const [what, value, ids] of [
    ["one id", "sg-0a000000000000001", ["sg-0a000000000000001"]],
    ["a comma list", "sg-0a000000000000001,sg-00000002", ["sg-0a000000000000001", "sg-00000002"]],
    ["a list with blanks and a comma behind", " sg-00000001 , sg-00000002,\n", [
      "sg-00000001",
      "sg-00000002",
    ]],
  ] as const
) {
  Deno.test(`launchSettings() reads security groups written as ${what}`, pure, () => {
    for (const type of ["String", "StringList"] as const) {
      const settings = launchSettings(CONFIG, testGroup(), parameters({ [GROUPS]: value }, type));
      assertEquals<unknown>(settings, {
        imageId: "ami-08664000000000001",
        keyName: "cluster-key",
        securityGroupIds: ids,
      });
    }
  });
}

Deno.test("launchSettings() prefers the configuration's own values and needs no parameter then", pure, () => {
  const own = { imageId: "ami-00000000", keyPair: "mine", securityGroups: ["sg-00000000", "sg-00000001"] };
  assertEquals(launchSettings(CONFIG, testGroup(own), new Map()), {
    imageId: "ami-00000000",
    keyName: "mine",
    securityGroupIds: ["sg-00000000", "sg-00000001"],
  });
});

Deno.test("launchSettings() leaves the key out where the configuration wants none", pure, () => {
  const settings = launchSettings(CONFIG, testGroup({ keyPair: "none" }), parameters());
  assert(!("kind" in settings) && !("keyName" in settings));
});

for (
  const [name, what] of [[IMAGE, "an AMI id"], [KEY, "the name of a key pair"], [
    GROUPS,
    "one security group id",
  ]] as const
) {
  Deno.test(`launchSettings() says which parameter is missing, and how to write it: ${name}`, pure, () => {
    const { code, message } = problem(parameters({ [name]: undefined }));
    assertEquals(code, "ParameterNotFound");
    assertStringIncludes(message, `SSM parameter "${name}" is missing: write ${what}`);
    assertStringIncludes(message, `aws ssm put-parameter --overwrite --type String --name ${name} --value `);
  });

  for (const value of ["UNDEFINED", "", " ", "nonsense,ami-1"]) {
    if (name === KEY && value.startsWith("nonsense")) continue;
    Deno.test(`launchSettings() refuses ${name} that holds "${value}"`, pure, () => {
      const { code, message } = problem(parameters({ [name]: value }));
      assertEquals(code, "InvalidParameterValue");
      assertStringIncludes(message, `SSM parameter "${name}" holds "${value.trim()}", not ${what}`);
      assertStringIncludes(message, "aws ssm put-parameter");
    });
  }
}

Deno.test("launchSettings() takes a parameter of another region for none", pure, () => {
  const elsewhere = new Map(
    [...parameters()].map(([name, parameter]) =>
      [name.replace("us-east-1", "eu-west-1"), parameter] as const
    ),
  );
  assertEquals(problem(elsewhere).code, "ParameterNotFound");
  assertStringIncludes(problem(elsewhere).message, IMAGE);
});

Deno.test("launchSettings() trims the line end that a shell wrote into a value", pure, () => {
  const settings = launchSettings(CONFIG, testGroup(), parameters({ [IMAGE]: "ami-08664000000000001\n" }));
  assert(!("kind" in settings));
  assertEquals(settings.imageId, "ami-08664000000000001");
});

for (
  const value of [
    "ami-",
    "ami-0866400000000000g",
    "AMI-08664000000000001",
    "ami-08664000000000001,ami-1",
    "snap-08664000000000001",
  ]
) {
  Deno.test(`launchSettings() takes "${value}" for no image`, pure, () => {
    assertEquals(problem(parameters({ [IMAGE]: value })).code, "InvalidParameterValue");
  });
}

const PRIVATE_KEY = "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA\n-----END RSA PRIVATE KEY-----";

Deno.test("launchSettings() takes a private key for no key pair's name, and never repeats it", pure, () => {
  const { code, message } = problem(parameters({ [KEY]: PRIVATE_KEY }));
  assertEquals(code, "InvalidParameterValue");
  assert(!message.includes("MIIE"), message);
});

Deno.test("launchSettings() never repeats a SecureString", pure, () => {
  const { message } = problem(parameters({ [IMAGE]: "hunter2" }, "SecureString"));
  assert(!message.includes("hunter2"), message);
  assertStringIncludes(message, `SSM parameter "${IMAGE}" holds`);
});
