import type { Tag } from "../../aws/ec2_api.ts";
import type { Instance } from "../../aws/instance.ts";
import type { CheckResult } from "../check_result.ts";
import { adviceOn } from "../advice.ts";
import { nameOnConsole } from "./console_name.ts";
import type { TestLaunchFacts } from "./test_launch.ts";
import { terminateCommand } from "./leftovers.ts";

/** What a test launch is to show. */
export interface TestLaunchExpectation {
  readonly region: string;
  /** Names in launch-index order: as many as instances were asked for. */
  readonly names: readonly string[];
  /** Tags of the instances in the request. */
  readonly tags: readonly Tag[];
  readonly stopAndStart: boolean;
}

const CHECK = "launch";

/** What EC2 did, against what node names rest on: distinct launch indexes that stay, and tags from the first moment. */
export function checkTestLaunch(facts: TestLaunchFacts, expected: TestLaunchExpectation): CheckResult[] {
  return [
    ...(facts.launched === undefined ? launchRefused(facts) : looked(facts, facts.launched, expected)),
    ...(facts.trouble === undefined || facts.refusal !== undefined ? [] : [broken(facts.trouble)]),
    ...endings(facts, expected.region),
  ];
}

function launchRefused({ refusal, trouble }: TestLaunchFacts): CheckResult[] {
  const said = refusal ?? trouble;
  if (said === undefined) return [];
  const { code, message } = said;
  if (code === undefined) return refusal === undefined ? [] : [broken(said)];
  return [{
    check: CHECK,
    status: "fail",
    what: "RunInstances",
    evidence: `launched nothing: ${code}: ${message.replace(/\.$/, "")}`,
    code,
    fix: adviceOn({ code }),
  }];
}

function broken({ code, message }: { readonly code?: string; readonly message: string }): CheckResult {
  return {
    check: CHECK,
    status: "can't tell",
    what: "the rest",
    evidence: `was not looked at: ${code === undefined ? "" : `${code}: `}${message.replace(/\.$/, "")}`,
    code: code ?? "Interrupted",
    fix: "Run it again: slurm-ec2 doctor --launch 2",
  };
}

function looked(
  facts: TestLaunchFacts,
  launched: readonly Instance[],
  expected: TestLaunchExpectation,
): CheckResult[] {
  const { described, stopped, restarted } = facts;
  return [
    launches(launched, expected),
    indexes("launch index, in RunInstances' answer", launched, expected),
    ...(described === undefined ? [] : [
      sameIndexes("launch index, in DescribeInstances", described, launched),
      tagged("tags", described, expected),
      ...deaths(described),
    ]),
    ...(described === undefined ? [] : onConsoles(facts, described, expected)),
    ...(expected.stopAndStart && stopped !== undefined ? [stopping(stopped)] : []),
    ...(expected.stopAndStart && restarted !== undefined ? [restarting(restarted, launched)] : []),
  ];
}

function launches(launched: readonly Instance[], { names }: TestLaunchExpectation): CheckResult {
  const evidence = `${launched.length} of ${names.length}: ${
    launched.map((one) =>
      `${one.instanceId} (${one.instanceType}, ${one.availabilityZone}, ${one.capacityType})`
    ).join(", ")
  }`;
  if (launched.length === names.length) {
    return { check: CHECK, status: "pass", what: "RunInstances", evidence };
  }
  return {
    check: CHECK,
    status: "warn",
    what: "RunInstances",
    evidence,
    fix:
      "EC2 had no more capacity now: two are needed to see that their indexes differ; try again, or with --group",
  };
}

/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/AMI-launch-index-examples.html */
function indexes(
  what: string,
  instances: readonly Instance[],
  { names }: TestLaunchExpectation,
): CheckResult {
  const all = instances.map(({ amiLaunchIndex }) => amiLaunchIndex);
  const good = new Set(all).size === all.length && all.every((index) => index >= 0 && index < names.length);
  const evidence = instances.map((one) => `${one.instanceId}: ${one.amiLaunchIndex}`).join(", ");
  if (good) {
    return {
      check: CHECK,
      status: "pass",
      what,
      evidence: `${evidence}; all different, 0 to ${names.length - 1}`,
    };
  }
  return {
    check: CHECK,
    status: "fail",
    what,
    evidence: `${evidence}; they must differ, from 0 to ${names.length - 1}: node names rest on it`,
    fix:
      "Please report this with the instance ids: instances without an index of their own are ended as surplus",
  };
}

function sameIndexes(what: string, seen: readonly Instance[], launched: readonly Instance[]): CheckResult {
  const before = new Map(launched.map((one) => [one.instanceId, one.amiLaunchIndex]));
  const absent = launched.filter(({ instanceId }) => !seen.some((one) => one.instanceId === instanceId));
  const changed = seen.filter((one) => before.get(one.instanceId) !== one.amiLaunchIndex);
  const base = { check: CHECK, what };
  if (absent.length > 0) {
    return {
      ...base,
      status: "can't tell",
      evidence: `EC2 does not show ${absent.map(({ instanceId }) => instanceId).join(", ")}`,
      code: "NotVisible",
    };
  }
  if (changed.length === 0) return { ...base, status: "pass", evidence: "the same" };
  return {
    ...base,
    status: "fail",
    evidence: changed.map((one) =>
      `${one.instanceId} had ${before.get(one.instanceId)} and has ${one.amiLaunchIndex}`
    ).join(", "),
    fix: "Please report this with the instance ids: a node's name would change",
  };
}

function tagged(what: string, seen: readonly Instance[], { tags }: TestLaunchExpectation): CheckResult {
  const wrong = seen.flatMap(({ instanceId, tags: has }) =>
    tags.filter(({ Key, Value }) => has[Key] !== Value).map(({ Key }) => `${instanceId} lacks ${Key}`)
  );
  if (wrong.length === 0) {
    return { check: CHECK, status: "pass", what, evidence: `all ${tags.length} on every instance` };
  }
  return {
    check: CHECK,
    status: "fail",
    what,
    evidence: wrong.join(", "),
    fix: "Look for a tag policy or an automation that changes tags: hooks know instances by them",
  };
}

/** An instance can die at birth: its volume, its key, EC2 itself. */
function deaths(seen: readonly Instance[]): CheckResult[] {
  return seen.filter(({ state }) => state !== "running").map(({ instanceId, state, stateReasonCode }) => ({
    check: CHECK,
    status: "fail" as const,
    what: instanceId,
    evidence: state === "pending"
      ? "is still pending: it never ran while we looked"
      : `is ${state}: ${stateReasonCode ?? "EC2 gives no reason"}`,
    ...(stateReasonCode !== undefined &&
      { code: stateReasonCode, fix: adviceOn({ code: stateReasonCode }) }),
  }));
}

function onConsoles(
  { consoles, consoleTrouble }: TestLaunchFacts,
  seen: readonly Instance[],
  { names }: TestLaunchExpectation,
): CheckResult[] {
  return seen.filter(({ state }) => state === "running").map(
    ({ instanceId, amiLaunchIndex }): CheckResult => {
      const base = { check: CHECK, what: `metadata service and user data, ${instanceId}` };
      const text = consoles.get(instanceId);
      const said = nameOnConsole(text);
      if (said === undefined && consoleTrouble?.code !== undefined) {
        const { code, message } = consoleTrouble;
        return {
          ...base,
          status: "can't tell",
          evidence: `its console can't be read: ${code}: ${message}`,
          code,
        };
      }
      if (said === undefined) {
        return {
          ...base,
          status: "can't tell",
          evidence: text === undefined
            ? "its console is still empty"
            : "its boot script has not printed its name on the console: is it in the image?",
        };
      }
      const isRight = said.index === amiLaunchIndex && said.name === names[amiLaunchIndex];
      const evidence = `its boot script found index ${said.index} and the name ${said.name}`;
      if (isRight) return { ...base, status: "pass", evidence };
      return {
        ...base,
        status: "fail",
        evidence: `${evidence}, EC2 says ${amiLaunchIndex}, so ${names[amiLaunchIndex] ?? "none"}`,
        fix: "Please report this with the instance id: nodes would take each other's names",
      };
    },
  );
}

function stopping(seen: readonly Instance[]): CheckResult {
  const late = seen.filter(({ state }) => state !== "stopped");
  const base = { check: CHECK, what: "StopInstances" };
  if (late.length === 0) return { ...base, status: "pass", evidence: `${seen.length} stopped` };
  return {
    ...base,
    status: "fail",
    evidence: late.map(({ instanceId, state }) => `${instanceId} is ${state}`).join(", "),
    fix: "Look at the instances in the EC2 console; powerDownAction: terminate does without stopping",
  };
}

/** A stopped instance keeps its index, its tags and its address, and so its name. */
function restarting(seen: readonly Instance[], launched: readonly Instance[]): CheckResult {
  const before = new Map(launched.map((one) => [one.instanceId, one]));
  const wrong = seen.flatMap((one) => {
    const was = before.get(one.instanceId)!;
    return [
      ...(one.state === "running" ? [] : [`${one.instanceId} is ${one.state}`]),
      ...(one.amiLaunchIndex === was.amiLaunchIndex
        ? []
        : [`${one.instanceId} has index ${one.amiLaunchIndex} now`]),
      ...(one.privateIpAddress === was.privateIpAddress ? [] : [`${one.instanceId} has another address now`]),
    ];
  });
  const base = { check: CHECK, what: "StartInstances" };
  if (wrong.length === 0) {
    return { ...base, status: "pass", evidence: `${seen.length} run again, with the same index and address` };
  }
  return {
    ...base,
    status: "fail",
    evidence: wrong.join(", "),
    fix: "Please report this with the instance ids; powerDownAction: terminate does without stopping",
  };
}

function endings({ ended, unended }: TestLaunchFacts, region: string): CheckResult[] {
  return [
    ...(ended.length === 0 ? [] : [{
      check: CHECK,
      status: "pass" as const,
      what: "TerminateInstances",
      evidence: `ended ${ended.join(", ")}`,
    }]),
    ...unended.map(({ instanceId, code, message }): CheckResult => ({
      check: CHECK,
      status: "fail",
      what: "TerminateInstances",
      evidence: instanceId === "unknown"
        ? `whether anything was launched is not known: ${code}: ${message}`
        : `${instanceId} MAY STILL RUN, and cost: ${code === undefined ? "" : `${code}: `}${message}`,
      ...(code !== undefined && { code }),
      fix: instanceId === "unknown"
        ? "slurm-ec2 doctor --only launch"
        : terminateCommand(region, [instanceId]),
    })),
  ];
}
