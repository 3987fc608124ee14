import { formatUserData, type UserData } from "../../lib/identity/user_data.ts";

/** User data of a launch of seven nodes: c7i-0 to c7i-2, c7i-008 to c7i-010, gpu1. */
export function nodeUserData(changes: Partial<UserData> = {}): string {
  return formatUserData({
    cluster: "site",
    nodeGroup: "c7i",
    nodes: "c7i-[0-2,008-010],gpu1",
    region: "eu-west-1",
    bootLimit: 600,
    orphanLimit: 1800,
    onNotice: "requeue",
    fileSystems: [],
    hosts: [],
    settings: {},
    ...changes,
  });
}
