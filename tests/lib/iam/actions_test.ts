import { assertEquals } from "@std/assert";
import { actionsOf, type Reach } from "../../../lib/iam/actions.ts";
import { controllerPolicy } from "../../../lib/iam/controller_policy.ts";
import { listOf } from "../../../lib/iam/policy.ts";
import { inMemoryAws } from "../../../lib/sim/in_memory.ts";
import { testConfig } from "../../fixtures/test_config.ts";

const REACHES: readonly Reach[] = ["launch", "tag", "own", "any", "read", "list", "write", "free"];
const SCOPE = { partition: "aws", region: "us-east-1", account: "*" };

/** Ports by the service's name in IAM. */
const PORTS = { ec2: "ec2", ssm: "ssm", sts: "sts", pricing: "pricing", servicequotas: "quotas" } as const;

/** Methods of a port's interface, as its file declares them. */
async function declaredActions([service, port]: readonly [service: string, port: string]): Promise<string[]> {
  const file = new URL(`../../../lib/aws/${port}_api.ts`, import.meta.url);
  const [, body] = /export interface \w+Api \{\n(.*?)\n\}/s.exec(await Deno.readTextFile(file))!;
  return [...body!.matchAll(/^ {2}([a-z]\w*)\(/gm)].map(([, name]) =>
    `${service}:${name![0]!.toUpperCase()}${name!.slice(1)}`
  );
}

async function portActions(): Promise<string[]> {
  const services = await Promise.all(Object.entries(PORTS).map(declaredActions));
  return services.flat().sort();
}

Deno.test("actionsOf() knows every method of every port and no other", async () => {
  assertEquals(REACHES.flatMap(actionsOf).sort(), await portActions());
});

Deno.test("The ports' files declare what the simulated AWS implements", async () => {
  const { ec2, ssm, sts, quotas: servicequotas } = inMemoryAws();
  const implemented = Object.entries({ ec2, ssm, sts, servicequotas }).flatMap(([service, port]) =>
    Object.keys(port).map((name) => `${service}:${name[0]!.toUpperCase()}${name.slice(1)}`)
  );
  assertEquals(implemented.sort(), (await portActions()).filter((action) => !action.startsWith("pricing:")));
});

Deno.test("controllerPolicy() grants the ports' actions, no more and no less", async () => {
  const policy = controllerPolicy(testConfig(), { scope: SCOPE, withPut: true });
  const granted = new Set(policy.Statement.flatMap(({ Action }) => listOf(Action)));
  assertEquals(
    [...granted].sort(),
    (await portActions()).filter((action) => action !== "sts:GetCallerIdentity"),
  );
});

Deno.test("controllerPolicy() lets nobody write parameters unless asked", () => {
  const policy = controllerPolicy(testConfig(), { scope: SCOPE });
  const granted = policy.Statement.flatMap(({ Action }) => listOf(Action));
  assertEquals(granted.includes("ssm:PutParameter"), false);
});
