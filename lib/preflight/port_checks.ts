import type { SecurityGroup, SecurityGroupRule, Subnet } from "../aws/ec2_api.ts";
import { type Cidr, containsCidr, parseCidr } from "./cidr.ts";
import type { Finding } from "./finding.ts";

/** Where slurmctld is, as far as anyone told us. */
export type Controller =
  | { readonly kind: "cidr"; readonly text: string; readonly cidr: Cidr }
  | { readonly kind: "group"; readonly groupId: string };

/** What a node's security groups are judged against. */
export interface PortNeeds {
  /** How findings call them. */
  readonly what: string;
  readonly groups: readonly SecurityGroup[];
  readonly subnets: readonly Subnet[];
  readonly controller: Controller | undefined;
}

/** Ports that Slurm listens on unless SlurmctldPort and SlurmdPort say otherwise: https://slurm.schedmd.com/slurm.conf.html */
export const SLURMCTLD_PORT = 6817;
/** See {@link SLURMCTLD_PORT}. */
export const SLURMD_PORT = 6818;

/** May the controller reach slurmd, nodes each other, and nodes slurmctld? */
export function checkPorts(needs: PortNeeds): Finding[] {
  return [controllerToNode(needs), nodeToNode(needs), nodeToController(needs)];
}

function controllerToNode({ what, groups, controller }: PortNeeds): Finding {
  const rules = openRules(groups, SLURMD_PORT, "ingress");
  const label = `${what}: slurmctld → slurmd`;
  const target = groups[0]!.groupId;
  if (rules.some(({ cidrs }) => cidrs.includes("0.0.0.0/0"))) {
    return finding(label, "pass", `tcp ${SLURMD_PORT} is open to every address`);
  }
  if (rules.length === 0) {
    return {
      ...finding(
        label,
        "fail",
        `No rule lets anyone in to tcp ${SLURMD_PORT}: slurmctld can't talk to the nodes`,
      ),
      fix: openCommand(target, SLURMD_PORT, controller),
    };
  }
  if (controller === undefined) {
    return {
      ...finding(
        label,
        "can't tell",
        `tcp ${SLURMD_PORT} is open to ${sources(rules)}; is the controller among them?`,
      ),
      fix: "Name it: slurm-ec2 ssm validate --controller 10.1.2.3 (or its block, or its security group)",
    };
  }
  return reachable({ label, rules, controller, groups, port: SLURMD_PORT, target });
}

function reachable(
  { label, rules, controller, groups, port, target }: {
    readonly label: string;
    readonly rules: readonly SecurityGroupRule[];
    readonly controller: Controller;
    readonly groups: readonly SecurityGroup[];
    readonly port: number;
    readonly target: string;
  },
): Finding {
  const name = controller.kind === "cidr" ? controller.text : controller.groupId;
  if (rules.some((rule) => admits(rule, controller))) {
    return finding(label, "pass", `tcp ${port} is open to ${name}`);
  }
  const evidence = `tcp ${port} is open to ${sources(rules)}, not to ${name}`;
  // A controller known by address may be a member of a group that is let in, and one known by group have an address.
  const strangers = rules.some(({ cidrs, groupIds }) =>
    controller.kind === "cidr"
      ? groupIds.some((id) => !groups.some(({ groupId }) => groupId === id))
      : cidrs.length > 0
  );
  if (strangers) return finding(label, "can't tell", `${evidence}, unless it is one of those as well`);
  return { ...finding(label, "fail", evidence), fix: openCommand(target, port, controller) };
}

function admits({ cidrs, groupIds }: SecurityGroupRule, controller: Controller): boolean {
  if (controller.kind === "group") return groupIds.includes(controller.groupId);
  return cidrs.some((text) => {
    const cidr = parseCidr(text);
    return cidr !== undefined && containsCidr(cidr, controller.cidr);
  });
}

/** Messages to many nodes are handed on from node to node: https://slurm.schedmd.com/slurm.conf.html#OPT_TreeWidth */
function nodeToNode({ what, groups, subnets }: PortNeeds): Finding {
  const label = `${what}: slurmd → slurmd`;
  const rules = openRules(groups, SLURMD_PORT, "ingress");
  const own = groups.map(({ groupId }) => groupId);
  const byGroup = rules.some(({ groupIds }) => groupIds.some((id) => own.includes(id)));
  const blocks = subnets.flatMap(({ cidrBlock }) => parseCidr(cidrBlock) ?? []);
  const byAddress = blocks.length > 0 &&
    blocks.every((inner) =>
      rules.some(({ cidrs }) =>
        cidrs.some((text) => {
          const outer = parseCidr(text);
          return outer !== undefined && containsCidr(outer, inner);
        })
      )
    );
  if (byGroup || byAddress) return finding(label, "pass", `Nodes may reach each other's tcp ${SLURMD_PORT}`);
  return {
    ...finding(
      label,
      "warn",
      `Nodes may not reach each other's tcp ${SLURMD_PORT}: Slurm hands messages on among them`,
    ),
    fix: `aws ec2 authorize-security-group-ingress --group-id ${own[0]} --protocol -1 --source-group ${
      own[0]
    }`,
  };
}

function nodeToController({ what, groups, controller }: PortNeeds): Finding {
  const label = `${what}: slurmd → slurmctld`;
  const rules = openRules(groups, SLURMCTLD_PORT, "egress");
  const target = groups[0]!.groupId;
  if (rules.some(({ cidrs }) => cidrs.includes("0.0.0.0/0"))) {
    return finding(label, "pass", `Nodes may call tcp ${SLURMCTLD_PORT} anywhere`);
  }
  if (rules.length === 0) {
    return {
      ...finding(label, "fail", `No rule lets nodes out to tcp ${SLURMCTLD_PORT}: they can't register`),
      fix: openCommand(target, SLURMCTLD_PORT, controller, "egress"),
    };
  }
  const known = controller !== undefined && rules.some((rule) => admits(rule, controller));
  const name = controller?.kind === "cidr" ? controller.text : controller?.groupId;
  if (known) return finding(label, "pass", `Nodes may call tcp ${SLURMCTLD_PORT} of ${name}`);
  return finding(
    label,
    "can't tell",
    `Nodes may call tcp ${SLURMCTLD_PORT} of ${sources(rules)}; is ${name ?? "the controller"} among them?`,
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
  groupId: string,
  port: number,
  controller: Controller | undefined,
  direction: "ingress" | "egress" = "ingress",
): string {
  const command = `aws ec2 authorize-security-group-${direction} --group-id ${groupId}`;
  if (direction === "egress") {
    const peer = controller?.kind === "group"
      ? `UserIdGroupPairs=[{GroupId=${controller.groupId}}]`
      : `IpRanges=[{CidrIp=${controller?.text ?? "CONTROLLER/32"}}]`;
    return `${command} --ip-permissions 'IpProtocol=tcp,FromPort=${port},ToPort=${port},${peer}'`;
  }
  const peer = controller?.kind === "group"
    ? `--source-group ${controller.groupId}`
    : `--cidr ${controller === undefined ? "CONTROLLER/32" : withBits(controller.text)}`;
  return `${command} --protocol tcp --port ${port} ${peer}`;
}

function withBits(text: string): string {
  return text.includes("/") ? text : `${text}/32`;
}

function finding(what: string, status: Finding["status"], evidence: string): Finding {
  return { check: "ports", status, what, evidence };
}
