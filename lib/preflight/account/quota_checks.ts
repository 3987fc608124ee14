import { requestLimits } from "../../aws/token_bucket.ts";
import type { InstanceTypeFacts } from "../../aws/ec2_api.ts";
import type { ServiceQuota } from "../../aws/quotas_api.ts";
import type { Config, NodeGroup } from "../../config/model.ts";
import { countHostlist } from "../../slurm/hostlist.ts";
import type { Answer } from "../answer.ts";
import type { CheckResult } from "../check_result.ts";
import { type Purchase, type VcpuQuota, vcpuQuota } from "../../aws/vcpu_quota.ts";

/** What quotas are judged by. */
export interface QuotaFacts {
  /** EC2's quotas of the account, or what was said instead. */
  readonly quotas: Answer<readonly ServiceQuota[]>;
  /** Of the configuration's instance types, by name. */
  readonly types: ReadonlyMap<string, Pick<InstanceTypeFacts, "defaultVCpus">>;
}

/** The parts of the configuration that decide what is needed. */
export type QuotaConfig = Pick<Config, "region" | "nodeGroups" | "limits">;

const CHECK = "quotas";

/** Do the account's quotas hold the whole configuration, all nodes or `limits.maxNodes` of them at once? */
export function checkQuotas(config: QuotaConfig, { quotas, types }: QuotaFacts): CheckResult[] {
  if (quotas.kind !== "found") return [cannotTell(quotas)];
  const byCode = new Map(quotas.value.map((quota) => [quota.quotaCode, quota]));
  return [
    ...unknownTypes(config, types),
    ...vcpuDemands(config, types).map((demand) => vcpuFinding(config, demand, byCode)),
    ...requestRates(config, quotas.value),
  ];
}

function cannotTell(answer: Exclude<Answer<unknown>, { kind: "found" }>): CheckResult {
  const base = { check: CHECK, status: "can't tell", what: "Service Quotas" } as const;
  if (answer.kind === "missing") return { ...base, evidence: "knows no quotas of EC2 here" };
  return {
    ...base,
    evidence: `AWS refused to say: ${answer.code}: ${answer.message.replace(/\.$/, "")}`,
    code: answer.code,
    fix: "Allow the caller servicequotas:ListServiceQuotas, as this prints: slurm-ec2 iam policy",
  };
}

/** vCPUs that may be wanted at once of one quota, and by which nodes. */
interface Demand {
  readonly quota: VcpuQuota;
  readonly purchase: Purchase;
  readonly vcpus: number;
  readonly nodes: number;
  /** vCPUs of the smallest node: less than that holds none. */
  readonly smallest: number;
  readonly groups: readonly string[];
}

/**
 * The most that the configuration can want of each quota. Of several instance types the largest counts, and of
 * spot-then-on-demand both ways to buy, since all may fall to one of them. Default vCPUs count: whether EC2 counts
 * fewer where threads are turned off is not documented.
 */
export function vcpuDemands({ nodeGroups, limits }: QuotaConfig, types: QuotaFacts["types"]): Demand[] {
  const entries = nodeGroups.flatMap((group) => demandsOf(group, types));
  const merged = Map.groupBy(entries, ({ purchase, quota }) => `${purchase} ${quota.codes}`);
  return [...merged.values()].map((same): Demand => {
    const [first] = same as [GroupDemand];
    let room = limits.maxNodes ?? Infinity;
    let [vcpus, nodes] = [0, 0];
    for (const { each, count } of same.toSorted((a, b) => b.each - a.each)) {
      const taken = Math.min(count, room);
      room -= taken;
      nodes += taken;
      vcpus += taken * each;
    }
    return {
      quota: first.quota,
      purchase: first.purchase,
      vcpus,
      nodes,
      smallest: Math.min(...same.map(({ each }) => each)),
      groups: [...new Set(same.map(({ group }) => group))],
    };
  });
}

interface GroupDemand {
  readonly group: string;
  readonly quota: VcpuQuota;
  readonly purchase: Purchase;
  readonly each: number;
  readonly count: number;
}

function demandsOf(group: NodeGroup, types: QuotaFacts["types"]): GroupDemand[] {
  const purchases: readonly Purchase[] = group.capacityType === "spot-then-on-demand"
    ? ["spot", "on-demand"]
    : [group.capacityType];
  const count = countHostlist(group.nodes);
  return purchases.flatMap((purchase) => {
    const largest = new Map<string, GroupDemand>();
    for (const instanceType of group.instanceTypes) {
      const quota = vcpuQuota(instanceType, purchase);
      const each = types.get(instanceType)?.defaultVCpus;
      if (quota === undefined || each === undefined) continue;
      const key = quota.codes.join();
      if (each > (largest.get(key)?.each ?? 0)) {
        largest.set(key, { group: group.name, quota, purchase, each, count });
      }
    }
    return [...largest.values()];
  });
}

function unknownTypes({ nodeGroups }: QuotaConfig, types: QuotaFacts["types"]): CheckResult[] {
  return nodeGroups.flatMap(({ name, instanceTypes }) => {
    const unknown = instanceTypes.filter((type) =>
      !types.has(type) || (vcpuQuota(type, "on-demand") ?? vcpuQuota(type, "spot")) === undefined
    );
    if (unknown.length === 0) return [];
    return [{
      check: CHECK,
      status: "can't tell" as const,
      what: `nodeGroups ${name}: instanceTypes`,
      evidence: `which quota counts ${unknown.join(", ")}, or how many vCPUs it has, is not known`,
    }];
  });
}

function vcpuFinding(
  { region, limits }: QuotaConfig,
  demand: Demand,
  byCode: ReadonlyMap<string, ServiceQuota>,
): CheckResult {
  const { quota: { codes, families }, purchase, vcpus, nodes, smallest, groups } = demand;
  const code = codes.find((one) => byCode.has(one)) ?? codes.at(-1)!;
  const quota = byCode.get(code);
  const what = `${quota?.quotaName ?? `${families}, ${purchase}`} (${code})`;
  const wanted = `${nodes} nodes of ${groups.join(", ")} take ${vcpus} vCPUs${
    limits.maxNodes === undefined ? "" : ` (limits.maxNodes ${limits.maxNodes})`
  }`;
  if (quota === undefined) {
    return {
      check: CHECK,
      status: "can't tell",
      what,
      evidence: `Service Quotas does not list it; ${wanted}`,
    };
  }
  const base = { check: CHECK, what };
  if (quota.value >= vcpus) {
    return {
      ...base,
      status: "pass",
      evidence: `${quota.value} vCPUs; ${wanted}, what else the account runs not counted`,
    };
  }
  const ask =
    `aws service-quotas request-service-quota-increase --region ${region} --service-code ec2 --quota-code ${code} ` +
    `--desired-value ${vcpus}`;
  if (quota.value < smallest) {
    return {
      ...base,
      status: "fail",
      evidence: `${quota.value} vCPUs: not one node, of ${smallest} vCPUs and more, can run; ${wanted}`,
      fix: ask,
    };
  }
  return {
    ...base,
    status: "warn",
    evidence: `${quota.value} vCPUs; ${wanted}: launches beyond get VcpuLimitExceeded`,
    fix: `${ask} # or give fewer nodes to the node groups`,
  };
}

/**
 * How often RunInstances may be called, as Service Quotas names it
 * (https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html, "View your current API limits").
 */
function requestRates({ limits }: QuotaConfig, quotas: readonly ServiceQuota[]): CheckResult[] {
  const value = (name: string) =>
    quotas.find(({ quotaName }) => quotaName === `RunInstances request bucket ${name}`)?.value;
  const [size, refill] = [value("maximum capacity"), value("refill rate")];
  if (size === undefined || refill === undefined) return [];
  const known = limits.apiQuota?.requests ?? requestLimits("RunInstances");
  const isKnown = known.size === size && known.refill === refill;
  return [{
    check: CHECK,
    status: isKnown ? "info" : "warn",
    what: "RunInstances calls",
    evidence:
      `${size} at once, then ${refill} a second, shared by all callers of the account in this region` +
      (isKnown ? "" : `; launches are planned for ${known.size} and ${known.refill}`),
    ...(!isKnown && {
      fix: `Set limits.apiQuota in slurm-ec2.yaml: {requests: {size: ${size}, refill: ${refill}}}`,
    }),
  }];
}
