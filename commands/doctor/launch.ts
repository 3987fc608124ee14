import { launchSubnet } from "../../lib/aws/launch_subnet.ts";
import type { Ec2Api } from "../../lib/aws/ec2_api.ts";
import { linuxPrices } from "../../lib/aws/linux_prices.ts";
import { errorText } from "../../lib/base/error_text.ts";
import { terminateInstances } from "../../lib/cluster/end_instances.ts";
import type { Config, NodeGroup } from "../../lib/config/model.ts";
import type { CheckResult } from "../../lib/preflight/check_result.ts";
import { gatherParameters } from "../../lib/preflight/parameters/run.ts";
import { findTestLaunches, runTestLaunch } from "../../lib/preflight/launch/test_launch.ts";
import { checkTestLaunch } from "../../lib/preflight/launch/test_launch_checks.ts";
import { checkLeftovers, isLeftover } from "../../lib/preflight/launch/leftovers.ts";
import { CommandError, UsageError } from "../base/command.ts";
import type { SectionFlags } from "./flags.ts";
import { askAws } from "./aws.ts";
import { typesOf } from "./account_facts.ts";
import type { DoctorSection, Examination } from "./section.ts";
import type { Host } from "../base/host.ts";
import { nodeGroupNamed } from "../base/node_group_name.ts";
import { planTestLaunch, type TestLaunch } from "./launch_requests.ts";

/** What EC2 does with a launch: read-only, it looks for what an earlier test left behind. */
export const LAUNCH: DoctorSection = {
  name: "launch",
  summary: "what EC2 does with a launch (--launch), and what an earlier one left behind",
  where: ["controller"],
  examine: (examination) =>
    launchCount(examination.flags) === undefined ? lookForLeftovers(examination) : tryLaunch(examination),
};

/**
 * How many instances `--launch` asks for; undefined without it.
 * @throws {UsageError} for its fellow flags without it.
 */
export function launchCount(flags: SectionFlags): number | undefined {
  const { launch } = flags.number;
  if (launch !== undefined) return launch;
  if (flags.get("group") !== undefined) throw new UsageError("--group goes with --launch N");
  if (flags.has("yes")) throw new UsageError("--yes goes with --launch N");
  return undefined;
}

/**
 * The node group that `--group` names, else the first.
 * @throws {UsageError} when there is no such group.
 */
export function launchGroup(config: Config, flags: SectionFlags): NodeGroup {
  const name = flags.get("group");
  return name === undefined ? config.nodeGroups[0]! : nodeGroupNamed(config, name);
}

function lookForLeftovers(examination: Examination): Promise<readonly CheckResult[]> {
  const { config, host } = examination;
  return askAws(
    examination,
    "launch",
    async ({ ec2, patience }) =>
      checkLeftovers(await findTestLaunches(ec2, config.cluster, patience), config.region, host.now()),
  );
}

/** What is to be launched, and what it costs. */
interface Offer {
  readonly group: NodeGroup;
  readonly test: TestLaunch;
  readonly stopAndStart: boolean;
  /** USD/h of one instance on demand; undefined: not known. */
  readonly price: number | undefined;
}

async function tryLaunch(examination: Examination): Promise<readonly CheckResult[]> {
  const { host, flags, config } = examination;
  const offered = await makeOffer(examination);
  if (!("test" in offered)) return offered;
  if (!agree(host, flags, describeOffer(config, offered))) {
    return [{
      check: "launch",
      status: "info",
      what: "test launch",
      evidence: "nothing was launched: you said no",
    }];
  }
  host.onInterrupt();
  const { test, stopAndStart } = offered;
  const ec2 = await host.connect.ec2(config);
  const left = await endLeftovers(examination, ec2);
  const facts = await runTestLaunch(
    {
      ec2,
      now: host.now,
      sleep: host.sleep,
      random: Math.random,
      say: (message) => host.stderr.write(`slurm-ec2: ${message}\n`),
      interrupted: host.interrupted,
    },
    {
      cluster: config.cluster,
      request: test.request,
      stopAndStart,
      consoleMs: config.limits.expectedBootSeconds * 1000,
    },
  );
  const tags = test.request.TagSpecifications!.find(({ ResourceType }) => ResourceType === "instance")!.Tags;
  return [
    ...left,
    ...checkTestLaunch(facts, { region: config.region, names: test.names, tags, stopAndStart }),
  ];
}

/** What the launch would be; findings instead where it can't be known. */
async function makeOffer(examination: Examination): Promise<Offer | readonly CheckResult[]> {
  const { config, flags } = examination;
  const group = launchGroup(config, flags);
  const count = launchCount(flags)!;
  let offer: Offer | undefined;
  const findings = await askAws(examination, "launch", async (aws) => {
    const [types, { parameters }] = [
      await typesOf(aws, config),
      await gatherParameters({ ssm: aws.ssm, ...aws.patience }, { ...config, nodeGroups: [group] }),
    ];
    const test = planTestLaunch(config, group, { count, facts: { types, parameters } });
    if (typeof test === "string") {
      const fix = "slurm-ec2 doctor --only parameters";
      return [{ check: "launch", status: "fail", what: `node group ${group.name}`, evidence: test, fix }];
    }
    const isSpot = test.request.InstanceMarketOptions !== undefined;
    const price = await priceOf(test.request.InstanceType, config, aws);
    offer = { group, test, price, stopAndStart: group.powerDownAction === "stop" && !isSpot };
    return [];
  });
  return offer ?? findings;
}

async function priceOf(
  instanceType: string,
  { region }: Config,
  { pricing }: { readonly pricing: Parameters<typeof linuxPrices>[0] },
): Promise<number | undefined> {
  try {
    return (await linuxPrices(pricing, region, [instanceType])).get(instanceType);
  } catch {
    // Without a price the launch is as good; the question says that it is not known.
    return undefined;
  }
}

/** Each start is billed for a minute at least: https://aws.amazon.com/ec2/pricing/on-demand/ */
const BILLED_SECONDS_MIN = 60;

/** What a person is asked to agree to. */
function describeOffer(
  { region }: Pick<Config, "region">,
  { group, test, price, stopAndStart }: Offer,
): string {
  const { MaxCount, InstanceType, InstanceMarketOptions } = test.request;
  const how = InstanceMarketOptions === undefined ? "on demand" : "spot";
  const starts = stopAndStart ? 2 : 1;
  const cost = price === undefined
    ? "price not known"
    : `${price} USD/h each on demand, ${
      (price * MaxCount * starts * BILLED_SECONDS_MIN / 3600).toFixed(4)
    } USD at least`;
  return [
    `This launches ${MaxCount} instances in your account, looks at them for some minutes, and ends them again:`,
    `  ${MaxCount} × ${InstanceType}, ${how}, in ${
      launchSubnet(test.request)
    } of ${region}, like node group ${group.name}`,
    `  ${
      stopAndStart ? "stops and starts them once, since the group stops its instances" : "no stop and start"
    }`,
    `  cost: ${cost}; EC2 bills ${BILLED_SECONDS_MIN} s at least for each start, and the volumes`,
    "  they are nodes of no cluster: Slurm does not know their names, and no hook takes them for its own",
    "",
  ].join("\n");
}

/** @throws {CommandError} when there is nobody to ask. */
function agree(host: Host, flags: SectionFlags, offer: string): boolean {
  host.stderr.write(offer);
  if (flags.has("yes")) return true;
  const said = host.ask?.("Launch them? [y/N] ");
  if (said !== undefined) return /^y(es)?$/i.test(said);
  throw new CommandError(
    "Standard input is not a terminal, so nothing was launched: --yes agrees without asking",
  );
}

/** Ends what a doctor that was killed could not end. */
async function endLeftovers({ host, config }: Examination, ec2: Ec2Api): Promise<CheckResult[]> {
  const patience = {
    now: host.now,
    sleep: (milliseconds: number) => host.sleep(milliseconds),
    random: Math.random,
    deadline: host.now() + 60_000,
  };
  try {
    const found = await findTestLaunches(ec2, config.cluster, patience);
    const ids = found.filter((one) => isLeftover(one, host.now())).map(({ instanceId }) => instanceId);
    if (ids.length === 0) return [];
    const failures = await terminateInstances(ec2, ids, patience);
    const failed = new Set(failures.map(({ item }) => item));
    return ids.map((instanceId): CheckResult => ({
      check: "launch",
      status: failed.has(instanceId) ? "fail" : "info",
      what: instanceId,
      evidence: `left by an earlier doctor --launch: ${
        failed.has(instanceId) ? "could not be ended" : "ended now"
      }`,
    }));
  } catch (error) {
    return [{
      check: "launch",
      status: "can't tell",
      what: "earlier test launches",
      evidence: errorText(error),
      code: "NotListed",
    }];
  }
}
