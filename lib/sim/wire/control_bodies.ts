import * as v from "valibot";
import { serviceOf } from "../step.ts";

// What the control endpoints take.

const actionName = v.pipe(
  v.string(),
  v.check((name) => serviceOf(name) !== undefined, "is not an action that the simulator answers"),
);
const times = v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), 1);
const natural = v.pipe(v.number(), v.integer(), v.minValue(0));
const milliseconds = v.pipe(v.number(), v.minValue(0));
/** Something that goes wrong. */
export const FAULT = v.variant("kind", [
  v.strictObject({ kind: v.literal("throttle"), action: actionName, times }),
  v.strictObject({
    kind: v.literal("error"),
    action: actionName,
    times,
    code: v.string(),
    message: v.optional(v.string()),
    httpStatus: v.optional(v.pipe(v.number(), v.integer(), v.minValue(400), v.maxValue(599))),
  }),
  v.strictObject({ kind: v.literal("lost-answer"), action: actionName, times }),
  v.strictObject({
    kind: v.literal("death"),
    times,
    afterMs: v.optional(milliseconds, 0),
    code: v.string(),
    message: v.optional(v.string()),
    instanceType: v.optional(v.string()),
  }),
  v.strictObject({ kind: v.literal("boot-failure"), times, instanceType: v.optional(v.string()) }),
]);
/** How the world behaves from now on. */
export const SETTINGS = v.strictObject({
  latencyMs: v.optional(milliseconds),
  pendingMs: v.optional(milliseconds),
  bootMs: v.optional(milliseconds),
  statusCheckMs: v.optional(milliseconds),
  stoppingMs: v.optional(milliseconds),
  shuttingDownMs: v.optional(milliseconds),
  terminatedMs: v.optional(milliseconds),
  invisibleMs: v.optional(milliseconds),
  requestTokens: v.optional(v.boolean()),
  resourceTokens: v.optional(v.boolean()),
  wholeCallLimits: v.optional(v.boolean()),
  vcpuQuota: v.optional(natural),
  quotas: v.optional(v.record(v.string(), natural)),
  accountLimits: v.optional(v.strictObject({
    instances: v.optional(natural),
    networkInterfaces: v.optional(natural),
    volumeGiB: v.optional(natural),
  })),
  lacksSpotRole: v.optional(v.boolean()),
  credentials: v.optional(v.picklist(["valid", "expired", "invalid"])),
});
/** A number for each name, null: no limit. */
export const LIMITS = v.record(v.string(), v.nullable(natural));
/** An instance. */
export const INSTANCE = v.strictObject({ instanceId: v.string() });
/** A spot instance that EC2 takes back; `noticeMs`: so long ahead its metadata says so. */
export const INTERRUPTION = v.strictObject({ instanceId: v.string(), noticeMs: v.optional(milliseconds) });
/** AWS schedules events two weeks ahead where it can (EC2 user guide, "Scheduled events for your instances"). */
export const EVENT_NOTICE_MS = 14 * 86_400_000;
/** Which status checks fail from now on; false: pass again. */
export const IMPAIRMENT = v.strictObject({
  instanceId: v.string(),
  system: v.optional(v.boolean()),
  instance: v.optional(v.boolean()),
  attachedEbs: v.optional(v.boolean()),
});
/** An event that EC2 schedules. */
export const EVENT = v.strictObject({
  instanceId: v.string(),
  code: v.picklist([
    "instance-reboot",
    "system-reboot",
    "system-maintenance",
    "instance-retirement",
    "instance-stop",
  ]),
  /** Milliseconds from now; two weeks unless given. */
  inMs: v.optional(milliseconds),
});
