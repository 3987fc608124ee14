import type { StatusCheck } from "../../aws/ec2_api.ts";
import { REACHABILITY, type SimInstanceStatus } from "../describe_instance_status.ts";
import { STATE_CODES } from "../instances.ts";
import { element, items, text, time } from "./xml.ts";

/** What an instance's status element holds (API reference, InstanceStatus). */
export function instanceStatusXml(status: SimInstanceStatus): string {
  const { instance } = status;
  return [
    text("instanceId", instance.instanceId),
    text("availabilityZone", instance.availabilityZone),
    text("availabilityZoneId", instance.availabilityZoneId),
    element("instanceState", text("code", STATE_CODES[instance.state]), text("name", instance.state)),
    check("systemStatus", status.system),
    check("instanceStatus", status.guest),
    check("attachedEbsStatus", status.attachedEbs),
    status.events.length === 0 ? "" : items("eventsSet", status.events, (event) =>
      [
        text("instanceEventId", event.eventId),
        text("code", event.code),
        text("description", event.description),
        text("notBefore", time(event.notBefore)),
      ].join("")),
  ].join("");
}

function check(name: string, { status, impairedSince }: StatusCheck): string {
  const reachability = REACHABILITY[status];
  return element(
    name,
    text("status", status),
    reachability === undefined ? "" : items("details", [reachability], (value) =>
      [
        impairedSince === undefined ? "" : text("impairedSince", time(impairedSince)),
        text("name", "reachability"),
        text("status", value),
      ].join("")),
  );
}
