import type {
  DescribeInput,
  DescribeInstancesInput,
  DescribeInstanceStatusInput,
  Filter,
  Image,
  InstanceStateChange,
  InstanceTypeFacts,
  InstanceTypeOffering,
  Page,
  SecurityGroup,
  Subnet,
  Tag,
} from "../aws/ec2_api.ts";
import type { ServiceQuota } from "../aws/quotas_api.ts";
import type { ChangeRequest } from "./change_state.ts";
import type { SimInstanceStatus } from "./describe_instance_status.ts";
import type { SimInstance } from "./instances.ts";
import type { ParameterRequests, ShownParameter } from "./parameters.ts";
import type { ListServiceQuotasRequest } from "./quotas.ts";
import type { Reservation } from "./run_instances.ts";
import type { RunInstancesRequest } from "./run_instances_request.ts";
import type { KeyPair, ParameterTier, ParameterVersion, Zone } from "./world.ts";

/** Every action that the simulator knows: its service, its request, and what it answers. */
export interface Actions {
  RunInstances: { request: RunInstancesRequest; answer: Reservation };
  DescribeInstances: { request: DescribeInstancesInput & DryRun; answer: Page<SimInstance> };
  DescribeInstanceStatus: {
    request: DescribeInstanceStatusInput & DryRun;
    answer: Page<SimInstanceStatus>;
  };
  StartInstances: { request: ChangeRequest; answer: readonly InstanceStateChange[] };
  StopInstances: { request: ChangeRequest; answer: readonly InstanceStateChange[] };
  TerminateInstances: { request: ChangeRequest; answer: readonly InstanceStateChange[] };
  CreateTags: {
    request: { Resources: readonly string[]; Tags: readonly Tag[] } & DryRun;
    answer: Record<string, never>;
  };
  GetConsoleOutput: {
    request: { InstanceId: string; Latest?: boolean } & DryRun;
    answer: { instanceId: string; output: string; timestamp?: number };
  };
  DescribeSubnets: {
    request: DescribeInput & { SubnetIds?: readonly string[] } & DryRun;
    answer: Page<Subnet>;
  };
  DescribeImages: {
    request: DescribeInput & { ImageIds?: readonly string[]; Owners?: readonly string[] } & DryRun;
    answer: Page<Image>;
  };
  DescribeKeyPairs: {
    request:
      & { KeyNames?: readonly string[]; Filters?: readonly Filter[]; IncludePublicKey?: boolean }
      & DryRun;
    answer: readonly (Omit<KeyPair, "publicKey"> & Partial<KeyPair>)[];
  };
  DescribeSecurityGroups: {
    request: DescribeInput & { GroupIds?: readonly string[]; GroupNames?: readonly string[] } & DryRun;
    answer: Page<SecurityGroup>;
  };
  DescribeInstanceTypes: {
    request: DescribeInput & { InstanceTypes?: readonly string[] } & DryRun;
    answer: Page<InstanceTypeFacts>;
  };
  DescribeInstanceTypeOfferings: {
    request: DescribeInput & { LocationType?: string } & DryRun;
    answer: Page<InstanceTypeOffering>;
  };
  DescribeAvailabilityZones: {
    request:
      & { ZoneNames?: readonly string[]; ZoneIds?: readonly string[]; Filters?: readonly Filter[] }
      & DryRun;
    answer: readonly Zone[];
  };
  GetParameter: { request: ParameterRequests["GetParameter"]; answer: ShownParameter };
  GetParameters: {
    request: ParameterRequests["GetParameters"];
    answer: {
      readonly parameters: readonly ShownParameter[];
      readonly invalidParameters: readonly string[];
    };
  };
  GetParametersByPath: { request: ParameterRequests["GetParametersByPath"]; answer: Page<ParameterVersion> };
  PutParameter: {
    request: ParameterRequests["PutParameter"];
    answer: { readonly version: number; readonly tier: ParameterTier };
  };
  GetCallerIdentity: {
    request: Record<string, never>;
    answer: { account: string; arn: string; userId: string };
  };
  ListServiceQuotas: { request: ListServiceQuotasRequest; answer: Page<ServiceQuota> };
}

/** Asks whether a call would be allowed, and changes nothing. */
export interface DryRun {
  readonly DryRun?: boolean;
}

/** Name of an action. */
export type Action = keyof Actions;
