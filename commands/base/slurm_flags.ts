import { parseCidr } from "../../lib/preflight/parameters/cidr.ts";
import type { JudgeOptions } from "../../lib/preflight/parameters/judge.ts";
import { type Controller, DEFAULT_PORTS } from "../../lib/preflight/parameters/port_checks.ts";
import { type Flag, type Flags, UsageError } from "./command.ts";

/** The flags that say where slurmctld is, and what it and slurmd listen on. */
export const SLURM_FLAGS: readonly Flag[] = [
  {
    name: "controller",
    value: "WHERE",
    summary:
      "Address, block (10.1.0.0/16) or security group of slurmctld, to check that ports are open to it",
  },
  {
    name: "slurmctld-port",
    value: "PORT",
    summary: `SlurmctldPort, where slurm.conf sets it (${DEFAULT_PORTS.slurmctld})`,
  },
  {
    name: "slurmd-port",
    value: "PORT",
    summary: `SlurmdPort, where slurm.conf sets it (${DEFAULT_PORTS.slurmd})`,
  },
];

/**
 * What the flags say of slurmctld and slurmd.
 * @throws {UsageError} for what is neither address, block nor security group, and for what is no port.
 */
export function readSlurm(flags: Pick<Flags, "get">): Pick<JudgeOptions, "controller" | "ports"> {
  const controller = readController(flags.get("controller"));
  const port = (name: "slurmctld" | "slurmd") => readPort(`${name}-port`, flags) ?? DEFAULT_PORTS[name];
  return {
    ...(controller && { controller }),
    ports: { slurmctld: port("slurmctld"), slurmd: port("slurmd") },
  };
}

function readController(text: string | undefined): Controller | undefined {
  if (text === undefined) return undefined;
  if (/^sg-[0-9a-f]{8,17}$/.test(text)) return { kind: "group", groupId: text };
  const cidr = parseCidr(text);
  if (cidr !== undefined) return { kind: "cidr", text, cidr };
  throw new UsageError(
    `Not an IPv4 address, block or security group: "${text}"; e.g. --controller 10.1.2.3, 10.1.0.0/16 or sg-0123456789abcdef0`,
  );
}

function readPort(name: string, flags: Pick<Flags, "get">): number | undefined {
  const text = flags.get(name);
  if (text === undefined) return undefined;
  const port = Number(text);
  if (/^[0-9]+$/.test(text) && port >= 1 && port <= 65_535) return port;
  throw new UsageError(`Not a port: --${name} "${text}"; it is a number from 1 to 65535`);
}
