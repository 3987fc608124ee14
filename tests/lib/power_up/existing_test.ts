import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Instance, InstanceState } from "../../../lib/aws/instance.ts";
import { type ExistingPlan, oldestFirst, planExisting } from "../../../lib/power_up/existing.ts";
import { makeInstance } from "../../fixtures/make_instance.ts";

const pure = { permissions: "none" } as const;
const NOW = 10_000_000;
const BOOT = 180_000;
const YOUNG = NOW - 1_000;
const OLD = NOW - BOOT;
const IMAGE = makeInstance().imageId;
const CLOCK = { now: NOW, bootMilliseconds: BOOT, imageId: IMAGE };
const TERMINATE_GROUP = { powerDownAction: "terminate", instanceTypes: ["c7i.large", "c6i.large"] } as const;
const STOP_GROUP = { ...TERMINATE_GROUP, powerDownAction: "stop" } as const;

/** What is planned for node c0, given its instances. */
function planned(
  group: typeof TERMINATE_GROUP | typeof STOP_GROUP,
  instances: readonly Instance[],
): ExistingPlan {
  const owned = instances.map((instance) => ({ instance, nodeGroup: "c", nodeName: "c0" }));
  return planExisting(group, ["c0"], new Map([["c0", owned]]), CLOCK);
}

/** The plan in short: which list the node or its instance is in. */
function decisions({ launch, adopt, start, terminate }: ExistingPlan): string[] {
  return [
    ...launch.map((node) => `launch ${node}`),
    ...adopt.map(({ nodeName, instance }) => `adopt ${nodeName} ${instance.instanceId}`),
    ...start.map(({ nodeName, instance }) => `start ${nodeName} ${instance.instanceId}`),
    ...terminate.map(({ instanceId }) => `terminate ${instanceId}`),
  ];
}

const one = (state: InstanceState, launchTime: number, changes: Partial<Instance> = {}) =>
  makeInstance({ instanceId: "i-a", state, launchTime, ...changes });

for (
  const [what, group, instance, expected] of [
    ["a young running one", TERMINATE_GROUP, one("running", YOUNG), ["adopt c0 i-a"]],
    ["a young pending one", STOP_GROUP, one("pending", YOUNG), ["adopt c0 i-a"]],
    ["one of a clock ahead of ours", TERMINATE_GROUP, one("pending", NOW + 5_000), ["adopt c0 i-a"]],
    ["one that has been up for as long as a boot takes", TERMINATE_GROUP, one("running", OLD), [
      "launch c0",
      "terminate i-a",
    ]],
    ["an old pending one", TERMINATE_GROUP, one("pending", OLD), ["launch c0", "terminate i-a"]],
    ["a stopped one of a stop group", STOP_GROUP, one("stopped", OLD), ["start c0 i-a"]],
    ["a stopped one of a terminate group", TERMINATE_GROUP, one("stopped", OLD), [
      "launch c0",
      "terminate i-a",
    ]],
    ["a stopped one of another image", STOP_GROUP, one("stopped", OLD, { imageId: "ami-00000000" }), [
      "launch c0",
      "terminate i-a",
    ]],
    [
      "a stopped one of a type no longer configured",
      STOP_GROUP,
      one("stopped", OLD, { instanceType: "m7i.large" }),
      [
        "launch c0",
        "terminate i-a",
      ],
    ],
    [
      "a stopped one of the second configured type",
      STOP_GROUP,
      one("stopped", OLD, { instanceType: "c6i.large" }),
      [
        "start c0 i-a",
      ],
    ],
    ["a stopping one", STOP_GROUP, one("stopping", OLD), ["launch c0", "terminate i-a"]],
    ["one that is ending already", TERMINATE_GROUP, one("shutting-down", YOUNG), ["launch c0"]],
    ["one that has ended", TERMINATE_GROUP, one("terminated", YOUNG), ["launch c0"]],
  ] as const
) {
  Deno.test(`planExisting() for ${what}: ${expected.join(", ")}`, pure, () => {
    assertEquals<readonly string[]>(decisions(planned(group, [instance])), expected);
  });
}

for (
  const [what, booted, expected] of [
    ["since its launch", YOUNG + 1_000, ["launch c0", "terminate i-a"]],
    ["in the second of its launch", Math.floor(YOUNG / 1_000) * 1_000, ["launch c0", "terminate i-a"]],
    ["before its launch", YOUNG - 5_000, ["adopt c0 i-a"]],
  ] as const
) {
  Deno.test(
    `planExisting() for a young one whose node has booted ${what}: ${expected.join(", ")}`,
    pure,
    () => {
      const owned = [{ instance: one("running", YOUNG), nodeGroup: "c", nodeName: "c0" }];
      const clock = { ...CLOCK, booted: new Map([["c0", booted]]) };
      const plan = planExisting(TERMINATE_GROUP, ["c0"], new Map([["c0", owned]]), clock);
      assertEquals<readonly string[]>(decisions(plan), expected);
    },
  );
}

Deno.test("planExisting() launches nodes that have nothing", pure, () => {
  assertEquals(decisions(planExisting(STOP_GROUP, ["c0", "c1"], new Map(), CLOCK)), [
    "launch c0",
    "launch c1",
  ]);
});

Deno.test("planExisting() would rather keep an instance that boots than start a stopped one", pure, () => {
  const stopped = one("stopped", OLD, { instanceId: "i-0" });
  assertEquals(decisions(planned(STOP_GROUP, [stopped, one("pending", YOUNG)])), [
    "adopt c0 i-a",
    "terminate i-0",
  ]);
});

Deno.test("planExisting() keeps of duplicates the oldest launch, then the lowest id", pure, () => {
  const instances = [
    one("running", YOUNG + 1, { instanceId: "i-1" }),
    one("running", YOUNG, { instanceId: "i-3" }),
    one("running", YOUNG, { instanceId: "i-2" }),
  ];
  assertEquals(decisions(planned(TERMINATE_GROUP, instances)), [
    "adopt c0 i-2",
    "terminate i-3",
    "terminate i-1",
  ]);
});

const STATES: readonly InstanceState[] = [
  "pending",
  "running",
  "shutting-down",
  "terminated",
  "stopping",
  "stopped",
];
const anyInstance = fc.record({
  state: fc.constantFrom(...STATES),
  launchTime: fc.constantFrom(OLD - 1, OLD, OLD + 1, YOUNG, NOW),
  imageId: fc.constantFrom(IMAGE, "ami-00000000"),
  instanceType: fc.constantFrom("c7i.large", "c6i.large", "m7i.large"),
});
const anyGroup = fc.constantFrom(TERMINATE_GROUP, STOP_GROUP);

Deno.test(
  "planExisting() keeps at most one instance a node, and loses neither node nor live instance",
  pure,
  () => {
    fc.assert(
      fc.property(
        anyGroup,
        fc.array(fc.array(anyInstance, { maxLength: 5 }), { maxLength: 4 }),
        (group, have) => {
          const instances = new Map(have.map((own, n) => [
            `c${n}`,
            own.map((changes, i) => ({
              instance: makeInstance({ instanceId: `i-${n}-${i}`, ...changes }),
              nodeGroup: "c",
              nodeName: `c${n}`,
            })),
          ]));
          const plan = planExisting(group, [...instances.keys()], instances, CLOCK);
          const kept = [...plan.adopt, ...plan.start];
          assertEquals(
            [
              ...plan.launch,
              ...kept.map(({ nodeName }) => nodeName),
            ].sort(),
            [...instances.keys()].sort(),
          );
          const live = [...instances.values()].flat().map(({ instance }) => instance)
            .filter(({ state }) => state !== "terminated" && state !== "shutting-down");
          assertEquals(
            [...kept.map(({ instance }) => instance), ...plan.terminate].map(({ instanceId }) => instanceId)
              .sort(),
            live.map(({ instanceId }) => instanceId).sort(),
          );
          for (const { nodeName, instance } of plan.adopt) {
            assertEquals(instance.instanceId.split("-")[1], nodeName.slice(1));
            const others = instances.get(nodeName)!.map((owned) => owned.instance)
              .filter(({ state, launchTime }) =>
                (state === "pending" || state === "running") && NOW - launchTime < BOOT
              );
            assert(others.every((other) => oldestFirst(instance, other) <= 0 || other === instance));
          }
        },
      ),
    );
  },
);

Deno.test("oldestFirst() orders alike whatever order instances come in", pure, () => {
  const instances = fc.uniqueArray(fc.record({ launchTime: fc.nat(3), id: fc.nat(99) }), {
    selector: ({ id }) => id,
  });
  fc.assert(fc.property(instances, fc.infiniteStream(fc.nat()), (all, order) => {
    const made = all.map(({ launchTime, id }) => makeInstance({ launchTime, instanceId: `i-${id}` }));
    const shuffled = made.map((instance) => [order.next().value, instance] as const)
      .sort(([a], [b]) => a - b).map(([, instance]) => instance);
    assertEquals(shuffled.sort(oldestFirst), made.sort(oldestFirst));
  }));
});
