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
