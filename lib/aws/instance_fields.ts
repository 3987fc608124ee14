import type { SdkInstance } from "./to_instance.ts";
import type { SdkStateChange } from "./to_ec2.ts";

/** What stays of an element: all of it, or the elements by name that are listed. */
export type Kept = true | ReadonlyMap<string, Kept>;

/** EC2's element for each member of a type: its name, and what is kept below it. */
type Fields<T> = {
  readonly [K in keyof Required<T>]: readonly [element: string, kept: Below<NonNullable<T[K]>>];
};

/** A list is kept by what is kept of one item, an object by its members, everything else whole. */
type Below<T> = T extends Date ? true
  : T extends readonly (infer Item)[] ? Fields<Item>
  : T extends object ? Fields<T>
  : true;

/**
 * The elements of `instancesSet` that {@link toInstance} reads; a member that it begins to read does not compile without
 * its element here. Names as EC2 sends them: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Instance.html
 */
const INSTANCE: Fields<SdkInstance> = {
  InstanceId: ["instanceId", true],
  State: ["instanceState", { Name: ["name", true] }],
  AmiLaunchIndex: ["amiLaunchIndex", true],
  InstanceType: ["instanceType", true],
  ImageId: ["imageId", true],
  SubnetId: ["subnetId", true],
  Placement: ["placement", { AvailabilityZone: ["availabilityZone", true] }],
  PrivateIpAddress: ["privateIpAddress", true],
  NetworkInterfaces: ["networkInterfaceSet", {
    PrivateIpAddress: ["privateIpAddress", true],
    Attachment: ["attachment", {
      DeviceIndex: ["deviceIndex", true],
      NetworkCardIndex: ["networkCardIndex", true],
    }],
  }],
  LaunchTime: ["launchTime", true],
  InstanceLifecycle: ["instanceLifecycle", true],
  ClientToken: ["clientToken", true],
  StateReason: ["stateReason", { Code: ["code", true] }],
  Tags: ["tagSet", { Key: ["key", true], Value: ["value", true] }],
};

/**
 * The same of TerminateInstances, StopInstances and StartInstances, whose lists have the same name:
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceStateChange.html
 */
const STATE_CHANGE: Fields<SdkStateChange> = {
  InstanceId: ["instanceId", true],
  CurrentState: ["currentState", { Name: ["name", true] }],
  PreviousState: ["previousState", { Name: ["name", true] }],
};

/** Lists stand as `<item>`s one below the other. */
const LISTS: ReadonlySet<string> = new Set(["networkInterfaceSet", "tagSet"]);

/** Elements of an answer of which only a part is read, by name, with that part. Everything outside them stays. */
export const READ_IN_PART: ReadonlyMap<string, Kept> = new Map([
  ["instancesSet", new Map([["item", new Map([...tree(INSTANCE), ...tree(STATE_CHANGE)])]])],
]);

function tree(fields: Readonly<Record<string, readonly [string, unknown]>>): ReadonlyMap<string, Kept> {
  return new Map(
    Object.values(fields).map(([element, kept]): [string, Kept] => {
      if (kept === true) return [element, true];
      const below = tree(kept as Readonly<Record<string, readonly [string, unknown]>>);
      return [element, LISTS.has(element) ? new Map([["item", below]]) : below];
    }),
  );
}
