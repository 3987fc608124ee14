import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { CommandError, UsageError } from "../../../commands/base/command.ts";
import { loadConfig } from "../../../commands/base/load_config.ts";
import { ProblemError } from "../../../lib/base/problem.ts";
import { fakeHost, type FakeWorld } from "../fake_host.ts";

const pure = { permissions: "none" } as const;

const config = (cluster: string) =>
  `cluster: ${cluster}
region: eu-west-1
nodeGroups:
  - name: c7i
    nodes: c7i-[0-9]
    instanceTypes: [c7i.large]
    subnets: [subnet-0123456789abcdef0]
    os: {distribution: Rocky, version: 9}
`;

const load = (world: FakeWorld, flag?: string) =>
  loadConfig(fakeHost(world), { get: (name) => name === "config" ? flag : undefined });

const EVERYWHERE = {
  "/flag.yaml": config("flag"),
  "/variable.yaml": config("variable"),
  "/opt/slurm-ec2/etc/slurm-ec2.yaml": config("installed"),
  "./slurm-ec2.yaml": config("here"),
};
const VARIABLE = { SLURM_EC2_CONFIG: "/variable.yaml" };
const PROGRAM = "/opt/slurm-ec2/bin/slurm-ec2";

Deno.test(
  "loadConfig() takes the first of flag, variable, etc next to bin, and the working directory",
  pure,
  () => {
    assertEquals(
      load({ files: EVERYWHERE, env: VARIABLE, programPath: PROGRAM }, "/flag.yaml").cluster,
      "flag",
    );
    assertEquals(load({ files: EVERYWHERE, env: VARIABLE, programPath: PROGRAM }).cluster, "variable");
    assertEquals(
      load({ files: EVERYWHERE, env: { SLURM_EC2_CONFIG: "" }, programPath: PROGRAM }).cluster,
      "installed",
    );
    assertEquals(load({ files: EVERYWHERE, programPath: "/usr/bin/deno" }).cluster, "here");
    assertEquals(load({ files: EVERYWHERE }).cluster, "here");
  },
);

Deno.test("loadConfig() does not fall back when a file that was named is missing", pure, () => {
  const named = assertThrows(() => load({ files: EVERYWHERE }, "/nope.yaml"), UsageError);
  assertEquals(
    named.message,
    "Configuration file /nope.yaml doesn't exist: correct the name, or write one with: slurm-ec2 config init",
  );
  const variable = assertThrows(
    () => load({ files: EVERYWHERE, env: { SLURM_EC2_CONFIG: "/nope.yaml" } }),
    UsageError,
  );
  assertStringIncludes(variable.message, "/nope.yaml (named by $SLURM_EC2_CONFIG) doesn't exist");
});

Deno.test("loadConfig() says where it looked when there is no file at all", pure, () => {
  const error = assertThrows(() => load({ programPath: PROGRAM }), UsageError);
  assertEquals(
    error.message,
    "No configuration file: looked for /opt/slurm-ec2/etc/slurm-ec2.yaml, ./slurm-ec2.yaml; " +
      "name one with --config FILE or $SLURM_EC2_CONFIG, or write one with: slurm-ec2 config init",
  );
});

Deno.test("loadConfig() tells apart what keeps a file from being read", pure, () => {
  const reading = (error: Error) => () => load({ files: { "/f": error } }, "/f");
  assertStringIncludes(
    assertThrows(reading(new Deno.errors.PermissionDenied("x")), CommandError).message,
    "permission denied",
  );
  assertStringIncludes(
    assertThrows(reading(new Deno.errors.IsADirectory("x")), UsageError).message,
    "is a directory",
  );
  assertStringIncludes(
    assertThrows(reading(Object.assign(new Error("os error 21"), { code: "EISDIR" })), UsageError).message,
    "is a directory",
  );
  assertStringIncludes(
    assertThrows(reading(new Error("Input/output error")), CommandError).message,
    "Input/output error",
  );
  assertThrows(reading(new Deno.errors.NotCapable("x")), Deno.errors.NotCapable);
});

Deno.test("loadConfig() reports an empty file and one that is not UTF-8 at their place", pure, () => {
  const problem = (bytes: Uint8Array | string) =>
    assertThrows(() => load({ files: { "/f": bytes } }, "/f"), ProblemError).message;
  assertEquals(problem(""), "/f:1:1: The file is empty (slurm-ec2 config init writes one to begin with)");
  assertEquals(
    problem(new Uint8Array([0x61, 0x0A, 0xC3, 0xA9, 0x62, 0xE9, 0x63])),
    "/f:2:3: The file is not UTF-8: found the byte 0xe9 (save it as UTF-8)",
  );
  assertEquals(
    problem(new Uint8Array([0x61, 0xE2, 0x82])),
    "/f:1:2: The file is not UTF-8: found the byte 0xe2 (save it as UTF-8)",
  );
  assertEquals(
    problem(new Uint8Array([0xFF, 0xFE, 0x61, 0])),
    "/f:1:1: The file is not UTF-8: found the byte 0xff (it looks like UTF-16: save it as UTF-8)",
  );
});

Deno.test("loadConfig() opens a real directory as such", { permissions: { read: ["."] } }, async () => {
  const { realHost } = await import("../../../commands/base/real_host.ts");
  const error = assertThrows(
    () => loadConfig({ ...fakeHost({}), files: realHost().files }, { get: () => "./tests" }),
    UsageError,
  );
  assertStringIncludes(error.message, "is a directory");
});
