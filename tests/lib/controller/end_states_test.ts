import { assertEquals } from "@std/assert";
import { formatReason } from "../../../lib/cluster/reason.ts";
import { instanceTags } from "../../../lib/identity/tags.ts";
import { WORLD } from "../../../lib/sim/fresh_world.ts";
import { testConfig } from "../../fixtures/test_config.ts";
import { World } from "./world.ts";

const pure = { permissions: "none" } as const;
const NAMES = ["c0", "c1", "s0"];
const MINUTE = 60_000;

/** How a cluster comes out of an end state. */
const WAYS: Readonly<Record<string, (world: World) => void>> = {
  /** `slurm-ec2 reconcile --apply`: complete listings now. */
  "reconcile": (world) => {
    world.start();
    world.feed([{ kind: "out-of-date" }]);
    world.run(3 * MINUTE);
  },
  /** A worker each minute for twenty of them, which ends as soon as all is settled; EC2 is listed whole every quarter of an hour. */
  "the timer": (world) => {
    for (let minute = 0; minute < 20; minute++) {
      world.start();
      world.run(MINUTE);
      if (world.settled) world.kill();
    }
  },
};

/** A cluster of three nodes with a past: c0 and c1 are terminated, s0 is stopped. */
function cluster(): World {
  const base = testConfig();
  const [c, s] = base.nodeGroups;
  const world = new World(NAMES, {
    config: { nodeGroups: [{ ...c!, nodes: "c[0-1]" }, { ...s!, nodes: "s0", maxStoppedDuration: 86_400 }] },
  });
  world.start();
  world.run(2 * MINUTE);
  return world;
}

/** A launch for a node that the controller knows nothing of. */
function launch(world: World, node: string, count = 1): void {
  const nodeGroup = node.slice(0, 1);
  const done = world.aws.simulator.call("RunInstances", {
    ImageId: WORLD.imageIds.x86_64,
    InstanceType: "c7i.large",
    MinCount: count,
    MaxCount: count,
    ClientToken: `elsewhere-${node}-${world.now}`,
    SubnetId: WORLD.subnetIds[nodeGroup === "s" ? 1 : 0],
    TagSpecifications: [{
      ResourceType: "instance",
      Tags: instanceTags({ cluster: "test", nodeGroup, nodes: node }),
    }],
  });
  if (done.kind === "refusal") throw new Error(done.refusal.message);
}

/** slurmctld has the node DOWN, powered down or not. */
function down(world: World, node: string, reason: string, flags = ["CLOUD", "POWERED_DOWN"]): void {
  Object.assign(world.slurmctld.nodes.get(node)!, {
    base: "DOWN",
    flags: new Set(flags),
    reason,
    since: world.now,
  });
}

const past = (world: World) => formatReason({ code: "X", message: "y", until: world.now - 1_000 });

/** An up node with an instance; then its worker dies. */
function up(world: World, node: string): void {
  world.powerUp([node]);
  world.run(MINUTE);
  world.kill();
}

/** A stopped instance of s0, and no worker. */
function stop(world: World): void {
  up(world, "s0");
  world.start();
  world.powerDown(["s0"]);
  world.run(MINUTE);
  world.kill();
}

/** What a cluster can be left in; `live` is the number of instances of each node in the end, `up` the nodes that are. */
const END_STATES: readonly {
  readonly what: string;
  readonly make: (world: World) => void;
  readonly live?: string;
  readonly up?: readonly string[];
}[] = [
  {
    what: "a node DOWN for a reason of ours whose time is over, which no state remembers",
    make: (world) => {
      world.kill();
      world.loseState();
      down(world, "c0", past(world));
    },
  },
  {
    what: "the same, its instance still running",
    make: (world) => {
      up(world, "c0");
      world.loseState();
      down(world, "c0", past(world));
    },
  },
  {
    what: "an instance that runs although its node is off, known to the state",
    make: (world) => {
      up(world, "c0");
      world.slurmctld.nodes.get("c0")!.base = "IDLE";
      world.slurmctld.nodes.get("c0")!.flags = new Set(["CLOUD", "POWERED_DOWN"]);
    },
  },
  {
    what: "an instance that runs although its node is off, not known to a state that has listed all",
    make: (world) => {
      world.kill();
      launch(world, "c0");
    },
  },
  {
    what: "a node that slurmctld itself has DOWN, without an instance",
    make: (world) => {
      world.kill();
      down(world, "c0", "Not responding", ["CLOUD", "NOT_RESPONDING"]);
    },
  },
  {
    what: "a node whose boot slurmctld gave up, with an instance, resume-fail lost",
    make: (world) => {
      world.kill();
      launch(world, "c0");
      down(world, "c0", "ResumeTimeout reached");
    },
  },
  {
    what: "two instances of a node that is up",
    make: (world) => {
      up(world, "c0");
      launch(world, "c0");
    },
    live: "100",
    up: ["c0"],
  },
  {
    what: "an instance whose node is awaited and was never told",
    make: (world) => {
      world.kill();
      world.loses = () => true;
      world.powerUp(["c0"]);
      world.loses = () => false;
      launch(world, "c0");
    },
    live: "100",
    up: ["c0"],
  },
  {
    what: "a stopped instance of an image that its group does not launch any more",
    make: (world) => {
      stop(world);
      const name = `/test/SlurmNodeAmi/Rocky/9/x86_64/${WORLD.region}`;
      world.disk = {
        ...world.disk,
        parameters: new Map(world.disk.parameters).set(name, {
          name,
          type: "String",
          value: "ami-0aaaaaaaaaaaaaaaa",
          version: 2,
        }),
      };
    },
  },
  {
    what: "an instance that has been stopped for longer than it may be",
    make: (world) => {
      stop(world);
      world.run(86_400_000);
    },
  },
  {
    what: "an instance of a node that is in no file any more",
    make: (world) => {
      world.kill();
      launch(world, "c9");
    },
  },
  {
    what: "an instance beyond the hostlist of its launch, so that its tags name no node",
    make: (world) => {
      world.kill();
      launch(world, "c0", 2);
    },
  },
  {
    what: "a node whose instance has died under its job",
    make: (world) => {
      up(world, "c0");
      world.aws.simulator.powerOff(world.machinesOf("c0")[0]!.instanceId);
    },
  },
  {
    what: "a node whose instance has died, the state lost as well",
    make: (world) => {
      up(world, "c0");
      world.aws.simulator.powerOff(world.machinesOf("c0")[0]!.instanceId);
      world.loseState();
    },
  },
];

for (const { what, make, live = "000", up = [] } of END_STATES) {
  for (const [way, goes] of Object.entries(WAYS)) {
    Deno.test(`step() comes out of ${what}, by ${way}`, pure, () => {
      const world = cluster();
      make(world);
      goes(world);
      assertEquals(world.wrong, []);
      const running = world.aws.simulator.instances()
        .filter(({ state }) => !["shutting-down", "terminated"].includes(state));
      assertEquals([world.live, running.length], [live, up.length], world.log.slice(-20).join("\n"));
      const views = NAMES.map((name) => `${name} ${world.slurmctld.view(name)}`);
      assertEquals(views, NAMES.map((name) => `${name} ${up.includes(name) ? "up" : "off"}`));
    });
  }
}
