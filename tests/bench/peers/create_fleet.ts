import { Refusal } from "../../../lib/sim/refusal.ts";
import type { RunInstancesRequest } from "../../../lib/sim/run_instances_request.ts";
import type { Query } from "../../../lib/sim/wire/query.ts";
import { document, element, items, text } from "../../../lib/sim/wire/xml.ts";
import { LAUNCH_TEMPLATE } from "./launch_template.ts";

/** What a fleet may choose from. */
interface Override {
  readonly instanceType: string;
  readonly subnetId: string;
}

/** A CreateFleet request of type `instant` for on-demand instances. */
export interface FleetRequest {
  readonly template: string;
  readonly overrides: readonly Override[];
  readonly target: number;
  /** Fewer than this many, and none is launched. */
  readonly minimum: number;
}

/** What came of a fleet: instances by override, and the overrides that failed. */
export interface Fleet {
  readonly launched: readonly { readonly override: Override; readonly instanceIds: readonly string[] }[];
  readonly errors: readonly {
    readonly override: Override;
    readonly code: string;
    readonly message: string;
  }[];
}

/**
 * Reads a CreateFleet request; only what aws-parallelcluster-node asks for is understood
 * (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateFleet.html).
 * @throws {Refusal} for anything else.
 */
export function fleetRequest(q: Query): FleetRequest {
  const target = q.structure("TargetCapacitySpecification");
  if (q.text("Type") !== "instant" || target?.text("DefaultTargetCapacityType") !== "on-demand") {
    throw new Refusal("UnsupportedOperation", "Only instant fleets of on-demand instances are modelled");
  }
  const [config] = q.list("LaunchTemplateConfigs") ?? [];
  const overrides = config?.list("Overrides")?.map((override) => ({
    instanceType: override.text("InstanceType") ?? LAUNCH_TEMPLATE.InstanceType,
    subnetId: override.text("SubnetId") ?? LAUNCH_TEMPLATE.SubnetId,
  }));
  return {
    template: config?.structure("LaunchTemplateSpecification")?.text("LaunchTemplateName") ?? "",
    overrides: overrides ?? [],
    target: target.integer("TotalTargetCapacity") ?? 0,
    minimum: q.structure("OnDemandOptions")?.integer("MinTargetCapacity") ?? 0,
  };
}

/**
 * Launches a fleet, one override after the other until the target is reached.
 * @param free How many instances an override's pool has left.
 * @param launch Launches that many; their ids.
 * @throws {Refusal} when a launch is refused for another reason than capacity.
 */
export function launchFleet(
  request: FleetRequest,
  free: (override: Override) => number,
  launch: (request: RunInstancesRequest) => readonly string[],
): Fleet {
  const { overrides, target, minimum } = request;
  const total = overrides.reduce((sum, override) => sum + free(override), 0);
  const allowed = total < minimum ? 0 : target;
  const launched: Fleet["launched"][number][] = [];
  const errors: Fleet["errors"][number][] = [];
  let missing = target;
  for (const override of overrides) {
    const count = Math.min(missing, free(override), allowed);
    if (count > 0) {
      const { instanceType: InstanceType, subnetId: SubnetId } = override;
      const wanted = { ...LAUNCH_TEMPLATE, InstanceType, SubnetId, MinCount: count, MaxCount: count };
      launched.push({ override, instanceIds: launch(wanted) });
      missing -= count;
    }
    if (missing > 0) errors.push({ override, ...NO_CAPACITY });
    else break;
  }
  return { launched, errors };
}

/** As EC2 words it in the errors of a fleet. */
const NO_CAPACITY = { code: "InsufficientInstanceCapacity", message: "Insufficient capacity." };

/** The document that EC2 answers CreateFleet with. */
export function fleetAnswer(request: FleetRequest, fleet: Fleet, requestId: string): string {
  const used = ({ instanceType, subnetId }: Override) =>
    element(
      "launchTemplateAndOverrides",
      element(
        "launchTemplateSpecification",
        text("launchTemplateName", request.template) + text("version", "1"),
      ),
      element("overrides", text("instanceType", instanceType) + text("subnetId", subnetId)),
    ) + text("lifecycle", "on-demand");
  return document(element(
    "CreateFleetResponse",
    text("requestId", requestId),
    text("fleetId", `fleet-${requestId}`),
    items(
      "fleetInstanceSet",
      fleet.launched,
      ({ override, instanceIds }) =>
        used(override) + element("instanceIds", ...instanceIds.map((id) => text("item", id))) +
        text("instanceType", override.instanceType),
    ),
    items(
      "errorSet",
      fleet.errors,
      ({ override, code, message }) =>
        used(override) + text("errorCode", code) + text("errorMessage", message),
    ),
  ));
}
