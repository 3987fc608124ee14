import { assertEquals } from "@std/assert";
import { WORLD } from "../../lib/sim/fresh_world.ts";
import { serveAws } from "../../lib/sim/wire/server.ts";
import { pythonWithBoto3 } from "./python.ts";

const python = pythonWithBoto3();
const skip = python === undefined && Deno.env.get("CI") !== "true";

Deno.test({
  name: `simulator on the wire is understood by boto3${
    skip ? " (skipped: no python with boto3 next to moto_server)" : ""
  }`,
  ignore: skip,
  async fn() {
    const aws = serveAws();
    try {
      const script = new URL("./boto3_check.py", import.meta.url).pathname;
      const { success, stdout, stderr } = await new Deno.Command(python ?? "python3", {
        args: [script, aws.url, WORLD.imageIds.x86_64, WORLD.subnetIds[0]],
      }).output();
      if (!success) throw new Error(new TextDecoder().decode(stderr));
      assertEquals(JSON.parse(new TextDecoder().decode(stdout)), UNDERSTOOD);
    } finally {
      await aws.close();
    }
  },
});

const UNDERSTOOD = {
  indices: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
  addresses: 12,
  launchYear: true,
  replayed: true,
  pages: [5, 5, 2],
  described: true,
  tags: [{ Key: "run", Value: "a&b <c>" }],
  statuses: ["running", "ok", "passed"],
  statusCount: 12,
  stopped: "running",
  started: "stopped",
  terminated: 12,
  subnet: "us-east-1a",
  image: "x86_64",
  type: 2,
  efas: { MaximumEfaInterfaces: 2 },
  interfaces: [["interface", 0, 0, 1], ["efa-only", 0, 1, 0], ["efa-only", 1, 0, 0]],
  groups: true,
  keyPairs: true,
  console: true,
  parameters: [["/boto3/a", "ami-1", 1]],
  secrets: ["/boto3/f/large"],
  imageParameter: ["aws:ec2:image", ":1", "/boto3/f/image"],
  publicKey: "ssh-ed25519",
  invalidParameters: ["/boto3/none"],
  account: WORLD.account,
  refusals: {
    dryRun: ["DryRunOperation", 412, true],
    mismatch: ["IdempotentParameterMismatch", 400, true],
    notFound: ["InvalidInstanceID.NotFound", 400, true],
    notModelled: ["UnsupportedOperation", 400, true],
    notModelledFilter: ["UnsupportedOperation", 400, true],
    pattern: ["ParameterPatternMismatchException", 400, true],
    parameter: ["ParameterNotFound", 400, true],
    validation: ["ValidationException", 400, true],
    expiredEc2: ["RequestExpired", 400, true],
    expiredSsm: ["ExpiredTokenException", 400, true],
    invalidSts: ["InvalidClientTokenId", 403, true],
  },
};
