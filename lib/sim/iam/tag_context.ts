import type { Tag } from "../../aws/ec2_api.ts";
import type { Context } from "./statement.ts";

/** Tags by key. */
export type Tags = Readonly<Record<string, string>>;

/** Tags of a request by key; whether EC2 would take them is for others to say. */
export function tagsByKey(tags: readonly Tag[]): Tags {
  return Object.fromEntries(tags.map(({ Key, Value = "" }) => [Key, Value]));
}

/** Condition keys of the tags that a request gives; without tags there are none. */
export function requestTags(tags: Tags): Context {
  const keys = Object.keys(tags);
  return keys.length === 0 ? {} : { ...prefixed("aws:RequestTag/", tags), "aws:TagKeys": keys };
}

/** Condition keys of the tags that a resource has. */
export function resourceTags(tags: Tags): Context {
  return { ...prefixed("aws:ResourceTag/", tags), ...prefixed("ec2:ResourceTag/", tags) };
}

function prefixed(prefix: string, tags: Tags): Context {
  return Object.fromEntries(Object.entries(tags).map(([key, value]) => [`${prefix}${key}`, value]));
}
