import { snapshotInstanceTypes } from "../../lib/aws/instance_type_snapshot.ts";
import { collectPages } from "../../lib/aws/paginate.ts";
import { AwsError } from "../../lib/aws/aws_error.ts";
import { patiently } from "../../lib/aws/patiently.ts";
import type { Config } from "../../lib/config/model.ts";
import { obeyedConfig } from "../../lib/config/unenforced.ts";
import { checkActions } from "../../lib/preflight/account/action_checks.ts";
import { askOnce } from "../../lib/preflight/ask.ts";
import { attachPolicy } from "../../lib/preflight/account/attach_policy.ts";
import type { Caller } from "../../lib/preflight/account/caller_checks.ts";
import type { CheckResult } from "../../lib/preflight/check_result.ts";
import { judge } from "../../lib/preflight/parameters/judge.ts";
import type { ParameterFacts } from "../../lib/preflight/parameters/parameter_checks.ts";
import { probeActions } from "../../lib/preflight/account/probe_actions.ts";
import { checkQuotas } from "../../lib/preflight/account/quota_checks.ts";
import { gatherFacts, gatherParameters, gatherSubnets } from "../../lib/preflight/parameters/run.ts";
import { checkAddresses } from "../../lib/preflight/account/subnet_checks.ts";
import { wantedValues } from "../../lib/preflight/parameters/wanted_value.ts";
import { askAws, type AwsQuestions } from "./aws.ts";
import { CREDENTIALS } from "./credentials.ts";
import { instancesOf, offeringsOf, typesOf } from "./account_facts.ts";
import { LAUNCH } from "./launch.ts";
import type { DoctorSection, Examination } from "./section.ts";
import { groupLaunches } from "./launch_requests.ts";
import { readSlurm } from "../base/slurm_flags.ts";

/** May the caller make every call that we make? */
const PERMISSIONS: DoctorSection = {
  name: "permissions",
  summary: "every AWS call that we make, asked about by dry runs and reads",
  where: ["controller"],
  examine: (examination) => askAws(examination, "permissions", (aws) => examinePermissions(examination, aws)),
};

async function examinePermissions(
  { config, configFile }: Examination,
  aws: AwsQuestions,
): Promise<CheckResult[]> {
  const caller = await callerOf(aws);
  const [instances, types] = [await instancesOf(aws, config), await typesOf(aws, config)];
  const launches = groupLaunches(config, { ...await parametersOf(aws, config), types });
  const probed = await probeActions(aws, {
    launches,
    instances: instances?.map(({ instance }) => instance).filter(({ state }) =>
      state === "running" || state === "stopped"
    ),
    parameters: parameterSamples(config),
    path: `/${config.ssm.prefix}/${config.ssm.spelling}`,
    region: config.region,
  }, aws.patience);
  return checkActions(probed, {
    attach: attachPolicy(configFile, caller),
    stops: config.nodeGroups.some(({ powerDownAction }) => powerDownAction === "stop"),
  });
}

/** One parameter of each kind that is read: a policy allows each family by itself. */
function parameterSamples(config: Config): string[] {
  const families = Map.groupBy(
    wantedValues(config).flatMap(({ name }) => name ?? []),
    (name) => name.split("/").slice(0, 3).join("/"),
  );
  return [...families.values()].map(([first]) => first!);
}

/** Launches need the values; where they can't be read, the section `parameters` says so. */
async function parametersOf(aws: AwsQuestions, config: Config): Promise<Pick<ParameterFacts, "parameters">> {
  try {
    return await gatherParameters({ ssm: aws.ssm, ...aws.patience }, config);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return { parameters: new Map() };
  }
}

async function callerOf({ sts, patience }: AwsQuestions): Promise<Caller | undefined> {
  try {
    return await patiently(patience, () => sts.getCallerIdentity());
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return undefined;
  }
}

/** Do the parameters hold what a launch needs, and does EC2 know what they name? */
const PARAMETERS: DoctorSection = {
  name: "parameters",
  summary: "SSM parameters, and the images, key pairs and security groups that they name",
  where: ["controller"],
  examine: (examination) =>
    askAws(examination, "parameters", async (aws) => {
      const { config, host, flags } = examination;
      const facts = await gatherFacts({ ...aws, ...aws.patience }, config);
      const options = { now: host.now(), instanceTypes: await snapshotInstanceTypes(), ...readSlurm(flags) };
      const findings = judge(config, facts, options);
      // The section of the subnets says whether they exist.
      return findings.filter(({ check }) => check !== "subnet");
    }),
};

/** Do the account's quotas hold the whole configuration? */
const QUOTAS: DoctorSection = {
  name: "quotas",
  summary: "the account's vCPU quotas against the whole configuration",
  where: ["controller"],
  examine: (examination) =>
    askAws(examination, "quotas", async (aws) => {
      const quotas = await askOnce(aws.patience, () =>
        collectPages((NextToken) =>
          aws.quotas.listServiceQuotas({
            ServiceCode: "ec2",
            MaxResults: 100,
            ...(NextToken !== undefined && { NextToken }),
          })
        ));
      const config = obeyedConfig(examination.config);
      return checkQuotas(config, { quotas, types: await typesOf(aws, config) });
    }),
};

/** Are there addresses for the largest partition? */
const SUBNETS: DoctorSection = {
  name: "subnets",
  summary: "free addresses against the largest partition, zones that have the instance types",
  where: ["controller"],
  examine: (examination) =>
    askAws(examination, "subnets", async (aws) => {
      const { config } = examination;
      const subnets = await gatherSubnets({ ec2: aws.ec2, ...aws.patience }, config);
      const instances = await instancesOf(aws, config);
      const facts = {
        subnets,
        offerings: await offeringsOf(aws, config),
        instances: instances?.map(({ nodeGroup, instance }) => ({ nodeGroup, subnetId: instance.subnetId })),
      };
      return checkAddresses(config, facts, obeyedConfig(config));
    }),
};

/** Sections that ask AWS: credentials, permissions, parameters, quotas, networks. */
export const ACCOUNT_SECTIONS: readonly DoctorSection[] = [
  CREDENTIALS,
  PERMISSIONS,
  PARAMETERS,
  QUOTAS,
  SUBNETS,
  LAUNCH,
];
