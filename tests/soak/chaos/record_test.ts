import { assertEquals } from "@std/assert";
import { differences, type HistoryRecord, type SimulatorRecord } from "./record.ts";

const pure = { permissions: "none" } as const;
const MINUTE = 60_000;
const BEGAN = Date.UTC(2026, 10, 30);

const SIMULATOR: SimulatorRecord = {
  instances: [
    {
      ...{ instanceId: "i-0", instanceType: "a.large", capacityType: "spot" },
      charged: [{ began: BEGAN, ended: BEGAN + 30 * MINUTE }],
    },
    {
      ...{ instanceId: "i-1", instanceType: "b.large", capacityType: "on-demand" },
      charged: [
        { began: BEGAN, ended: BEGAN + 20 * MINUTE },
        { began: BEGAN + 50 * MINUTE, ended: BEGAN + 60 * MINUTE },
      ],
    },
  ],
  calls: { RunInstances: 6, TerminateInstances: 1 },
  refusals: [
    { action: "RunInstances", code: "RequestLimitExceeded", clientToken: "t1" },
    { action: "RunInstances", code: "InsufficientInstanceCapacity", clientToken: "t2" },
    { action: "RunInstances", code: "InsufficientInstanceCapacity", clientToken: "t2" },
    { action: "TerminateInstances", code: "UnauthorizedOperation" },
  ],
};

const part = (hours: number) => ({
  ...{ hours, unpricedHours: 0, cents: hours * 1_000 },
  phases: {
    boot: { hours: 0, cents: 0 },
    job: { hours: 0, cents: 0 },
    idle: { hours: 0, cents: 0 },
    up: { hours, cents: hours * 1_000 },
  },
});
const ROWS = [{ name: "a.large spot", ...part(0.5) }, { name: "b.large on-demand", ...part(0.5) }];
const HISTORY: HistoryRecord = {
  report: {
    pools: [
      {
        ...{ pool: "a.large spot subnet-1", launched: 1, refusedBy: [] },
        refused: { RequestLimitExceeded: 1, InsufficientInstanceCapacity: 1 },
      },
      { pool: "b.large on-demand subnet-1", launched: 1, refused: { EndpointUnreachable: 1 }, refusedBy: [] },
    ],
    calls: [
      { operation: "RunInstances", calls: 6, throttled: 1 },
      { operation: "TerminateInstances", calls: 1, throttled: 0 },
    ],
  },
  cost: { total: part(1), rows: ROWS, runs: 3, endUnknown: [] },
};

type Change = (history: HistoryRecord) => HistoryRecord;
const cost = (change: Partial<HistoryRecord["cost"]>): Change => (history) => ({
  ...history,
  cost: { ...history.cost, ...change },
});
const report = (change: Partial<HistoryRecord["report"]>): Change => (history) => ({
  ...history,
  report: { ...history.report, ...change },
});
const [POOL, OTHER] = HISTORY.report.pools;
const [CALLS, ENDS] = HISTORY.report.calls;

/** What a history says otherwise, and what comes of it. */
const CASES:
  readonly (readonly [name: string, change: Change, found: readonly string[], losses?: boolean])[] = [
    ["nothing is different", (history) => history, []],
    ["an instance is missing", report({ pools: [{ ...POOL!, launched: 0 }, OTHER!] }), [
      "instances of a.large spot",
    ]],
    [
      "an instance is missing and workers were killed",
      report({ pools: [{ ...POOL!, launched: 0 }, OTHER!] }),
      ["instances of a.large spot"],
      true,
    ],
    ["a run is missing", cost({ runs: 2 }), ["runs"]],
    ["an end was never noted", cost({ endUnknown: ["i-0"] }), ["runs without an end"]],
    [
      "an instance is counted twice",
      cost({ total: part(1.5), rows: [{ name: "a.large spot", ...part(1) }, ROWS[1]!] }),
      ["seconds of a.large spot"],
    ],
    [
      "an hour is missing",
      cost({ total: part(0.75), rows: [ROWS[0]!, { name: "b.large on-demand", ...part(0.25) }] }),
      ["seconds of b.large on-demand"],
    ],
    ["a cent is lost", cost({ total: { ...part(1), cents: 999 } }), ["cents of all rows", "cents"]],
    [
      "a refused launch is counted with each try",
      report({
        pools: [{ ...POOL!, refused: { ...POOL!.refused, InsufficientInstanceCapacity: 2 } }, OTHER!],
      }),
      ["launches refused with InsufficientInstanceCapacity"],
      true,
    ],
    [
      "a refusal is missing",
      report({ pools: [{ ...POOL!, refused: { RequestLimitExceeded: 1 } }, OTHER!] }),
      ["launches refused with InsufficientInstanceCapacity"],
    ],
    [
      "a refusal is missing and workers were killed",
      report({ pools: [{ ...POOL!, refused: { RequestLimitExceeded: 1 } }, OTHER!] }),
      [],
      true,
    ],
    [
      "a refusal is made up",
      report({ pools: [{ ...POOL!, refused: { ...POOL!.refused, VcpuLimitExceeded: 1 } }, OTHER!] }),
      ["launches refused with VcpuLimitExceeded"],
      true,
    ],
    ["a call is missing", report({ calls: [{ ...CALLS!, calls: 5 }, ENDS!] }), ["calls of RunInstances"]],
    ["a call is missing and workers were killed", report({ calls: [CALLS!] }), [], true],
    [
      "a call is made up",
      report({ calls: [{ ...CALLS!, calls: 7 }, ENDS!] }),
      ["calls of RunInstances"],
      true,
    ],
    [
      "a throttled call is missing",
      report({ calls: [{ ...CALLS!, throttled: 0 }, ENDS!] }),
      ["throttled calls of RunInstances"],
    ],
  ];

for (const [name, change, found, losses = false] of CASES) {
  Deno.test(`differences() finds ${found.join(", ") || "nothing"} when ${name}`, pure, () => {
    const problems = differences(SIMULATOR, change(HISTORY), { losses, fullDisk: false, price: 10 });
    assertEquals(problems.map(({ text }) => text.replace(/: .*/, "")), found);
  });
}

Deno.test("differences() allows what the client repeats at once when that goes through", pure, () => {
  const code = "InternalError";
  const refusals = [...SIMULATOR.refusals, { action: "RunInstances", code, clientToken: "t3" }];
  const simulator = { ...SIMULATOR, refusals, calls: { ...SIMULATOR.calls, RunInstances: 7 } };
  assertEquals(differences(simulator, HISTORY, { losses: false, fullDisk: false, price: 10 }), []);
});

Deno.test("differences() allows less in the history, but no more, when the disk was full", pure, () => {
  const rules = { losses: false, fullDisk: true, price: 10 };
  const less = [
    report({ pools: [{ ...POOL!, launched: 0 }, OTHER!] }),
    report({ calls: [CALLS!] }),
    cost({ runs: 2, total: part(0.5), rows: [ROWS[0]!] }),
  ];
  for (const change of less) assertEquals(differences(SIMULATOR, change(HISTORY), rules), []);
  const more = [
    report({ pools: [{ ...POOL!, launched: 2 }, OTHER!] }),
    report({ calls: [{ ...CALLS!, calls: 7 }, ENDS!] }),
    cost({ runs: 4 }),
    cost({ total: part(1.5), rows: [{ name: "a.large spot", ...part(1) }, ROWS[1]!] }),
  ];
  for (const change of more) assertEquals(differences(SIMULATOR, change(HISTORY), rules).length, 1);
});

Deno.test("differences() allows an instance that ended by itself to be missing, and no other", pure, () => {
  const rules = { losses: false, fullDisk: false, price: 10 };
  const unseen = report({ pools: [{ ...POOL!, launched: 0 }, OTHER!] });
  const rest = cost({ runs: 2, total: part(0.5), rows: [ROWS[1]!] });
  const ended = (stateReasonCode: string) => ({
    ...SIMULATOR,
    instances: SIMULATOR.instances.map((one, i) => i === 0 ? { ...one, stateReasonCode } : one),
  });
  const history = rest(unseen(HISTORY));
  assertEquals(differences(ended("Server.SpotInstanceTermination"), history, rules), []);
  assertEquals(
    differences(ended("Client.UserInitiatedShutdown"), history, rules).map(({ text }) =>
      text.replace(/: .*/, "")
    ),
    ["instances of a.large spot", "runs", "seconds of a.large spot"],
  );
});
