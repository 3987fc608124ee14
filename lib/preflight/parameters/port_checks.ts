import type { SecurityGroup, SecurityGroupRule, Subnet } from "../../aws/ec2_api.ts";
import { type Cidr, containsCidr, parseCidr } from "./cidr.ts";
import type { CheckResult } from "../check_result.ts";

/** Where slurmctld is, as far as it is known. */
export type Controller =
  | { readonly kind: "cidr"; readonly text: string; readonly cidr: Cidr }
  | { readonly kind: "group"; readonly groupId: string };

/** What a node's security groups are judged against. */
export interface PortNeeds {
  /** How findings call them. */
  readonly what: string;
  readonly region: string;
  readonly groups: readonly SecurityGroup[];
  readonly subnets: readonly Subnet[];
  readonly controller: Controller | undefined;
  readonly ports: SlurmPorts;
}

/** Ports that Slurm's daemons listen on. */
export interface SlurmPorts {
  /** SlurmctldPort, the first of them where it is a range. */
  readonly slurmctld: number;
  /** SlurmdPort. */
  readonly slurmd: number;
}

/** What they are unless slurm.conf says otherwise: https://slurm.schedmd.com/slurm.conf.html#OPT_SlurmdPort */
export const DEFAULT_PORTS: SlurmPorts = { slurmctld: 6817, slurmd: 6818 };

/** May the controller reach slurmd, nodes each other, and nodes slurmctld? */
export function checkPorts(needs: PortNeeds): CheckResult[] {
  return [controllerToNode(needs), nodeToNode(needs), nodeToController(needs)];
}

function controllerToNode(needs: PortNeeds): CheckResult {
  const { what, groups, controller, ports: { slurmd } } = needs;
  const rules = openRules(groups, slurmd, "ingress");
  const label = `${what}: slurmctld → slurmd`;
  if (rules.some(({ cidrs }) => cidrs.includes("0.0.0.0/0"))) {
    return finding(label, "pass", `tcp ${slurmd} is open to every address`);
  }
  if (rules.length === 0) {
    const evidence = `No rule lets anyone in to tcp ${slurmd}: slurmctld can't talk to the nodes`;
    return { ...finding(label, "fail", evidence), fix: openCommand(needs, slurmd, "ingress") };
  }
  if (controller === undefined) {
    const evidence = `tcp ${slurmd} is open to ${sources(rules)}; is the controller among them?`;
    return {
      ...finding(label, "can't tell", evidence),
      fix: "slurm-ec2 ssm validate --controller 10.1.2.3 # its address, block or security group",
    };
  }
  return reachable(needs, { label, rules, controller });
}

function reachable(
  needs: PortNeeds,
  { label, rules, controller }: {
    readonly label: string;
    readonly rules: readonly SecurityGroupRule[];
    readonly controller: Controller;
  },
): CheckResult {
  const { slurmd } = needs.ports;
  const name = nameOf(controller);
  if (rules.some((rule) => admits(rule, controller))) {
    return finding(label, "pass", `tcp ${slurmd} is open to ${name}`);
  }
  const evidence = `tcp ${slurmd} is open to ${sources(rules)}, not to ${name}`;
  // A controller known by address may be a member of a group that is let in, and one known by group have an address.
  const strangers = rules.some(({ cidrs, groupIds }) =>
    controller.kind === "cidr"
      ? groupIds.some((id) => !needs.groups.some(({ groupId }) => groupId === id))
      : cidrs.length > 0
  );
  if (strangers) return finding(label, "can't tell", `${evidence}, unless it is one of those as well`);
  return { ...finding(label, "fail", evidence), fix: openCommand(needs, slurmd, "ingress") };
}

function nameOf(controller: Controller): string {
  return controller.kind === "cidr" ? controller.text : controller.groupId;
}

function admits({ cidrs, groupIds }: SecurityGroupRule, controller: Controller): boolean {
  if (controller.kind === "group") return groupIds.includes(controller.groupId);
  return cidrs.some((text) => {
    const cidr = parseCidr(text);
    return cidr !== undefined && containsCidr(cidr, controller.cidr);
  });
}

/** Messages to many nodes are handed on from node to node: https://slurm.schedmd.com/slurm.conf.html#OPT_TreeWidth */
function nodeToNode({ what, region, groups, subnets, ports: { slurmd } }: PortNeeds): CheckResult {
  const label = `${what}: slurmd → slurmd`;
  const rules = openRules(groups, slurmd, "ingress");
  const own = groups.map(({ groupId }) => groupId);
  const byGroup = rules.some(({ groupIds }) => groupIds.some((id) => own.includes(id)));
  if (byGroup || coverAll(rules, subnets)) {
    return finding(label, "pass", `Nodes may reach each other's tcp ${slurmd}`);
  }
  const evidence = `Nodes may not reach each other's tcp ${slurmd}: Slurm hands messages on among them`;
  return {
    ...finding(label, "warn", evidence),
    fix: `aws ec2 authorize-security-group-ingress --region ${region} --group-id ${
      own[0]
    } --protocol -1 --source-group ${own[0]}`,
  };
}

/** Whether rules admit every address of the subnets. */
function coverAll(rules: readonly SecurityGroupRule[], subnets: readonly Subnet[]): boolean {
  const open = rules.flatMap(({ cidrs }) => cidrs.flatMap((text) => parseCidr(text) ?? []));
  const blocks = subnets.map(({ cidrBlock }) => parseCidr(cidrBlock));
  return blocks.length > 0 &&
    blocks.every((inner) => inner !== undefined && open.some((outer) => containsCidr(outer, inner)));
}

function nodeToController(needs: PortNeeds): CheckResult {
  const { what, groups, controller, ports: { slurmctld } } = needs;
  const label = `${what}: slurmd → slurmctld`;
  const rules = openRules(groups, slurmctld, "egress");
  if (rules.some(({ cidrs }) => cidrs.includes("0.0.0.0/0"))) {
    return finding(label, "pass", `Nodes may call tcp ${slurmctld} anywhere`);
  }
  if (rules.length === 0) {
    const evidence = `No rule lets nodes out to tcp ${slurmctld}: they can't register`;
    return { ...finding(label, "fail", evidence), fix: openCommand(needs, slurmctld, "egress") };
  }
  if (controller !== undefined && rules.some((rule) => admits(rule, controller))) {
    return finding(label, "pass", `Nodes may call tcp ${slurmctld} of ${nameOf(controller)}`);
  }
  const who = controller === undefined ? "the controller" : nameOf(controller);
  return finding(
    label,
    "can't tell",
    `Nodes may call tcp ${slurmctld} of ${sources(rules)}; is ${who} among them?`,
  );
}

/** Rules of all groups that open a TCP port; an instance has the sum of its groups. */
function openRules(
  groups: readonly SecurityGroup[],
  port: number,
  direction: "ingress" | "egress",
): SecurityGroupRule[] {
  return groups.flatMap((group) => group[direction]).filter(({ ipProtocol, fromPort, toPort }) =>
    ipProtocol === "-1" ||
    ((ipProtocol === "tcp" || ipProtocol === "6") && (fromPort ?? 0) <= port && port <= (toPort ?? 65_535))
  );
}

function sources(rules: readonly SecurityGroupRule[]): string {
  const names = [...new Set(rules.flatMap(({ cidrs, groupIds }) => [...cidrs, ...groupIds]))];
  return names.length === 0 ? "prefix lists or nobody" : names.join(", ");
}

function openCommand(
  { region, groups, controller }: PortNeeds,
  port: number,
  direction: "ingress" | "egress",
): string {
  const peer = controller?.kind === "group"
    ? `UserIdGroupPairs=[{GroupId=${controller.groupId}}]`
    : `IpRanges=[{CidrIp=${controller === undefined ? "CONTROLLER/32" : withBits(controller.text)}}]`;
  return `aws ec2 authorize-security-group-${direction} --region ${region} --group-id ${
    groups[0]!.groupId
  } ` +
    `--ip-permissions 'IpProtocol=tcp,FromPort=${port},ToPort=${port},${peer}'`;
}

function withBits(text: string): string {
  return text.includes("/") ? text : `${text}/32`;
}

function finding(what: string, status: CheckResult["status"], evidence: string): CheckResult {
  return { check: "ports", status, what, evidence };
}
