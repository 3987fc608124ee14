import type { RunInstancesInput } from "../../../lib/aws/ec2_api.ts";
import { type LaunchSettings, launchSettings } from "../../../lib/cluster/ssm_parameters.ts";
import type { Config, NodeGroup, OsDistribution } from "../../../lib/config/model.ts";
import { type LaunchRequest, planLaunches } from "../../../lib/power_up/launch_plan.ts";
import { type Offering, offeringsOf } from "../../../lib/capacity/offering.ts";
import { runInstancesInput } from "../../../lib/power_up/run_instances_input.ts";
import { testConfig } from "../../fixtures/test_config.ts";
import { testGroup } from "../../fixtures/test_group.ts";

/** What a case of the golden requests changes about a plain launch. */
interface Changes {
  readonly config?: Partial<Config>;
  readonly group?: Partial<NodeGroup>;
  readonly offering?: Partial<Offering>;
  readonly settings?: LaunchSettings;
  readonly nodes?: readonly string[];
  readonly request?: Partial<Pick<LaunchRequest, "whole" | "cores" | "efa">>;
}

const CLIENT_TOKEN = "11111111-2222-4333-8444-555555555555";
const SETTINGS: LaunchSettings = {
  imageId: "ami-08664000000000001",
  keyName: "cluster-key",
  securityGroupIds: ["sg-0a000000000000001"],
};
const NODES = ["c0", "c1", "c2", "c7"];

/** The request of one plan of the test configuration's group `c`. */
export function requestOf(changes: Changes): RunInstancesInput {
  const config = testConfig(changes.config);
  const group = testGroup(changes.group);
  const [plan] = planLaunches(config, {
    group,
    nodes: changes.nodes ?? NODES,
    offering: { ...offeringsOf(group)[0]!, ...changes.offering },
    settings: changes.settings ?? SETTINGS,
    whole: false,
    ...changes.request,
  });
  return runInstancesInput(config.cluster, plan!, CLIENT_TOKEN);
}

const DISTRIBUTIONS: readonly OsDistribution[] = [
  "AlmaLinux",
  "Amazon",
  "CentOS",
  "RedHat",
  "Rocky",
  "Ubuntu",
];

/** Every golden request by the name of its file. */
export const CASES: Readonly<Record<string, Changes>> = {
  "plain": {},
  "spot": { group: { capacityType: "spot" } },
  "placement_group": { group: { placementGroup: "cluster-placement" } },
  "capacity_reservation": { group: { capacityReservation: "cr-0a000000000000001" } },
  "cpu_options": { group: { threadsPerCore: 1 }, request: { cores: 1 } },
  "efa_one_card": {
    group: { efa: true, placementGroup: "cluster-placement" },
    request: { efa: { interfaces: 1, cards: 1, primaryInterfaces: 15, onPrimary: true } },
  },
  "efa_cards": {
    group: { efa: true },
    request: { efa: { interfaces: 4, cards: 4, primaryInterfaces: 15, onPrimary: true } },
  },
  "efa_not_on_primary": {
    group: { efa: true },
    request: { efa: { interfaces: 2, cards: 3, primaryInterfaces: 4, onPrimary: false } },
  },
  "efa_one_interface_a_card": {
    group: { efa: true },
    request: { efa: { interfaces: 2, cards: 2, primaryInterfaces: 1, onPrimary: true } },
  },
  "all_or_nothing": { request: { whole: true } },
  "stop_group": { group: { powerDownAction: "stop" } },
  "instance_profile_name": { group: { instanceProfile: "cluster-node" } },
  "instance_profile_arn": {
    group: { instanceProfile: "arn:aws:iam::111122223333:instance-profile/cluster-node" },
  },
  "no_key_no_groups": { settings: { imageId: "ami-08664000000000001", securityGroupIds: [] } },
  "string_list_security_groups": { settings: stringListSettings() },
  "site_tags": { group: { tags: { Project: "eda", Cost: "1.50", Empty: "" } } },
  "user_data": { group: { userData: { MOUNT: "nas1:/home", APT: "off" } } },
  "file_systems": {
    config: {
      dns: { domain: "hpc.example.com", hosts: ["ctl.example.com", "nas1.example.com"] },
      fileSystems: [
        { source: "nas1:/export/home", mount: "/home", type: "nfs4", options: "nfsvers=4.1,hard" },
        { source: "nas1:/export/slurm", mount: "/opt/slurm/test", type: "nfs4" },
      ],
    },
    group: { userData: { MUNGE_KEY: "ssm:/test/MungeKey", SLURM_CONF: "/opt/slurm/test/etc/slurm.conf" } },
  },
  "imds_optional": { group: { metadataOptions: { httpTokens: "optional", httpPutResponseHopLimit: 1 } } },
  "long_hostlist": { nodes: Array.from({ length: 150 }, (_, i) => `c${i * 2}`) },
  "root_volume_whole": {
    group: {
      rootVolume: {
        deviceName: "/dev/nvme0n1",
        size: 100,
        type: "gp3",
        encrypted: true,
        kmsKeyId: "arn:aws:kms:us-east-1:111122223333:key/11111111-2222-3333-4444-555555555555",
      },
    },
  },
  "volumes": {
    group: {
      rootVolume: { size: 100, type: "gp3", iops: 6000, throughput: 500 },
      volumes: [
        {
          deviceName: "/dev/sdf",
          size: 500,
          type: "io2",
          iops: 16_000,
          encrypted: true,
          kmsKeyId: "alias/scratch",
        },
        { deviceName: "/dev/sdg", size: 1000, type: "st1" },
      ],
    },
  },
  "volumes_only": { group: { volumes: [{ deviceName: "/dev/sdf", size: 20 }] } },
  ...Object.fromEntries(
    DISTRIBUTIONS.map((distribution) => [
      `root_volume_${distribution}`,
      { group: { os: { distribution, version: "9" }, rootVolume: { size: 50 } } },
    ]),
  ),
};

/** Settings as SSM gives them, security groups as a StringList. */
function stringListSettings(): LaunchSettings {
  const config = testConfig();
  const parameter = (name: string, value: string, type: "String" | "StringList" = "String") =>
    [name, { name, value, type, version: 1 }] as const;
  const settings = launchSettings(
    config,
    testGroup(),
    new Map([
      parameter("/test/SlurmNodeAmi/Rocky/9/x86_64/us-east-1", "ami-08664000000000001"),
      parameter("/test/SlurmNodeEc2KeyPairs/us-east-1", "cluster-key"),
      parameter(
        "/test/SlurmNodeSecurityGroups/us-east-1",
        "sg-0a000000000000001, sg-0b000000000000002",
        "StringList",
      ),
    ]),
  );
  if ("kind" in settings) throw new Error(settings.message);
  return settings;
}

/** A request as its golden file has it. */
export function goldenText(name: string): string {
  return `${JSON.stringify(requestOf(CASES[name]!), null, 2)}\n`;
}
