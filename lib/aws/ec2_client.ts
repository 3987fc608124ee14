import {
  type _InstanceType,
  CreateTagsCommand,
  DescribeImagesCommand,
  DescribeInstancesCommand,
  DescribeInstanceStatusCommand,
  DescribeInstanceTypeOfferingsCommand,
  DescribeInstanceTypesCommand,
  DescribeKeyPairsCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  EC2Client,
  GetConsoleOutputCommand,
  RunInstancesCommand,
  StartInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import type { AwsClientSettings } from "./client_settings.ts";
import type { Ec2Api, Page } from "./ec2_api.ts";
import { mutable } from "./mutable.ts";
import { callerOf, clientOptions } from "./sdk_client.ts";
import {
  toImage,
  toInstanceStatus,
  toInstanceTypeFacts,
  toInstanceTypeOffering,
  toSecurityGroup,
  toStateChange,
  toSubnet,
} from "./to_ec2.ts";
import { required, toInstance } from "./to_instance.ts";

/** EC2 over the wire. */
export interface Ec2Client extends Ec2Api {
  /** Closes the connections that are kept alive; calls after it open new ones. */
  destroy(): void;
}

const SERVICE = { key: "ec2", title: "EC2", format: "xml" } as const;

/** EC2 through AWS's SDK: settings in, strict answers out, every failure an {@link AwsError}. */
export function ec2Client(settings: AwsClientSettings): Ec2Client {
  const client = new EC2Client(clientOptions(SERVICE, settings));
  const call = callerOf(client, SERVICE, settings);
  return {
    destroy: () => client.destroy(),

    async runInstances(input, options) {
      const command = new RunInstancesCommand({
        ...mutable(input),
        InstanceType: typeName(input.InstanceType),
      });
      const answer = await call("RunInstances", (how) => client.send(command, how), options);
      return (answer.Instances ?? []).map((instance) => toInstance(instance, "RunInstances"));
    },

    async describeInstances(input, options) {
      const command = new DescribeInstancesCommand(mutable(input));
      const answer = await call("DescribeInstances", (how) => client.send(command, how), options);
      const instances = (answer.Reservations ?? []).flatMap((reservation) => reservation.Instances ?? []);
      return page(instances, toInstance, "DescribeInstances", answer.NextToken);
    },

    async describeInstanceStatus(input, options) {
      const command = new DescribeInstanceStatusCommand(mutable(input));
      const answer = await call("DescribeInstanceStatus", (how) => client.send(command, how), options);
      return page(answer.InstanceStatuses, toInstanceStatus, "DescribeInstanceStatus", answer.NextToken);
    },

    async startInstances(input, options) {
      const command = new StartInstancesCommand(mutable(input));
      const answer = await call("StartInstances", (how) => client.send(command, how), options);
      return (answer.StartingInstances ?? []).map((change) => toStateChange(change, "StartInstances"));
    },

    async stopInstances(input, options) {
      const command = new StopInstancesCommand(mutable(input));
      const answer = await call("StopInstances", (how) => client.send(command, how), options);
      return (answer.StoppingInstances ?? []).map((change) => toStateChange(change, "StopInstances"));
    },

    async terminateInstances(input, options) {
      const command = new TerminateInstancesCommand(mutable(input));
      const answer = await call("TerminateInstances", (how) => client.send(command, how), options);
      return (answer.TerminatingInstances ?? []).map((change) => toStateChange(change, "TerminateInstances"));
    },

    async createTags(input, options) {
      const command = new CreateTagsCommand(mutable(input));
      await call("CreateTags", (how) => client.send(command, how), options);
    },

    async getConsoleOutput(input, options) {
      const command = new GetConsoleOutputCommand(mutable(input));
      const answer = await call("GetConsoleOutput", (how) => client.send(command, how), options);
      return { output: decodeConsole(answer.Output), ...timestamp(answer.Timestamp) };
    },

    async describeSubnets(input, options) {
      const command = new DescribeSubnetsCommand(mutable(input));
      const answer = await call("DescribeSubnets", (how) => client.send(command, how), options);
      return page(answer.Subnets, toSubnet, "DescribeSubnets", answer.NextToken);
    },

    async describeImages(input, options) {
      const command = new DescribeImagesCommand(mutable(input));
      const answer = await call("DescribeImages", (how) => client.send(command, how), options);
      return page(answer.Images, toImage, "DescribeImages", answer.NextToken);
    },

    async describeKeyPairs(input, options) {
      const command = new DescribeKeyPairsCommand(mutable(input));
      const answer = await call("DescribeKeyPairs", (how) => client.send(command, how), options);
      return (answer.KeyPairs ?? []).map((pair) => ({
        keyName: required(pair.KeyName, "keyName", "DescribeKeyPairs"),
        keyPairId: pair.KeyPairId ?? "",
      }));
    },

    async describeSecurityGroups(input, options) {
      const command = new DescribeSecurityGroupsCommand(mutable(input));
      const answer = await call("DescribeSecurityGroups", (how) => client.send(command, how), options);
      return page(answer.SecurityGroups, toSecurityGroup, "DescribeSecurityGroups", answer.NextToken);
    },

    async describeInstanceTypes(input, options) {
      const { InstanceTypes, ...rest } = mutable(input);
      const command = new DescribeInstanceTypesCommand({
        ...rest,
        InstanceTypes: InstanceTypes?.map(typeName),
      });
      const answer = await call("DescribeInstanceTypes", (how) => client.send(command, how), options);
      return page(answer.InstanceTypes, toInstanceTypeFacts, "DescribeInstanceTypes", answer.NextToken);
    },

    async describeInstanceTypeOfferings(input, options) {
      const operation = "DescribeInstanceTypeOfferings";
      const command = new DescribeInstanceTypeOfferingsCommand(mutable(input));
      const answer = await call(operation, (how) => client.send(command, how), options);
      return page(answer.InstanceTypeOfferings, toInstanceTypeOffering, operation, answer.NextToken);
    },
  };
}

/** The SDK's list of type names is as old as its release; EC2 knows newer types. */
function typeName(name: string): _InstanceType {
  return name as _InstanceType;
}

/** A page of strict items; EC2 sends an empty token, or none, with the last one. */
function page<From, To>(
  items: readonly From[] | undefined,
  convert: (item: From, operation: string) => To,
  operation: string,
  nextToken: string | undefined,
): Page<To> {
  const converted = (items ?? []).map((item) => convert(item, operation));
  return nextToken ? { items: converted, nextToken } : { items: converted };
}

/** EC2 sends the console as base64; bytes that are not UTF-8 are a boot loader's line drawing. */
function decodeConsole(output: string | undefined): string {
  return output ? new TextDecoder().decode(Uint8Array.fromBase64(output)) : "";
}

function timestamp(time: Date | undefined): { readonly timestamp?: number } {
  return time === undefined ? {} : { timestamp: time.getTime() };
}
