import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { WORLD } from "../../../lib/sim/fresh_world.ts";
import type { Action } from "../../../lib/sim/actions.ts";
import { Story } from "./worlds.ts";

const pure = { permissions: "none" } as const;

function stored(): Story {
  return new Story({
    parameters: { "/hpc/a": "1", "/hpc/b/c": "2", "/hpc/b/d": "3", "/hpcx/e": "4", "plain": "5" },
  });
}

Deno.test("getParameter() gives a parameter, and a version by name:version", pure, () => {
  const story = stored();
  assertEquals(story.answer("PutParameter", { Name: "/hpc/a", Value: "new", Overwrite: true }), {
    version: 2,
    tier: "Standard",
  });
  const value = (Name: string) => story.answer("GetParameter", { Name }).value;
  assertEquals([value("/hpc/a"), value("/hpc/a:1"), value("/hpc/a:2"), value("plain")], [
    "new",
    "1",
    "new",
    "5",
  ]);
  assertEquals(story.code("GetParameter", { Name: "/hpc/a:3" }), "ParameterVersionNotFound");
  assertEquals(story.code("GetParameter", { Name: "/hpc/nothing" }), "ParameterNotFound");
});

Deno.test("getParameters() sorts what exists and names what doesn't, each once", pure, () => {
  const names = ["plain", "/hpc/nothing", "/hpc/a", "plain", "/hpc/nothing"];
  const { parameters, invalidParameters } = stored().answer("GetParameters", { Names: names });
  assertEquals(parameters.map((p) => p.name), ["/hpc/a", "plain"]);
  assertEquals(invalidParameters, ["/hpc/nothing"]);
});

Deno.test("getParametersByPath() lists one level or all, a page at a time", pure, () => {
  const story = stored();
  const under = (Path: string, Recursive: boolean) =>
    story.answer("GetParametersByPath", { Path, Recursive }).items.map((p) => p.name);
  assertEquals(under("/hpc", false), ["/hpc/a"]);
  assertEquals(under("/hpc/", true), ["/hpc/a", "/hpc/b/c", "/hpc/b/d"]);
  assertEquals(under("/nothing", true), []);
  const first = story.answer("GetParametersByPath", { Path: "/hpc", Recursive: true, MaxResults: 2 });
  const rest = story.answer("GetParametersByPath", {
    Path: "/hpc",
    Recursive: true,
    MaxResults: 2,
    NextToken: first.nextToken,
  });
  assertEquals([first.items.length, rest.items.map((p) => p.name), rest.nextToken], [
    2,
    ["/hpc/b/d"],
    undefined,
  ]);
});

Deno.test("a SecureString is readable only with decryption", pure, () => {
  const story = new Story();
  story.answer("PutParameter", { Name: "/hpc/secret", Value: "pässword", Type: "SecureString" });
  const read = (WithDecryption?: boolean) =>
    story.answer("GetParameter", { Name: "/hpc/secret", WithDecryption }).value;
  assertNotEquals(read(), "pässword");
  assertNotEquals(read(false), "pässword");
  assertEquals(read(true), "pässword");
});

Deno.test("putParameter() makes versions, keeps the newest hundred, and the type", pure, () => {
  const story = new Story();
  story.answer("PutParameter", { Name: "/n", Value: "0", Type: "StringList" });
  for (let i = 1; i <= 100; i++) story.answer("PutParameter", { Name: "/n", Value: `${i}`, Overwrite: true });
  assertEquals(story.answer("GetParameter", { Name: "/n" }).version, 101);
  assertEquals(story.answer("GetParameter", { Name: "/n" }).type, "StringList");
  assertEquals(story.code("GetParameter", { Name: "/n:1" }), "ParameterVersionNotFound");
});

Deno.test("Parameter Store refuses what its reference says it refuses", pure, () => {
  const put = (changes: object) => ({ Name: "/x", Value: "v", Type: "String", ...changes });
  const table: readonly (readonly [Action, object, string])[] = [
    ["GetParameters", { Names: Array.from({ length: 11 }, (_, i) => `/n${i}`) }, "ValidationException"],
    ["GetParameters", { Names: [] }, "ValidationException"],
    ["GetParametersByPath", { Path: "hpc" }, "ValidationException"],
    ["GetParametersByPath", { Path: "/hpc", MaxResults: 11 }, "ValidationException"],
    ["GetParametersByPath", { Path: "/hpc", NextToken: "%" }, "InvalidNextToken"],
    ["GetParameter", { Name: "/a b" }, "ValidationException"],
    ["GetParameter", { Name: "a/b" }, "ValidationException"],
    ["PutParameter", put({ Name: "/hpc/a" }), "ParameterAlreadyExists"],
    ["PutParameter", put({ Name: "/hpc/a", Type: "SecureString", Overwrite: true }), "HierarchyTypeMismatch"],
    ["PutParameter", put({ Type: undefined }), "ValidationException"],
    ["PutParameter", put({ Value: "" }), "ValidationException"],
    ["PutParameter", put({ Value: "v".repeat(4097) }), "ValidationException"],
    ["PutParameter", put({ Value: "{{ssm:other}}" }), "ValidationException"],
    ["PutParameter", put({ Name: "/SSM/x" }), "ValidationException"],
    ["PutParameter", put({ Name: "/aws/x" }), "AccessDeniedException"],
    [
      "PutParameter",
      put({ Name: "/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16" }),
      "HierarchyLevelLimitExceededException",
    ],
  ];
  const story = stored();
  for (const [action, request, code] of table) {
    assertEquals(
      story.code(action, request as never),
      code,
      `${action} ${JSON.stringify(request).slice(0, 80)}`,
    );
  }
});

Deno.test("Parameter Store takes a value of 4,096 bytes and a name of 15 levels", pure, () => {
  const story = new Story();
  const Name = "/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15";
  story.answer("PutParameter", { Name, Value: "v".repeat(4096), Type: "String" });
  assert(story.answer("GetParameter", { Name }).value.length === 4096);
});

Deno.test("AWS's public image parameters name the world's images", pure, () => {
  const Name = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64";
  assertEquals(new Story().answer("GetParameter", { Name }).value, WORLD.imageIds.arm64);
});

Deno.test("getParameter() takes a parameter's own ARN, and says by which version it was asked", pure, () => {
  const story = stored();
  const arn = `arn:aws:ssm:us-east-1:${WORLD.account}:parameter`;
  const get = (Name: string) => {
    const { name, value, selector } = story.answer("GetParameter", { Name });
    return [name, value, selector];
  };
  assertEquals(get(`${arn}/hpc/b/c`), ["/hpc/b/c", "2", undefined]);
  assertEquals(get(`${arn}/hpc/a:1`), ["/hpc/a", "1", ":1"]);
  assertEquals(get("plain:1"), ["plain", "5", ":1"]);
  assertEquals(get(`${arn}/plain`), ["plain", "5", undefined]);
  assertEquals(story.code("GetParameter", { Name: `${arn}/hpc/a:9` }), "ParameterVersionNotFound");
  const strange = `arn:aws:ssm:us-east-1:999999999999:parameter/hpc/a`;
  assertEquals(story.code("GetParameter", { Name: strange }), "ParameterNotFound");
  const both = story.answer("GetParameters", { Names: [`${arn}/hpc/a`, strange] });
  assertEquals([both.parameters.map(({ name }) => name), both.invalidParameters], [["/hpc/a"], [strange]]);
  assertEquals(story.code("PutParameter", { Name: `${arn}/hpc/a`, Value: "1" }), "ValidationException");
});

Deno.test("getParametersByPath() filters by type, key and label", pure, () => {
  const story = new Story({ parameters: { "/f/a": "1" } });
  story.answer("PutParameter", { Name: "/f/b", Value: "2", Type: "SecureString" });
  story.answer("PutParameter", { Name: "/f/c", Value: "3", Type: "SecureString", KeyId: "alias/mine" });
  const under = (...ParameterFilters: { Key: string; Option?: string; Values?: string[] }[]) =>
    story.answer("GetParametersByPath", { Path: "/f", ParameterFilters }).items.map(({ name }) => name);
  assertEquals(under({ Key: "Type", Values: ["SecureString"] }), ["/f/b", "/f/c"]);
  assertEquals(under({ Key: "Type", Values: ["String", "StringList"] }), ["/f/a"]);
  assertEquals(under({ Key: "Type", Option: "BeginsWith", Values: ["S"] }).length, 3);
  assertEquals(under({ Key: "KeyId", Values: ["alias/aws/ssm"] }), ["/f/b"]);
  assertEquals(
    under({ Key: "KeyId", Option: "BeginsWith", Values: ["alias/"] }, { Key: "Type", Values: ["String"] }),
    [],
  );
  assertEquals(under({ Key: "Label", Values: ["x"] }), []);
  const refused = [
    [{ Key: "Name", Values: ["/f/a"] }, "InvalidFilterKey"],
    [{ Key: "Type", Option: "Contains", Values: ["S"] }, "InvalidFilterOption"],
    [{ Key: "Type" }, "InvalidFilterValue"],
  ] as const;
  for (const [filter, code] of refused) {
    assertEquals(story.code("GetParametersByPath", { Path: "/f", ParameterFilters: [filter] }), code);
  }
});

Deno.test("putParameter() obeys patterns, tiers and data types", pure, () => {
  const story = new Story();
  const put = (changes: object) => ({ Name: "/x", Value: "v", Type: "String", ...changes }) as const;
  const [small, large] = ["x".repeat(4096), "x".repeat(8192)];
  const refused: readonly (readonly [object, string])[] = [
    [{ AllowedPattern: "^ami-", Value: "zzz" }, "ParameterPatternMismatchException"],
    [{ AllowedPattern: "^(", Value: "zzz" }, "InvalidAllowedPatternException"],
    [{ Tags: [{ Key: "a", Value: "b" }], Overwrite: true }, "ValidationException"],
    [{ Value: `${small}x` }, "ValidationException"],
    [{ Value: `${large}x`, Tier: "Advanced" }, "ValidationException"],
    [{ Value: `${large}x`, Tier: "Intelligent-Tiering" }, "ValidationException"],
    [{ DataType: "aws:ec2:picture" }, "ValidationException"],
    [{ DataType: "integer" }, "UnsupportedOperation"],
    [{ DataType: "aws:ec2:image", Type: "StringList" }, "ValidationException"],
    [{ KeyId: "alias/mine" }, "ValidationException"],
  ];
  for (const [changes, code] of refused) {
    assertEquals(
      story.code("PutParameter", put(changes) as never),
      code,
      JSON.stringify(changes).slice(0, 99),
    );
  }
  const tierOf = (changes: object) => story.answer("PutParameter", put(changes) as never).tier;
  assertEquals(tierOf({ Name: "/p", AllowedPattern: "^ami-", Value: "ami-1", Tags: [] }), "Standard");
  assertEquals(tierOf({ Name: "/a", Value: large, Tier: "Advanced" }), "Advanced");
  assertEquals(tierOf({ Name: "/a", Value: "short", Overwrite: true }), "Advanced");
  assertEquals(
    story.code("PutParameter", put({ Name: "/a", Tier: "Standard", Overwrite: true })),
    "ValidationException",
  );
  assertEquals(tierOf({ Name: "/i", Value: small, Tier: "Intelligent-Tiering" }), "Standard");
  assertEquals(
    tierOf({ Name: "/i", Value: large, Tier: "Intelligent-Tiering", Overwrite: true }),
    "Advanced",
  );
});

Deno.test(
  "putParameter() answers before it finds that an image is not there, and then writes nothing",
  pure,
  () => {
    const story = new Story();
    const DataType = "aws:ec2:image";
    const image = { Name: "/image", Value: WORLD.imageIds.arm64, Type: "String", DataType } as const;
    for (const Value of ["nonsense", "ami-0123456789abcdef0"]) {
      assertEquals(story.answer("PutParameter", { ...image, Value }).version, 1);
      assertEquals(story.code("GetParameter", { Name: "/image" }), "ParameterNotFound");
    }
    story.answer("PutParameter", image);
    story.answer("PutParameter", { ...image, Value: "nonsense", Overwrite: true });
    const { value, dataType, version } = story.answer("GetParameter", { Name: "/image" });
    assertEquals([value, dataType, version], [WORLD.imageIds.arm64, DataType, 1]);
  },
);
