import { resetGroup } from "../cluster/boot_failures.ts";
import { takeReported } from "./addresses.ts";
import { doubtAll, type Halved, takeLaunched, takeLookUp, takeRefused } from "./doubt.ts";
import type { Draft } from "./draft.ts";
import { takeConsole, takeEndAccepted, takeEndRefused } from "./ends.ts";
import { takeInformed } from "./inform_jobs.ts";
import type { Fact } from "./fact.ts";
import { takeOffered } from "./offers.ts";
import { triesOf } from "./refused.ts";
import { takeGivenBack, takeOwnEnd } from "./give_back.ts";
import { takeDescribed, takeEnded, takeListing } from "./gone.ts";
import { takePause } from "./pauses.ts";
import { takeParameters, takeParametersRefused } from "./settings.ts";
import { takeStarted, takeStartRefused } from "./stopped.ts";
import { takeSubnets, takeSubnetsRefused } from "./subnets.ts";
import { takeVerdictShown } from "./verdicts.ts";
import { takeSlurm } from "./views.ts";
import { takeRequest } from "./want.ts";

/** Takes one fact in; answers the launches that are to be tried in halves. */
export function takeFact(draft: Draft, fact: Fact): readonly Halved[] {
  switch (fact.kind) {
    case "started":
      doubtAll(draft);
      return [];
    case "request":
      takeRequest(draft, fact);
      return [];
    case "reset":
      draft.bootFailures = resetGroup(draft.bootFailures, fact.nodeGroup);
      return [];
    case "pause":
    case "unpause":
      takePause(draft, fact);
      return [];
    case "timeouts":
      return [];
    case "parameters":
      takeParameters(draft, fact);
      return [];
    case "parameters-refused":
      takeParametersRefused(draft, fact);
      return [];
    case "subnets":
      takeSubnets(draft, fact);
      return [];
    case "subnets-refused":
      takeSubnetsRefused(draft, fact);
      return [];
    case "launched":
      takeLaunched(draft, fact);
      return [];
    case "launch-refused":
      return takeRefused(draft, fact);
    case "token-looked-up":
      draft.looks.set(fact.token, fact.began);
      takeLookUp(draft, fact);
      if (draft.launches.get(fact.token) === undefined) draft.looks.delete(fact.token);
      return [];
    case "listed":
      takeListing(draft, fact);
      return [];
    case "listed-ended":
      takeEnded(draft, fact);
      return [];
    case "described":
      takeDescribed(draft, fact);
      return [];
    case "reading-refused":
      draft.memory = {
        ...draft.memory,
        readingRefused: {
          at: draft.now.clock,
          refusal: fact.refusal,
          tries: triesOf(draft.memory.readingRefused, fact.refusal.code),
        },
      };
      return [];
    case "out-of-date":
      draft.listedAt = undefined;
      return [];
    case "slurm":
      takeSlurm(draft, fact);
      return [];
    case "unknown-to-slurm":
      for (const name of fact.nodes) draft.views.set(name, unknownView(draft));
      return [];
    case "end-accepted":
      takeEndAccepted(draft, fact);
      return [];
    case "end-refused":
      takeEndRefused(draft, fact);
      return [];
    case "start-accepted":
      takeStarted(draft, fact);
      return [];
    case "start-refused":
      takeStartRefused(draft, fact);
      return [];
    case "address-reported":
      takeReported(draft, fact.node, fact.instanceId);
      return [];
    case "address-refused":
      return [];
    case "jobs-informed":
      takeInformed(draft, fact.jobIds);
      return [];
    case "state-set":
      takeStateSet(draft, fact);
      return [];
    case "state-refused":
      // The node may have become something else meanwhile: it is asked for before the next try.
      draft.dropView(fact.node);
      return [];
    case "console-kept":
      takeConsole(draft, fact);
      return [];
  }
}

function unknownView({ now }: Draft) {
  return {
    use: "unclear",
    began: now.clock,
    reason: "",
    nodeAddr: "",
    drained: false,
    silent: false,
    busy: false,
  } as const;
}

/** slurmctld was given a state and shows it, unless the node's next generation has begun meanwhile. */
function takeStateSet(draft: Draft, { node: name, generation, purpose }: Fact & { kind: "state-set" }): void {
  if (purpose === "offer") return takeOffered(draft, name);
  const node = draft.nodes.get(name);
  // Nothing was begun for a node that was not tried.
  if (purpose === "hold" || purpose === "keep-down" || node?.generation !== generation) return;
  switch (purpose) {
    case "resume-after":
      return takeOwnEnd(draft, name);
    case "verdict":
      return takeVerdictShown(draft, node);
    case "give-back":
      return takeGivenBack(draft, name);
    case "down-after-death":
      // Another instance may have taken the node on while slurmctld was given the state.
      if (node.died === undefined) return draft.dropView(name);
      draft.changeNode(name, { died: "down" });
      draft.dropView(name);
      return;
    case "power-down-after-death":
      draft.begin(name, { want: "down", at: draft.now.clock, because: "slurm" });
      draft.dropView(name);
      return;
  }
}
