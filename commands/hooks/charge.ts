import { errorText } from "../../lib/base/error_text.ts";
import {
  CHARGE_TIME_LIMIT,
  type HostRole,
  hostRole,
  isInCharge,
  roleOfText,
  roleText,
  whyNotOne,
} from "../../lib/controller_run/in_charge.ts";
import type { ScontrolApi } from "../../lib/slurm/scontrol_api.ts";
import { scontrolOfHost } from "../../lib/slurm/scontrol_of_host.ts";
import { keepOwnSlurmConf, ownSlurmConfPath, readOwnSlurmConf } from "../../lib/store/own_slurm_conf.ts";
import { CommandError } from "../base/command.ts";
import type { ControllerSite } from "./controller.ts";

/** Says why this host must not change anything now; undefined: it may. Asked before each change. */
export type WhyNotInCharge = () => Promise<string | undefined>;

/** Of several hosts with a slurmctld: whether this one acts, and how it speaks to its own. */
export interface Charge {
  readonly why: WhyNotInCharge;
  /** What changes go through, by what is known now. */
  readonly scontrol: () => ScontrolApi;
}

type Site = Pick<ControllerSite, "host" | "config" | "stateDir" | "scontrol">;

/**
 * How to ask whether this host is the one that acts; undefined where slurm.conf names one host only. What slurm.conf
 * says is kept in stateDir for a worker that starts while slurmctld is away; where that has never been said, slurmctld is
 * asked each time until it answers.
 * @param settings Those of slurmctld; undefined: it did not answer
 */
export async function chargeQuestion(
  site: Site,
  settings: ReadonlyMap<string, string> | undefined,
): Promise<Charge | undefined> {
  const { host, config, stateDir, scontrol: any } = site;
  const hostname = host.env("SLURM_EC2_HOSTNAME");
  const kept = readOwnSlurmConf(stateDir);
  let role = settings !== undefined
    ? hostRole(settings, hostname)
    : kept === undefined
    ? undefined
    : roleOfText(kept);
  let problem = role === undefined ? undefined : keep(stateDir, role);
  if (role?.kind === "alone") return undefined;
  const slurmConf = ownSlurmConfPath(stateDir);
  const [own, inTime, all] = await Promise.all([
    host.connect.scontrol(config, { slurmConf }),
    host.connect.scontrol(config, { slurmConf, timeLimit: CHARGE_TIME_LIMIT }),
    host.connect.scontrol(config, { timeLimit: CHARGE_TIME_LIMIT }),
  ]);
  const why = async () => {
    if (role === undefined) {
      const answer = await settingsOf(all);
      if (answer === undefined) return undefined;
      role = hostRole(answer, hostname);
      problem = keep(stateDir, role);
    }
    if (role.kind === "alone") return undefined;
    if (role.kind === "not-one") return whyNotOne(role, hostname);
    if (problem !== undefined) return problem;
    return await isInCharge(inTime)
      ? undefined
      : "this host's slurmctld is not in charge of the cluster, or does not answer";
  };
  const ofHost = scontrolOfHost(own, any);
  return { why, scontrol: () => role?.kind === "one-of-several" && problem === undefined ? ofHost : any };
}

/** Keeps a role for the next worker; answers why the question can't be asked, where that could not be written. */
function keep(stateDir: string, role: HostRole): string | undefined {
  try {
    keepOwnSlurmConf(stateDir, roleText(role));
    return undefined;
  } catch (error) {
    return `slurmctld of this host can't be asked whether it is in charge: ${errorText(error)}`;
  }
}

async function settingsOf(
  scontrol: Pick<ScontrolApi, "showConfig">,
): Promise<ReadonlyMap<string, string> | undefined> {
  try {
    return await scontrol.showConfig();
  } catch {
    // It is away, and has never said how many hosts there are.
    return undefined;
  }
}

/**
 * What a person asks for is done where slurmctld is in charge, or not at all.
 * @throws {CommandError} when this host is not the one that acts
 */
export async function refuseUnlessInCharge(charge: Charge | undefined): Promise<void> {
  const why = await charge?.why();
  if (why !== undefined) {
    throw new CommandError(`Nothing was changed: ${why}; run it on the host whose slurmctld is in charge`);
  }
}
