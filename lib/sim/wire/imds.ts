import { utcTime } from "../../base/utc_time.ts";
import { partitionOf } from "../../aws/partition.ts";
import { eventsOf, isOver } from "../describe_instance_status.ts";
import type { SimInstance, SimNetworkInterface } from "../instances.ts";
import { volumesOf } from "../volumes.ts";
import type { World } from "../world.ts";
import { at, IMDS_VERSIONS, listedAs, type Tree } from "./imds_tree.ts";

/** An instance's metadata service: answers requests, and knows the tokens that it gave. */
export interface MetadataService {
  answer(request: Request): Response;
}

/** Seconds that a token lives at most (EC2 user guide, "Use the Instance Metadata Service"). */
const MAX_TTL = 21_600;

/**
 * IMDSv2 of one instance; without a token it answers only where the instance allows IMDSv1.
 * @param find The instance as it is now, undefined once it is gone.
 */
export function metadataService(
  find: () => { readonly world: World; readonly instance: SimInstance } | undefined,
  now: () => number,
): MetadataService {
  const tokens = new Map<string, number>();
  return {
    answer(request) {
      const found = find();
      if (!found || found.instance.metadataOptions.HttpEndpoint === "disabled") {
        return refuse(403, "Forbidden");
      }
      const { pathname } = new URL(request.url);
      if (request.method === "PUT" && pathname === "/latest/api/token") {
        return giveToken(request, tokens, now());
      }
      if (request.method !== "GET" && request.method !== "HEAD") return refuse(405, "Method Not Allowed");
      const given = request.headers.get("x-aws-ec2-metadata-token");
      const optional = found.instance.metadataOptions.HttpTokens === "optional" && given === null;
      if (!optional && (tokens.get(given ?? "") ?? 0) <= now()) return refuse(401, "Unauthorized");
      const value = metadata(found, pathname, now());
      return value === undefined
        ? refuse(404, "Not Found")
        : new Response(value, { headers: { "content-type": "text/plain" } });
    },
  };
}

function giveToken(request: Request, tokens: Map<string, number>, now: number): Response {
  // IMDSv2 answers no request that came through a proxy (same guide).
  if (request.headers.has("x-forwarded-for")) return refuse(403, "Forbidden");
  const ttl = request.headers.get("x-aws-ec2-metadata-token-ttl-seconds") ?? "";
  if (!/^\d+$/.test(ttl) || Number(ttl) < 1 || Number(ttl) > MAX_TTL) return refuse(400, "Bad Request");
  const token = `AQAE${crypto.randomUUID().replaceAll("-", "")}${crypto.randomUUID().replaceAll("-", "")}==`;
  tokens.set(token, now + Number(ttl) * 1000);
  return new Response(token, {
    headers: { "content-type": "text/plain", "x-aws-ec2-metadata-token-ttl-seconds": ttl },
  });
}

function refuse(status: number, reason: string): Response {
  const page =
    `<?xml version="1.0" encoding="iso-8859-1"?>\n<html><head><title>${status} - ${reason}</title></head><body><h1>${status} - ${reason}</h1></body></html>\n`;
  // The service closes a connection on which it has refused something, and clients count on not having to read on.
  return new Response(page, { status, headers: { "content-type": "text/html", "connection": "close" } });
}

type Bytes = Uint8Array<ArrayBuffer>;

/** What the service has at a path: a value, or the list of names under it; undefined when there is nothing. */
function metadata(
  { world, instance }: { readonly world: World; readonly instance: SimInstance },
  path: string,
  now: number,
): string | Bytes | undefined {
  const [version, ...names] = path.split("/").filter((name) => name !== "").map(decodeURIComponent);
  if (version === undefined) return IMDS_VERSIONS.join("\n");
  if (!IMDS_VERSIONS.includes(version)) return undefined;
  return at(
    {
      "dynamic": { "instance-identity": { document: identityDocument(world, instance) } },
      "meta-data": metaData(world, instance, now),
      "user-data": instance.userData === undefined ? undefined : Uint8Array.fromBase64(instance.userData),
    },
    names,
  );
}

/** Categories that boot scripts read (EC2 user guide, "Instance metadata categories"). */
function metaData(world: World, instance: SimInstance, now: number): Tree {
  const { network, metadataOptions, iamInstanceProfile, keyName } = instance;
  const { id, dnsSuffix } = partitionOf(world.settings.region);
  const key = keyName === undefined ? undefined : world.keyPairs.get(keyName);
  return {
    "ami-id": instance.imageId,
    "ami-launch-index": String(instance.amiLaunchIndex),
    "ami-manifest-path": "(unknown)",
    "block-device-mapping": blockDevices(instance),
    "events": events(instance, now),
    "hostname": network?.privateDnsName,
    "iam": iamInstanceProfile && iam(iamInstanceProfile),
    "instance-action": "none",
    "instance-id": instance.instanceId,
    "instance-life-cycle": instance.capacityType,
    "instance-type": instance.instanceType,
    "local-hostname": network?.privateDnsName,
    "local-ipv4": network?.privateIpAddress,
    "mac": network?.macAddress,
    "network": network && { interfaces: { macs: { [network.macAddress]: interfaceTree(world, network) } } },
    "placement": {
      "availability-zone": instance.availabilityZone,
      "availability-zone-id": instance.availabilityZoneId,
      "group-name": instance.placementGroup,
      "region": world.settings.region,
    },
    "profile": "default-hvm",
    // The service lists `0=NAME`, and has the key under `0`.
    "public-keys": key && { [listedAs("0", `0=${key.keyName}`)]: { "openssh-key": key.publicKey } },
    "reservation-id": instance.reservationId,
    "security-groups": network && groupNames(world, network),
    "services": { domain: dnsSuffix, partition: id },
    "spot": spot(instance),
    "system": world.instanceTypes.get(instance.instanceType)?.bareMetal ? undefined : "nitro",
    "tags": metadataOptions.InstanceMetadataTags === "enabled" ? { instance: instance.tags } : undefined,
  };
}

function interfaceTree(world: World, network: SimNetworkInterface): Tree {
  const subnet = world.network.subnets.get(network.subnetId);
  return {
    "device-number": "0",
    "interface-id": network.networkInterfaceId,
    "local-hostname": network.privateDnsName,
    "local-ipv4s": network.privateIpAddress,
    "mac": network.macAddress,
    "owner-id": world.settings.account,
    "security-group-ids": network.securityGroupIds.join("\n"),
    "security-groups": groupNames(world, network),
    "subnet-id": network.subnetId,
    "subnet-ipv4-cidr-block": subnet?.cidrBlock,
    "vpc-id": network.vpcId,
    "vpc-ipv4-cidr-block": world.network.cidrBlock,
    "vpc-ipv4-cidr-blocks": world.network.cidrBlock,
  };
}

function groupNames(world: World, { securityGroupIds }: SimNetworkInterface): string {
  return securityGroupIds.map((id) => world.network.securityGroups.get(id)?.groupName ?? id).join("\n");
}

/** The device of the image, of its root, and of each further volume (same guide, "block-device-mapping"). */
function blockDevices(instance: SimInstance): Tree {
  const { rootDeviceName } = instance;
  const others = volumesOf(instance).filter(({ deviceName }) => deviceName !== rootDeviceName);
  return {
    ami: rootDeviceName,
    ...Object.fromEntries(others.map(({ deviceName }, index) => [`ebs${index + 1}`, deviceName])),
    root: rootDeviceName,
  };
}

/** EC2 user guide, "Spot Instance interruption notices". */
function spot({ notices }: SimInstance): Tree | undefined {
  if (notices?.interruption === undefined) return undefined;
  const time = utcTime(notices.interruption);
  return { "instance-action": JSON.stringify({ action: "terminate", time }), "termination-time": time };
}

/** EC2 user guide, "EC2 instance rebalance recommendations" and "Scheduled events for your instances". */
function events(instance: SimInstance, now: number): Tree {
  const { notices = {} } = instance;
  const listed = (over: boolean) => {
    const events = eventsOf(instance, now).filter((event) => isOver(event, now) === over);
    const written = events.map(({ code, description, eventId, notBefore }) => ({
      NotBefore: gmt(notBefore),
      Code: code,
      Description: description,
      EventId: eventId,
      NotAfter: gmt(notBefore + 3_600_000),
      State: over ? "completed" : "active",
    }));
    return written.length === 0 ? "[]" : JSON.stringify(written, null, 2);
  };
  return {
    maintenance: { history: listed(true), scheduled: listed(false) },
    recommendations: notices.rebalance === undefined
      ? undefined
      : { rebalance: JSON.stringify({ noticeTime: utcTime(notices.rebalance) }) },
  };
}

/** `21 Jan 2019 09:00:43 GMT`. */
function gmt(milliseconds: number): string {
  return new Date(milliseconds).toUTCString().replace(/^\w+, /, "");
}

/** The access key that every instance with a role finds in its metadata. */
export const ROLE_ACCESS_KEY = "ASIA0000000000EXAMPLE";

function iam(profile: { readonly arn: string; readonly id: string }): Tree {
  const role = profile.arn.slice(profile.arn.lastIndexOf("/") + 1);
  const credentials = {
    Code: "Success",
    LastUpdated: "2026-01-01T00:00:00Z",
    Type: "AWS-HMAC",
    AccessKeyId: ROLE_ACCESS_KEY,
    SecretAccessKey: "simulated",
    Token: "simulated",
    Expiration: "2099-01-01T00:00:00Z",
  };
  const info = {
    Code: "Success",
    LastUpdated: "2026-01-01T00:00:00Z",
    InstanceProfileArn: profile.arn,
    InstanceProfileId: profile.id,
  };
  return {
    "info": JSON.stringify(info, null, 2),
    "security-credentials": { [role]: JSON.stringify(credentials, null, 2) },
  };
}

function identityDocument({ settings }: World, instance: SimInstance): string {
  return JSON.stringify(
    {
      accountId: settings.account,
      architecture: instance.architecture,
      availabilityZone: instance.availabilityZone,
      imageId: instance.imageId,
      instanceId: instance.instanceId,
      instanceType: instance.instanceType,
      pendingTime: new Date(instance.launchTime).toISOString(),
      privateIp: instance.network?.privateIpAddress,
      region: settings.region,
      version: "2017-09-30",
    },
    null,
    2,
  );
}
