import { foldHostlist } from "../slurm/hostlist.ts";
import { hasBooted, isAlive } from "./adopt.ts";
import { countFailedBoot } from "./boots.ts";
import type { Draft } from "./draft.ts";
import { generationIn } from "./launch_table.ts";
import { jobsByNode } from "./request_table.ts";
import type { Fact } from "./fact.ts";
import type { NodeOutcome, NodeRecord, RequestRecord, SlurmView } from "./state.ts";

/** Milliseconds for which a request counts for more than a view that contradicts it: a hook and slurmctld overlap. */
const SETTLING = 5_000;

/**
 * Takes a request in. stop and resume-fail begin a generation at once; resume does so only where nothing is known of
 * the node, and otherwise waits for what slurmctld makes of it: it may be up, or awaited already.
 */
export function takeRequest(draft: Draft, fact: Fact & { kind: "request" }): void {
  if (draft.requests.get(fact.id) !== undefined) return;
  // A time that is still to come would outdo every request until then.
  const at = Math.min(fact.at, draft.now.clock);
  const jobsOf = jobsByNode(fact);
  const nodes = [...new Set(fact.nodes)];
  const generations: Record<string, number> = {};
  const outcomes: Record<string, NodeOutcome> = {};
  for (const name of nodes) {
    const known = draft.nodes.get(name);
    if (isForeign(draft, name, fact.request)) outcomes[name] = { kind: "not-ours" };
    else if (known !== undefined && at < known.since) outcomes[name] = { kind: "superseded" };
    else if (fact.request === "resume" && mustAskFirst(draft, name, known)) draft.unsure.add(name);
    else {
      if (fact.request === "resume-fail") countFailedBoot(draft, known);
      const begun = draft.begin(name, {
        want: fact.request === "resume" ? "up" : "down",
        at,
        because: fact.request,
        jobs: jobsOf.get(name) ?? [],
      });
      if (begun !== undefined) {
        generations[name] = begun.generation;
        if (fact.request === "resume-fail") keepVerdict(draft, name, known);
      }
    }
  }
  const { id, request: kind, jobs } = fact;
  draft.requests.put({ id, kind, nodes, jobs, at, generations, outcomes });
  draft.note({ kind: "asked", hook: kind, nodes: foldHostlist(nodes), jobs: jobs.map(({ jobId }) => jobId) });
}

/** A node that the configuration does not have is only ever powered down, as far as an instance of it may be known. */
function isForeign(draft: Draft, name: string, kind: RequestRecord["kind"]): boolean {
  if (draft.groups.has(name)) return false;
  if (kind === "resume") return true;
  return draft.listedAt !== undefined && draft.instances.of(name).length === 0;
}

function mustAskFirst(draft: Draft, name: string, known: NodeRecord | undefined): boolean {
  return draft.listedAt === undefined || known?.want === "up" ||
    draft.instances.of(name).some(({ end }) => end === "no");
}

/** slurmctld gave up a node that is in its cooldown: the cooldown lasts as long as it was said to, with its reason. */
function keepVerdict(draft: Draft, name: string, before: NodeRecord | undefined): void {
  const { refusal, verdict } = before ?? {};
  draft.changeNode(name, { refusal, verdict, giveBack: verdict?.reason ?? "" });
}

/** What slurmctld says decides about resumes that are held, and counts where a request was lost. */
export function takeView(draft: Draft, name: string, view: SlurmView): void {
  decideHeld(draft, name, view);
  if (draft.requests.held.has(name)) return;
  const node = draft.nodes.get(name);
  const isLater = view.began > (node?.since ?? -Infinity) + SETTLING;
  if (node?.want === "up") {
    if ((view.use === "off" || view.use === "going-down") && isLater) {
      draft.begin(name, { want: "down", at: view.began, because: "slurm" });
    } else if (view.use === "awaited" && node.refusal !== undefined && isAskedAgain(node, view)) {
      draft.begin(name, { want: "up", at: view.began, because: "slurm", jobs: node.jobs });
    }
    return;
  }
  const isLost = view.use === "awaited" && isLater && draft.groups.has(name);
  if (isLost || hasRegistered(draft, node, view)) {
    draft.begin(name, { want: "up", at: view.began, because: "slurm" });
  }
}

/** Whether a node that slurmctld gave up has registered all the same, and what it runs on is not ended yet: it stays. */
function hasRegistered(draft: Draft, node: NodeRecord | undefined, view: SlurmView): boolean {
  if (view.use !== "up" || view.silent || node?.because !== "resume-fail") return false;
  return view.began >= node.since &&
    draft.instances.of(node.name).some((instance) => instance.end !== "asked" && isAlive(instance));
}

/** Whether slurmctld awaits the node although it was given the verdict: it was powered up again, the request lost. */
function isAskedAgain({ verdict }: NodeRecord, { began }: SlurmView): boolean {
  return verdict?.reportedAt !== undefined && began > verdict.reportedAt + SETTLING;
}

function decideHeld(draft: Draft, name: string, view: SlurmView): void {
  const held = draft.requests.held.get(name);
  if (held === undefined || view.began < held.at || view.use === "unclear") return;
  const { at, jobs } = held;
  const node = draft.nodes.get(name);
  if (view.use === "up") return draft.requests.release(name, { kind: "up" });
  if (view.use !== "awaited") {
    draft.begin(name, { want: "down", at, because: "slurm" });
    const reason = "slurmctld does not power it up, so it gets no instance: " +
      `scontrol update NodeName=${name} State=POWER_UP`;
    return draft.requests.release(name, { kind: "failed", reason });
  }
  if (node?.want === "up" && isOpen(draft, node, view)) {
    // slurmctld asks again for the same power-up: ending what boots already would only cost time.
    draft.changeNode(name, { since: Math.max(node.since, at) });
    return draft.requests.release(name, { generation: node.generation });
  }
  const begun = draft.begin(name, { want: "up", at, because: "resume", jobs });
  draft.requests.release(
    name,
    begun === undefined ? { kind: "superseded" } : { generation: begun.generation },
  );
}

/**
 * Whether an instance of the node's generation boots or may still come. One that had registered before slurmctld asked
 * again, its stop lost in between, is not the node's any more: slurmctld ignores a boot from before its request.
 */
function isOpen(draft: Draft, node: NodeRecord, view: SlurmView): boolean {
  if (node.refusal !== undefined) return false;
  const current = draft.currentOf(node);
  if (current !== undefined) return !hasBooted(current, view.bootTime);
  return draft.launches.of(node.name).some((launch) => generationIn(launch, node.name) === node.generation);
}
