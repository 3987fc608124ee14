import { assertEquals } from "@std/assert";
import { World, type WorldSettings } from "./world.ts";

const pure = { permissions: "none" } as const;
const NAMES = ["c0", "c1", "c2", "c3"];

function made(settings: WorldSettings = {}): World {
  const world = new World(NAMES, settings);
  world.start();
  world.run(1_000);
  return world;
}

/** Lets everything come to rest; nothing may have gone wrong on the way. */
function rest(world: World, live: string): void {
  world.run(400_000);
  assertEquals(world.wrong, []);
  assertEquals(world.live, live, world.log.slice(-20).join("\n"));
  assertEquals([...world.state.launches.keys()], []);
  for (const [i, name] of world.names.entries()) {
    assertEquals(world.slurmctld.view(name), live[i] === "1" ? "up" : "off", `${name}: ${world.views}`);
  }
  assertEquals([...world.state.requests.values()].filter(({ settledAt }) => settledAt === undefined), []);
  assertEquals(world.settled, true);
}

Deno.test("step() powers nodes up and down", pure, () => {
  const world = made();
  world.powerUp(["c0", "c1"]);
  rest(world, "1100");
  assertEquals([world.calls("RunInstances"), world.calls("GetParameters")], [1, 1]);
  world.powerDown(["c0"]);
  rest(world, "0100");
  assertEquals(world.calls("TerminateInstances"), 1);
});

Deno.test("step() ends an instance that is stopped before EC2 shows it", pure, () => {
  const world = made({ aws: { invisibleMs: 6_000 } });
  world.powerUp(["c0"]);
  world.run(1_500);
  world.powerDown(["c0"]);
  rest(world, "0000");
});

Deno.test("step() never has two instances of a node that is powered up again at once", pure, () => {
  const world = made({ aws: { invisibleMs: 6_000 } });
  world.powerUp(["c0"]);
  world.run(1_500);
  world.powerDown(["c0"]);
  world.run(1_000);
  world.powerUp(["c0"]);
  rest(world, "1000");
});

for (const killed of [false, true]) {
  Deno.test(
    `step() ends what a launch brings after its stop${killed ? ", the worker killed in between" : ""}`,
    pure,
    () => {
      const world = made();
      world.hold = (action) => action.kind === "run-instances" ? 8_000 : undefined;
      world.powerUp(["c0"]);
      world.run(2_000);
      world.powerDown(["c0"]);
      world.run(500);
      if (killed) {
        world.kill();
        world.run(3_000);
        world.start();
      }
      rest(world, "0000");
    },
  );
}

Deno.test("step() ends the instance of a stop that throttling slowed over the next resume", pure, () => {
  const world = made();
  world.powerUp(["c0"]);
  world.run(20_000);
  world.aws.simulator.addFault({ kind: "throttle", action: "TerminateInstances", times: 8 });
  world.powerDown(["c0"]);
  world.run(11_000);
  world.powerUp(["c0"]);
  world.run(60_000);
  assertEquals(world.live, "1000");
  world.powerDown(["c0"]);
  rest(world, "0000");
});

Deno.test("step() ends what a worker that was killed before TerminateInstances had to end", pure, () => {
  const world = made();
  world.powerUp(["c0"]);
  world.run(20_000);
  world.hold = (action) => action.kind === "end" ? 10_000 : undefined;
  world.powerDown(["c0"]);
  world.run(20);
  world.kill();
  world.aws.simulator.addFault({
    kind: "error",
    action: "TerminateInstances",
    times: 1,
    code: "InternalError",
  });
  world.run(30_000);
  world.start();
  rest(world, "0000");
});

for (
  const code of [
    "RequestLimitExceeded",
    "ExpiredToken",
    "UnauthorizedOperation",
    "InsufficientInstanceCapacity",
    "InternalError",
    "IdempotentParameterMismatch",
  ]
) {
  Deno.test(`step() forgets no instance of a lost answer when ${code} follows`, pure, () => {
    const world = made({ aws: { invisibleMs: 6_000 } });
    world.aws.simulator.addFault({ kind: "lost-answer", action: "RunInstances", times: 1 });
    world.powerUp(["c0", "c1"]);
    world.run(450);
    world.aws.simulator.addFault(
      code === "RequestLimitExceeded"
        ? { kind: "throttle", action: "RunInstances", times: 60 }
        : { kind: "error", action: "RunInstances", times: 60, code },
    );
    world.run(50_000);
    world.aws.simulator.clearFaults();
    world.run(20_000);
    assertEquals(world.live, "1100");
    world.powerDown(["c0", "c1"]);
    rest(world, "0000");
  });
}

Deno.test("step() leaves a node that is up alone when it is resumed", pure, () => {
  const world = made();
  world.powerUp(["c0"]);
  world.run(20_000);
  const id = world.hook("resume", ["c0"]);
  world.run(5_000);
  assertEquals(world.state.requests.get(id)?.outcomes, { c0: { kind: "up" } });
  rest(world, "1000");
  assertEquals(world.calls("TerminateInstances"), 0);
});

Deno.test(
  "step() leaves a node that is up alone when the state is lost and slurmctld is silent",
  pure,
  () => {
    const world = made();
    world.powerUp(["c0"]);
    world.run(20_000);
    world.kill();
    world.loseState();
    world.slurmctld.away = true;
    world.start();
    world.run(20_000);
    world.hook("resume", ["c0"]);
    world.run(30_000);
    world.slurmctld.away = false;
    rest(world, "1000");
    assertEquals(world.calls("TerminateInstances"), 0);
  },
);

Deno.test("step() finds again what a lost state knew", pure, () => {
  const world = made();
  world.powerUp(["c0", "c1"]);
  world.run(20_000);
  world.kill();
  world.loseState();
  world.run(1_000);
  world.powerDown(["c0"]);
  world.start();
  rest(world, "0100");
});

Deno.test("step() ends the instance of a node whose stop request never arrived", pure, () => {
  const world = made();
  world.powerUp(["c0", "c1"]);
  world.run(20_000);
  world.loses = () => true;
  world.powerDown(["c0"]);
  world.loses = () => false;
  rest(world, "0100");
});

Deno.test("step() serves a node whose resume request never arrived", pure, () => {
  const world = made({ slurmctld: { resumeTimeout: 180_000 } });
  world.loses = () => true;
  world.powerUp(["c0"]);
  world.loses = () => false;
  rest(world, "1000");
});
