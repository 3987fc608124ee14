import type { EventBody } from "../../../../lib/events/event.ts";
import { formatReason } from "../../../../lib/cluster/reason.ts";
import { type Report, reportOf } from "../../../../lib/see/report/report.ts";
import { MemoryStore } from "../../../../lib/store/memory.ts";
import { EMPTY_STATE } from "../../../../lib/controller/state.ts";

/** When the window begins. */
export const T0 = Date.UTC(2026, 10, 30);
const MINUTE = 60_000;

/** A report of what is noted at minutes after {@link T0}. */
export function made(events: readonly (readonly [minute: number, body: EventBody])[], hours = 24): Report {
  let wall = T0;
  const store = new MemoryStore({ run: "test", wall: () => wall });
  for (const [minute, body] of events) {
    wall = T0 + minute * MINUTE;
    store.commit(EMPTY_STATE, [body]);
  }
  const window = { from: T0, to: T0 + hours * 60 * MINUTE };
  const cost = {
    window,
    now: window.to,
    running: new Set<string>(),
    priceOf: () => 0.5,
    jobs: undefined,
    partitionsOf: () => "",
  };
  return reportOf({ cluster: "zeta9", history: store.history, cost, prices: "p.yaml" });
}

const launch = (clientToken: string, nodes: string): EventBody => ({
  ...{ kind: "launch", nodes, nodeGroup: "compute", instanceType: "c7i.large", subnetId: "subnet-0a" },
  ...{ capacityType: "spot", imageId: "ami-1", clientToken },
} as EventBody);
const refused = (clientToken: string, code: string): EventBody => ({
  kind: "refused",
  clientToken,
  code,
  message: "no",
  milliseconds: 9,
});
const verdict = (nodes: string, code: string, message = "words"): EventBody => ({
  kind: "verdict",
  verdict: "down",
  nodes,
  reason: formatReason({ code, message }),
});
const lifetime = (id: number, boot: number | undefined, minutes: number): EventBody => ({
  ...{
    kind: "lifetime",
    instanceId: `i-${id}`,
    node: `c${id}`,
    nodeGroup: "compute",
    instanceType: "c7i.large",
  },
  ...{ availabilityZone: "us-east-1a", capacityType: "spot", imageId: "ami-1", began: T0 },
  ...(boot !== undefined && { up: T0 + boot * 1000 }),
  ended: T0 + minutes * MINUTE,
} as EventBody);

/** A night with capacity for half of what was asked for. */
export const NIGHT: readonly (readonly [number, EventBody])[] = [
  [0, { kind: "asked", hook: "resume", nodes: "c[0-9]", jobs: [1] }],
  [0, launch("t1", "c[0-4]")],
  [0, launch("t2", "c[5-9]")],
  [1, { kind: "launched", clientToken: "t1", asked: 5, got: 5, milliseconds: 900 }],
  [1, refused("t2", "InsufficientInstanceCapacity")],
  [1, refused("t0", "RequestLimitExceeded")],
  [2, verdict("c[5-9]", "InsufficientInstanceCapacity")],
  [3, { kind: "done", hook: "resume", verdicts: {}, calls: {}, milliseconds: 180_000 }],
  [70, { kind: "asked", hook: "stop", nodes: "c[0-4]", jobs: [] }],
  [100, verdict("c7", "VcpuLimitExceeded", "ask \x1b[31m<b>us</b>")],
  ...[30, 40, 50, 60].map((boot, id) => [0, lifetime(id, boot, 60)] as const),
  [0, lifetime(4, undefined, 60)],
  [2, {
    ...{ kind: "booted", node: "c0", instanceId: "i-0", nodeGroup: "compute" },
    steps: "imds 4.21, names 5.02, mounts 6.00, slurmd 28.50",
  }],
  [5, { kind: "calls", calls: { RunInstances: 3, DescribeInstances: 9 }, throttled: { RunInstances: 1 } }],
];

/** A report of {@link NIGHT}. */
export function sampleReport(): Report {
  return made(NIGHT);
}
