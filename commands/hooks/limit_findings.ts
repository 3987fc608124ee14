import { exceeded } from "../../lib/capacity/exceeded.ts";
import { hasCeiling } from "../../lib/capacity/limits.ts";
import { nodePrice } from "../../lib/capacity/price.ts";
import type { Config } from "../../lib/config/model.ts";
import { pauseOf } from "../../lib/controller/pauses.ts";
import { reckonOf } from "../../lib/controller/reckon.ts";
import { EMPTY_STATE } from "../../lib/controller/state.ts";
import { readState } from "../base/state_reader.ts";
import type { Host } from "../base/host.ts";
import { endedSince } from "./forecast.ts";
import { priceWatch } from "./price_watch.ts";

/** What keeps node groups from being launched that somebody may have forgotten. */
export interface LimitFinding {
  readonly what: string;
  readonly evidence: string;
  readonly fix: string;
}

/** What was found, and why the state could not be read, where it could not. */
export interface LimitFindings {
  readonly findings: readonly LimitFinding[];
  readonly unread?: string;
}

/** Limits that the cluster exceeds today, prices that a cost limit lacks, and pauses, by the state as it was stored last. */
export function limitFindings(host: Pick<Host, "files" | "now">, config: Config): LimitFindings {
  const { limits, stateDir, nodeGroups } = config;
  const wall = host.now();
  const said: string[] = [];
  const prices = priceWatch(host.files, stateDir, { error: (text: string) => void said.push(text) })();
  const { state, ended, unread } = stored(config, wall);
  const use = reckonOf(state.instances.values(), [...state.launches.values()], {
    prices,
    ...(limits.maxDailyCost !== undefined && { today: { wall, ended } }),
  });
  const takesPrices = limits.maxHourlyCost !== undefined || limits.maxDailyCost !== undefined;
  const unpriced = takesPrices ? nodeGroups.flatMap((group) => nodePrice(prices, group).unpriced) : [];
  const pauses = nodeGroups.flatMap(({ name }) =>
    pauseOf({ pauses: state.pauses ?? {} }, name)?.message ?? []
  );
  const findings = [
    ...(hasCeiling(limits) ? exceeded(limits, use) : []).map((evidence) => ({
      what: "limits",
      evidence: `${evidence}: nothing is ended for it, and nothing more is launched until there is room`,
      fix: "raise the limit, or wait for nodes to power down",
    })),
    ...(unpriced.length === 0 ? [] : [{
      what: "prices",
      evidence: `no price is known for ${
        [...new Set(unpriced)].sort().join(", ")
      }: a cost limit launches none of them`,
      fix: "slurm-ec2 config prices --aws",
    }]),
    ...said.map((evidence) => ({ what: "prices", evidence, fix: "slurm-ec2 config prices --aws" })),
    ...[...new Set(pauses)].map((evidence) => ({
      what: "pause",
      evidence,
      fix: evidence.slice(evidence.lastIndexOf("slurm-ec2 ")),
    })),
  ];
  return { findings, ...(unread !== undefined && { unread }) };
}

function stored(config: Config, wall: number) {
  const { value, why } = readState(config, (reader) => ({
    state: reader.state(),
    ended: endedSince(reader.history, wall),
  }));
  return { ...value ?? { state: EMPTY_STATE, ended: [] }, unread: why };
}
