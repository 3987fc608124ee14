import { parseCidr } from "../../lib/preflight/parameters/cidr.ts";
import type { JudgeOptions } from "../../lib/preflight/parameters/judge.ts";
import { type Controller, DEFAULT_PORTS } from "../../lib/preflight/parameters/port_checks.ts";
import { UsageError } from "./command.ts";
import type { Flag, Flags } from "./flag.ts";

/** The flags that say where slurmctld is, and what it and slurmd listen on. */
export const SLURM_FLAGS = [
  {
    name: "controller",
    value: "WHERE",
    summary:
      "Address, block (10.1.0.0/16) or security group of slurmctld, to check that ports are open to it",
  },
  {
    name: "slurmctld-port",
    value: "PORT",
    kind: "port",
    summary: `SlurmctldPort, where slurm.conf sets it (${DEFAULT_PORTS.slurmctld})`,
  },
  {
    name: "slurmd-port",
    value: "PORT",
    kind: "port",
    summary: `SlurmdPort, where slurm.conf sets it (${DEFAULT_PORTS.slurmd})`,
  },
] as const satisfies readonly Flag[];

/**
 * What the flags say of slurmctld and slurmd.
 * @throws {UsageError} for what is neither address, block nor security group.
 */
export function readSlurm(flags: Flags<typeof SLURM_FLAGS>): Pick<JudgeOptions, "controller" | "ports"> {
  const controller = readController(flags.get("controller"));
  const { "slurmctld-port": slurmctld, "slurmd-port": slurmd } = flags.number;
  return {
    ...(controller && { controller }),
    ports: { slurmctld: slurmctld ?? DEFAULT_PORTS.slurmctld, slurmd: slurmd ?? DEFAULT_PORTS.slurmd },
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
