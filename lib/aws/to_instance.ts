import { AwsError } from "./aws_error.ts";
import { INVALID_RESPONSE } from "./error_codes.ts";
import type { Instance, InstanceState } from "./instance.ts";

/** The part of the SDK's `Instance` that we read: everything optional, as the SDK has it. */
export interface SdkInstance {
  readonly InstanceId?: string;
  readonly State?: { readonly Name?: string };
  readonly AmiLaunchIndex?: number;
  readonly InstanceType?: string;
  readonly ImageId?: string;
  readonly SubnetId?: string;
  readonly Placement?: { readonly AvailabilityZone?: string };
  readonly PrivateIpAddress?: string;
  readonly NetworkInterfaces?: readonly {
    readonly PrivateIpAddress?: string;
    readonly Attachment?: { readonly DeviceIndex?: number; readonly NetworkCardIndex?: number };
  }[];
  readonly LaunchTime?: Date;
  readonly InstanceLifecycle?: string;
  readonly ClientToken?: string;
  readonly StateReason?: { readonly Code?: string };
  readonly Tags?: readonly { readonly Key?: string; readonly Value?: string }[];
}

const STATES: ReadonlySet<string> = new Set<InstanceState>([
  "pending",
  "running",
  "shutting-down",
  "terminated",
  "stopping",
  "stopped",
]);

/**
 * The SDK's instance as ours. Throws {@link AwsError} with code `InvalidResponse` where EC2's answer lacks the
 * id or a known state: without these nothing right can be done.
 */
export function toInstance(instance: SdkInstance, operation: string): Instance {
  const instanceId = required(instance.InstanceId, "instanceId", operation);
  const launchTime = instance.LaunchTime?.getTime();
  return {
    instanceId,
    state: toInstanceState(instance.State?.Name, operation),
    amiLaunchIndex: instance.AmiLaunchIndex ?? -1,
    instanceType: instance.InstanceType ?? "",
    imageId: instance.ImageId ?? "",
    subnetId: instance.SubnetId ?? "",
    availabilityZone: instance.Placement?.AvailabilityZone ?? "",
    ...optional("privateIpAddress", primaryAddress(instance)),
    launchTime: launchTime === undefined || Number.isNaN(launchTime) ? 0 : launchTime,
    capacityType: instance.InstanceLifecycle === "spot" ? "spot" : "on-demand",
    ...optional("clientToken", instance.ClientToken),
    ...optional("stateReasonCode", instance.StateReason?.Code),
    tags: tagRecord(instance.Tags),
  };
}

/** A state's name, checked. Throws {@link AwsError} with code `InvalidResponse` for one that we do not know. */
export function toInstanceState(name: string | undefined, operation: string): InstanceState {
  if (name !== undefined && STATES.has(name)) return name as InstanceState;
  throw invalid(operation, `an instance state "${name ?? ""}" that EC2's API reference does not have`);
}

/** The value, or {@link AwsError} with code `InvalidResponse` naming the field that the answer lacks. */
export function required<T>(value: T | undefined, field: string, operation: string): T {
  if (value !== undefined && value !== "") return value;
  throw invalid(operation, `a result without "${field}"`);
}

/** Device 0 on network card 0; instances with several network cards list more than one device 0. */
function primaryAddress(instance: SdkInstance): string | undefined {
  const primary = instance.NetworkInterfaces?.find(({ Attachment }) =>
    Attachment?.DeviceIndex === 0 && (Attachment.NetworkCardIndex ?? 0) === 0
  );
  return primary?.PrivateIpAddress || instance.PrivateIpAddress || undefined;
}

function tagRecord(tags: SdkInstance["Tags"]): Record<string, string> {
  return Object.fromEntries(
    (tags ?? []).flatMap(({ Key, Value }) => Key === undefined ? [] : [[Key, Value ?? ""]]),
  );
}

function optional<K extends string>(key: K, value: string | undefined): { [P in K]?: string } {
  return (value ? { [key]: value } : {}) as { [P in K]?: string };
}

function invalid(operation: string, what: string): AwsError {
  return new AwsError({ code: INVALID_RESPONSE, message: `${operation} answered with ${what}`, operation });
}
