import { assertEquals } from "@std/assert";
import type { Subnet } from "../../../lib/aws/ec2_api.ts";
import type { Config } from "../../../lib/config/model.ts";
import { WORLD } from "../../../lib/sim/fresh_world.ts";
import { Scene, sceneConfig } from "./scene.ts";

const pure = { permissions: "none" } as const;
const [A, B] = WORLD.subnetIds;

/** Group `c` has two subnets, `s` one. */
function scene(zones: Config["zones"] = { avoid: [] }): Scene {
  const config = sceneConfig({ zones });
  const [c, s] = config.nodeGroups;
  return new Scene({ ...config, nodeGroups: [{ ...c!, subnets: [A, B] }, s!] });
}

const subnet = (subnetId: string, free: number): Subnet => ({
  subnetId,
  vpcId: "vpc-1",
  availabilityZone: `${WORLD.region}${subnetId === A ? "a" : "b"}`,
  availabilityZoneId: subnetId === A ? "use1-az4" : "use1-az6",
  cidrBlock: "10.0.0.0/24",
  availableIpAddressCount: free,
});

function answer(one: Scene, free: readonly [number, number] = [200, 200]): void {
  one.feed({ kind: "subnets", ids: [A, B], subnets: [subnet(A, free[0]), subnet(B, free[1])] });
}

const launched = (one: Scene) =>
  [...one.state.launches.values()].map(({ input, nodes }) => `${input.SubnetId} ${nodes.join()}`);
const questions = (one: Scene) => one.actions("read-subnets").map(({ ids }) => ids);

Deno.test("mustAwaitSubnets() asks nothing where it decides nothing", pure, () => {
  const one = scene();
  one.ask("resume", ["s0"]);
  assertEquals([questions(one), launched(one)], [[], [`${A} s0`]]);
});

Deno.test(
  "mustAwaitSubnets() asks about several subnets, once in a while, and waits for no answer",
  pure,
  () => {
    const one = scene();
    one.ask("resume", ["c0"]);
    assertEquals([questions(one), launched(one)], [[[A, B]], [`${A} c0`]]);
    answer(one);
    one.ask("resume", ["c1"]);
    assertEquals(questions(one), []);
    one.clock += 61_000;
    one.ask("resume", ["c2"]);
    assertEquals(questions(one), [[A, B]]);
  },
);

Deno.test("the next launch prefers a subnet with free addresses", pure, () => {
  const one = scene();
  one.ask("resume", ["c0"]);
  answer(one, [1, 200]);
  one.ask("resume", ["c1", "c2"]);
  assertEquals(launched(one).at(-1), `${B} c1,c2`);
});

Deno.test(
  "takeSubnets() learns the zones: a miss in one is not repeated in another subnet of it",
  pure,
  () => {
    const one = scene();
    one.ask("resume", ["c0"]);
    const same = { ...subnet(B, 200), availabilityZone: `${WORLD.region}a` };
    one.feed({ kind: "subnets", ids: [A, B], subnets: [subnet(A, 200), same] });
    const [token] = [...one.state.launches.keys()];
    const refusal = { code: "InsufficientInstanceCapacity", message: "no" };
    one.feed({ kind: "launch-refused", token: token!, refusal, unanswered: false });
    assertEquals([launched(one), one.node("c0").refusal?.code], [[], "InsufficientInstanceCapacity"]);
  },
);

Deno.test("zones.avoid makes a launch wait for the zone of its subnet, and go elsewhere", pure, () => {
  const one = scene({ avoid: ["use1-az4"] });
  one.ask("resume", ["c0"]);
  assertEquals([questions(one), launched(one)], [[[A, B]], []]);
  answer(one);
  assertEquals(launched(one), [`${B} c0`]);
});

Deno.test("zones.avoid launches nothing in a subnet whose zone EC2 does not tell", pure, () => {
  const one = scene({ avoid: ["use1-az4"] });
  one.ask("resume", ["c0"]);
  const refusal = { code: "UnauthorizedOperation", message: "no" };
  one.feed({ kind: "subnets-refused", ids: [A, B], refusal });
  assertEquals([launched(one), one.node("c0").refusal?.code, questions(one)], [[], "ZonesAvoided", []]);
});

Deno.test("takeSubnets() does not ask again and again about a subnet that does not exist", pure, () => {
  const one = scene({ avoid: ["use1-az4"] });
  one.ask("resume", ["c0"]);
  one.feed({ kind: "subnets", ids: [A, B], subnets: [subnet(B, 200)] });
  assertEquals([questions(one), launched(one)], [[], [`${B} c0`]]);
});
