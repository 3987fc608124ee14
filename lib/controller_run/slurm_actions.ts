import { errorText } from "../base/error_text.ts";
import { isolate } from "../base/isolate.ts";
import type { Action } from "../controller/action.ts";
import type { Fact, StatePurpose } from "../controller/fact.ts";
import { foldHostlist } from "../slurm/hostlist.ts";
import type { NodeState } from "../slurm/node_state.ts";
import {
  type NodeAddress,
  type ScontrolApi,
  ScontrolError,
  type UpdatedState,
} from "../slurm/scontrol_api.ts";
import { type Performed, type Refused, whyOf } from "./performed.ts";

type SetState = Extract<Action, { kind: "set-state" }>;

/** The states of nodes, or of all; a name that slurmctld does not know costs the others nothing. */
export async function askNodes(
  scontrol: ScontrolApi,
  asked: readonly string[] | undefined,
  began: number,
): Promise<Performed> {
  if (asked === undefined) {
    return { facts: [{ kind: "slurm", began, nodes: await scontrol.showNodes() }], refusals: [] };
  }
  const nodes: NodeState[] = [];
  const failed = await isolate(asked, async (some) => {
    const shown = await scontrol.showNodes(some);
    const names = new Set(shown.map(({ name }) => name));
    const missing = some.filter((name) => !names.has(name));
    if (missing.length > 0) {
      throw new SyntaxError(`scontrol's answer is cut short: ${foldHostlist(missing)} not in it`);
    }
    for (const node of shown) nodes.push(node);
  }, (error) => !isRefused(error));
  // Half an answer is not an answer: the same question comes again.
  const unanswered = failed.find(({ error }) => !isRefused(error));
  if (unanswered !== undefined) throw unanswered.error;
  const unknown = failed.map(({ item }) => item);
  const known = asked.filter((name) => !unknown.includes(name));
  const facts: Fact[] = [];
  if (known.length > 0) facts.push({ kind: "slurm", began, asked: known, nodes });
  if (unknown.length > 0) facts.push({ kind: "unknown-to-slurm", nodes: unknown });
  return { facts, refusals: [] };
}

/** Reports addresses; a node that slurmctld refuses costs the others nothing. */
export async function reportAddresses(
  scontrol: ScontrolApi,
  addresses: readonly NodeAddress[],
): Promise<Performed> {
  const failed = await isolate(addresses, (some) => scontrol.updateAddresses(some), isUnanswered);
  const bad = new Set(failed.map(({ item }) => item.nodeName));
  return {
    facts: [
      ...addresses.filter(({ nodeName }) => !bad.has(nodeName)).map((
        { nodeName, instanceId = "" },
      ): Fact => ({
        kind: "address-reported",
        node: nodeName,
        instanceId,
      })),
      ...failed.filter(({ error }) => !isUnanswered(error)).map(({ item, error }): Fact => ({
        kind: "address-refused",
        node: item.nodeName,
        message: errorText(error),
      })),
    ],
    refusals: refusals(
      failed.map(({ item, error }) => ({ node: item.nodeName, error })),
      "address",
      "could not be reported",
    ),
  };
}

/**
 * Gives nodes a state and looks whether slurmctld shows it: an accepted update does not always change the state.
 * A node that slurmctld refuses costs the others nothing.
 */
export async function setState(
  scontrol: ScontrolApi,
  action: SetState,
  clock: () => number,
): Promise<Performed> {
  const { state, reason, purpose, resumeAfter } = action;
  const names = action.nodes.map(({ name }) => name);
  const failed = (await isolate(
    names,
    (some) => scontrol.updateState(some, state, reason, resumeAfter),
    isUnanswered,
  )).map(({ item: node, error }) => ({ node, error }));
  const refusedNames = new Set(failed.map(({ node }) => node));
  const accepted = names.filter((name) => !refusedNames.has(name));
  const began = clock();
  const looked = accepted.length === 0 ? { shown: [], unshown: [] } : await lookAt(scontrol, accepted, state);
  const { shown, unshown } = looked;
  const troubles = new Map([...failed, ...unshown].map(({ node, error }) => [node, error]));
  const facts = action.nodes.flatMap(({ name: node, generation }): Fact[] => {
    if (!troubles.has(node)) return [{ kind: "state-set", node, generation, purpose }];
    const error = troubles.get(node);
    return isUnanswered(error)
      ? []
      : [{ kind: "state-refused", node, generation, purpose, message: errorText(error) }];
  });
  // Of nodes that nothing was begun for, what slurmctld shows is all that there is to know.
  if (STATELESS.has(purpose) && shown.length > 0) {
    facts.unshift({ kind: "slurm", began, asked: shown.map(({ name }) => name), nodes: shown });
  }
  return { facts, refusals: refusals([...failed, ...unshown], "state", `could not be set ${state}`) };
}

/** Why nodes are given a state that no generation of theirs remembers. */
const STATELESS: ReadonlySet<StatePurpose> = new Set(["hold", "keep-down", "offer"]);

/** Names for which one answer about all nodes is the smaller question. */
const MANY = 1_000;

interface Trouble {
  readonly node: string;
  readonly error: unknown;
}

/** What slurmctld shows of the nodes, and which of them are not as they were set. */
async function lookAt(
  scontrol: ScontrolApi,
  names: readonly string[],
  state: UpdatedState,
): Promise<{ readonly shown: readonly NodeState[]; readonly unshown: Trouble[] }> {
  try {
    const answer = await scontrol.showNodes(names.length > MANY ? undefined : names);
    const states = new Map(answer.map((node) => [node.name, node]));
    const shown = names.flatMap((name) => states.get(name) ?? []);
    const unshown = names.flatMap((node) => {
      const shown = states.get(node);
      if (shown !== undefined && isShown(shown, state)) return [];
      const what = shown === undefined
        ? "does not show it"
        : `still shows ${[shown.base, ...shown.flags].join("+")}`;
      return [{ node, error: new ScontrolError("refused", `slurmctld accepted the update and ${what}`) }];
    });
    return { shown, unshown };
  } catch (error) {
    return { shown: [], unshown: names.map((node) => ({ node, error })) };
  }
}

/** Whether a node is as it was set, or has gone on from there. */
function isShown({ base, flags }: NodeState, state: UpdatedState): boolean {
  switch (state) {
    case "down":
      return base === "DOWN";
    case "power_down":
    case "power_down_force":
      return !flags.has("POWERING_UP");
    case "power_up":
      return !flags.has("POWERED_DOWN");
    case "resume":
    case "idle":
      return base !== "DOWN";
  }
}

/** Nodes with the same trouble, in one refusal. */
function refusals(troubles: readonly Trouble[], subject: string, what: string): Refused[] {
  const byText = Map.groupBy(troubles, ({ error }) => `${whyOf(error)} ${errorText(error)}`);
  return [...byText.values()].map((some) => ({
    subjects: some.map(({ node }) => `${subject} ${node}`),
    why: whyOf(some[0]!.error),
    message: `Nodes ${foldHostlist(some.map(({ node }) => node))} ${what}: ${errorText(some[0]!.error)}`,
  }));
}

/** No scontrol or no slurmctld: no smaller call would fare better. */
function isUnanswered(error: unknown): boolean {
  return error instanceof ScontrolError && error.kind !== "refused";
}

/** slurmctld said no, for one of the names. */
function isRefused(error: unknown): boolean {
  return error instanceof ScontrolError && error.kind === "refused";
}
