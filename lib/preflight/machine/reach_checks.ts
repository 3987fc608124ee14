import type { NodeDetails } from "../../slurm/node_details.ts";
import { foldHostlist } from "../../slurm/hostlist.ts";
import type { CheckResult } from "../check_result.ts";
import type { Connection } from "./machine.ts";
import { cannotTell, found } from "./unanswered.ts";

/** Who listens on a port. */
export type Daemon = "slurmctld" | "slurmd" | "file server";

/** A port that must be open from here. */
export interface Target {
  readonly daemon: Daemon;
  /** Node, controller or file server by name. */
  readonly name: string;
  /** Where to connect: an address, or a name. */
  readonly host: string;
  readonly port: number;
}

/** A port, and what connecting to it came to. */
export interface ReachFacts extends Target {
  readonly connection: Connection;
}

/** Is a port open from here, closed, or silent? */
export function checkReach({ daemon, name, host, port, connection }: ReachFacts): CheckResult {
  const about = { check: "ports", what: `tcp ${port} of ${daemon} ${name}` };
  const at = host === name ? `${host}:${port}` : `${host}:${port} (${name})`;
  switch (connection.kind) {
    case "open":
      return found(about, "pass", `${at} is open from here`);
    case "refused":
      return found(about, "fail", `${at} refuses: the host is there, but no program listens`, START[daemon]);
    case "cut":
      return found(
        about,
        "fail",
        `${at} is silent: no answer within ${connection.seconds} s`,
        `let tcp ${port} through on the way: security group of the target, its firewall, network ACL, VPN; or no such host is up`,
      );
    case "unreachable":
      return found(
        about,
        "fail",
        `${at}: ${connection.words}`,
        `see the route: ip route get ${host}; in AWS the subnet's route table and the VPN or Direct Connect`,
      );
    case "unresolved":
      return found(about, "fail", `${host} has no address here`, "see the section dns");
    default:
      return cannotTell(about, connection);
  }
}

const START: Readonly<Record<Daemon, string>> = {
  "slurmctld":
    "see on the controller that slurmctld runs (systemctl status slurmctld) and SlurmctldPort in slurm.conf",
  "slurmd":
    "see on the node that slurmd runs (systemctl status slurm-ec2-node) and SlurmdPort in slurm.conf; console: aws ec2 get-console-output",
  "file server":
    "see that the file service runs there, and that the source in slurm-ec2.yaml names the right server",
};

/** The way back, as far as slurmctld knows: which nodes answer it. */
export function checkAnswering(up: readonly NodeDetails[]): CheckResult {
  const about = { check: "ports", what: "nodes → slurmctld" };
  if (up.length === 0) {
    return found(about, "can't tell", "no node is up: start one, e.g. srun -w NODE hostname, and look again");
  }
  const silent = up.filter(({ flags }) => flags.has("NOT_RESPONDING")).map(({ name }) => name);
  if (silent.length === 0) {
    return found(about, "pass", `slurmctld hears from all ${up.length} nodes that are up`);
  }
  return found(
    about,
    "warn",
    `slurmctld does not hear from ${foldHostlist(silent)}, of ${up.length} nodes that are up`,
    "run there: slurm-ec2 doctor --node --only ports; give them back: scontrol update nodename=NODE state=power_down_force",
  );
}

/** What slurmctld says to `scontrol ping`, one finding a controller. */
export function checkPing(lines: readonly string[]): CheckResult[] {
  return lines.map((line) => {
    const [, role = "slurmctld", name = "", state = line] =
      /^Slurmctld\((\w+)\) at (\S+) is (\w+)/.exec(line) ?? [];
    const about = { check: "ports", what: `slurmctld ${name} (${role})` };
    return state === "UP"
      ? found(about, "pass", "answers scontrol ping")
      : found(about, role === "primary" ? "fail" : "warn", line, `see it there: systemctl status slurmctld`);
  });
}
