import { limitFindings } from "../hooks/limit_findings.ts";
import { askTimeService } from "../../lib/preflight/machine/clock_facts.ts";
import { checkClock, checkTimeService } from "../../lib/preflight/machine/clock_checks.ts";
import { lookAt } from "../../lib/preflight/machine/file_facts.ts";
import type { CheckResult } from "../../lib/preflight/check_result.ts";
import { checkLogFile, checkStateFiles, listState } from "../../lib/preflight/machine/state_file_checks.ts";
import { checkLastHook, checkPlace, lastHook } from "../../lib/preflight/machine/hook_state_checks.ts";
import type { Ran } from "../../lib/preflight/machine/machine.ts";
import { checkMount, mountsUnknown } from "../../lib/preflight/machine/mount_checks.ts";
import { checkCredential, checkMunge } from "../../lib/preflight/machine/munge_checks.ts";
import { askMunge, readCredential, socketOf } from "../../lib/preflight/machine/munge_facts.ts";
import { checkName } from "../../lib/preflight/machine/name_checks.ts";
import {
  fileServerOf,
  lookUpNames,
  uniqueNames,
  type WantedName,
} from "../../lib/preflight/machine/name_facts.ts";
import { cannotTell, found } from "../../lib/preflight/machine/unanswered.ts";
import { checkAnswering, checkPing, checkReach } from "../../lib/preflight/machine/reach_checks.ts";
import {
  controllerTargets,
  fileServerTargets,
  nodeTargets,
  reach,
} from "../../lib/preflight/machine/reach_facts.ts";
import { slurmUnknown } from "../../lib/preflight/machine/slurm_view.ts";
import { checkNotify } from "../../lib/preflight/machine/notify_checks.ts";
import { checkRotation, findRotation } from "../../lib/preflight/machine/rotation_checks.ts";
import { checkTimer } from "../../lib/preflight/machine/timer_checks.ts";
import { findNotifiers, findTimers, takePulse } from "../../lib/preflight/machine/timer_facts.ts";
import { checkUsers } from "../../lib/preflight/machine/user_checks.ts";
import { volumeOf } from "../../lib/preflight/machine/volume_facts.ts";
import { serviceHosts } from "../../lib/aws/service_hosts.ts";
import type { Config } from "../../lib/config/model.ts";
import { controllerHosts, settingOf, userOf } from "../../lib/slurm/daemon_settings.ts";
import { expandHostlist } from "../../lib/slurm/hostlist.ts";
import { isUp, type NodeDetails } from "../../lib/slurm/node_details.ts";
import type { MachineView } from "./machine.ts";
import { chosenEndpoint } from "../base/effective_permissions.ts";
import type { DoctorSection, Examination, Where } from "./section.ts";
import { examineSlurm } from "./slurm.ts";
import { readNamed } from "./credential.ts";

const BOTH: readonly Where[] = ["controller", "node"];

/** Sections that ask this machine and its network: names, ports, mounts, users, clock, munge, Slurm. */
export const SITE_SECTIONS: readonly DoctorSection[] = [
  {
    name: "dns",
    summary: "names of the controller, file servers and nodes, forward and back",
    where: BOTH,
    examine: examineDns,
  },
  {
    name: "ports",
    summary: "TCP to slurmctld, slurmd and file servers, and whether nodes answer",
    where: BOTH,
    examine: examinePorts,
  },
  {
    name: "mounts",
    summary: "file systems at their paths, from the right source, writable, answering",
    where: BOTH,
    examine: examineMounts,
  },
  { name: "users", summary: "SlurmUser and munge, by number", where: BOTH, examine: examineUsers },
  {
    name: "clock",
    summary: "this clock compared with AWS's and slurmctld's, and what sets it",
    where: BOTH,
    examine: examineClock,
  },
  {
    name: "munge",
    summary: "munged, its key's mode, and whether slurmctld has the same",
    where: BOTH,
    examine: examineMunge,
  },
  {
    name: "slurm",
    summary: "versions, hooks, StateSaveLocation, and the lint of slurm.conf",
    where: BOTH,
    examine: async (examination) => await examineSlurm(examination, await examination.viewMachine()),
  },
  {
    name: "hooks",
    summary: "what hooks write to, and how the last one went",
    where: ["controller"],
    examine: examineHooks,
  },
  {
    name: "timer",
    summary:
      "what looks after EC2 and Slurm while no hook runs, the worker, notify.command, and who rotates the log",
    where: ["controller"],
    examine: async (examination) => {
      const { machine } = await examination.viewMachine();
      const { stateDir, notify, logFile, cluster } = examination.config;
      const [callers, pulse, rotation, notifier] = await Promise.all([
        findTimers(machine),
        takePulse(machine, stateDir),
        findRotation(machine, { logFile, cluster }),
        notify.command === undefined ? undefined : findNotifiers(machine, notify.command),
      ]);
      return [
        ...checkTimer({ callers, pulse }),
        ...(notifier === undefined ? [] : checkNotify(notifier)),
        ...checkRotation(rotation),
      ];
    },
  },
  {
    name: "limits",
    summary: "limits that are exceeded, prices that they lack, and pauses",
    where: ["controller"],
    examine: examineLimits,
  },
];

async function examineLimits({ host, config, viewMachine }: Examination): Promise<readonly CheckResult[]> {
  const about = { check: "limits", what: "limits" };
  // A directory on a server that hangs would hold up a process that opens a file in it.
  const { machine } = await viewMachine();
  const answered = await machine.run(["stat", "--", config.stateDir]);
  if (answered.kind !== "ended") return [cannotTell(about, answered)];
  const { findings, unread } = limitFindings(host, config);
  const found = findings.map((one): CheckResult => ({ check: "limits", status: "warn", ...one }));
  if (unread !== undefined) return [...found, { ...about, status: "can't tell", evidence: unread }];
  if (found.length > 0) return found;
  return [{ ...about, status: "pass", evidence: "none is exceeded, and no node group is paused" }];
}

/** Nodes looked up and connected to: enough to show a rule, few enough to wait for. */
const NODES_SAMPLED = 4;

/** Nodes of the configuration that are up. */
function nodesUp(config: Config, { slurm }: MachineView): readonly NodeDetails[] {
  const ours = new Set(config.nodeGroups.flatMap(({ nodes }) => expandHostlist(nodes)));
  return slurm.nodes.filter((node) => ours.has(node.name) && isUp(node));
}

async function examineDns(examination: Examination): Promise<readonly CheckResult[]> {
  const { flags, config, where } = examination;
  const around = await examination.viewMachine();
  const own = await hostname(around);
  const controllers = controllerHosts(around.slurm.settings);
  const names = uniqueNames([
    ...controllers.map(({ name, address }): WantedName => ({
      name,
      role: "controller",
      ...(address !== undefined && { expected: address }),
      isOwn: where === "controller" && isShort(name, own),
    })),
    ...config.fileSystems.flatMap((one): WantedName[] => {
      const name = fileServerOf(one);
      return name === undefined ? [] : [{ name, role: "file server" }];
    }),
    ...config.dns.hosts.map((name): WantedName => ({ name, role: "host" })),
    ...nodeNames(nodesUp(config, around), own),
  ]);
  const facts = await lookUpNames(around.machine, names, flags.all("resolver"));
  const unknown = controllers.length > 0 || around.slurm.trouble === undefined
    ? []
    : [slurmUnknown({ check: "dns", what: "controller" }, around.slurm.trouble)];
  return [...unknown, ...facts.flatMap(checkName), ...noNode(names)];
}

function nodeNames(up: readonly NodeDetails[], own: string): WantedName[] {
  return up.slice(0, NODES_SAMPLED).map(({ name, nodeAddr, nodeHostname }) => ({
    name: nodeHostname || name,
    role: "node",
    ...(nodeAddr !== "" && { expected: nodeAddr }),
    isOwn: isShort(nodeHostname || name, own),
  }));
}

function noNode(names: readonly WantedName[]): CheckResult[] {
  if (names.some(({ role }) => role === "node")) return [];
  const evidence =
    "no node is up, or slurmctld does not say: whether ssh and MPI find nodes by name is not known";
  return [
    found(
      { check: "dns", what: "names of nodes" },
      "can't tell",
      evidence,
      "srun -w NODE hostname starts one; then look again",
    ),
  ];
}

async function hostname({ machine }: MachineView): Promise<string> {
  const ran = await machine.run(["uname", "-n"]);
  return ran.kind === "ended" ? ran.stdout.trim() : "";
}

function isShort(a: string, b: string): boolean {
  return a.split(".")[0] === b.split(".")[0];
}

async function examinePorts(examination: Examination): Promise<readonly CheckResult[]> {
  const { config, where } = examination;
  const around = await examination.viewMachine();
  const { machine, slurm } = around;
  const up = nodesUp(config, around);
  const sample = up.filter(({ flags }) => !flags.has("NOT_RESPONDING")).slice(0, NODES_SAMPLED);
  const facts = await reach(machine, [
    ...controllerTargets(slurm.settings),
    ...nodeTargets(sample.length > 0 ? sample : up.slice(0, NODES_SAMPLED), slurm.settings),
    ...fileServerTargets(config.fileSystems),
  ]);
  const { trouble } = slurm;
  return [
    ...facts.map(checkReach),
    ...(trouble !== undefined
      ? [slurmUnknown({ check: "ports", what: "slurmctld" }, trouble)]
      : [...checkPing(slurm.ping), ...(where === "controller" ? [checkAnswering(up)] : [])]),
  ];
}

async function examineMounts(examination: Examination): Promise<readonly CheckResult[]> {
  const { config: { fileSystems }, where } = examination;
  const { mounts, against } = await examination.viewMachine();
  if (fileSystems.length === 0) {
    return [found({ check: "mounts", what: "fileSystems" }, "info", "none in slurm-ec2.yaml")];
  }
  const facts = await mounts();
  if ("kind" in facts) return [mountsUnknown(facts)];
  return facts.flatMap((one) => checkMount(one, where, against?.mounts[one.wanted.mount]));
}

async function examineUsers(examination: Examination): Promise<readonly CheckResult[]> {
  const { config, where } = examination;
  const { machine, slurm, users, image, against } = await examination.viewMachine();
  const slurmctld = userOf(settingOf(slurm.settings, "SlurmUser"));
  const location = settingOf(slurm.settings, "StateSaveLocation");
  const imageUid = image.get("SLURM_UID");
  return checkUsers({
    slurmName: config.slurm.user,
    ...users,
    ...(slurmctld && { slurmctld }),
    ...(location !== undefined && where === "controller" && { state: await lookAt(machine, location) }),
    ...(imageUid && { image: Number(imageUid) }),
    ...(against && { against: against.users }),
  });
}

async function examineClock(examination: Examination): Promise<readonly CheckResult[]> {
  const { host, config, where } = examination;
  const { machine, slurm } = await examination.viewMachine();
  const url = chosenEndpoint("ec2", { config, env: host.env }) ??
    `https://${serviceHosts("ec2", config.region)[0]!.replace(/:443$/, "")}/`;
  const [clock, service] = await Promise.all([machine.clockOf(url), askTimeService(machine)]);
  // A second is cut off on the way, and the question takes its time.
  const other = where === "node" && slurm.ahead !== undefined
    ? [checkClock({ other: "slurmctld", clock: { kind: "read", ahead: slurm.ahead, within: 1500 } })]
    : [];
  return [checkClock({ other: "AWS", clock }), ...other, checkTimeService(service)];
}

async function examineMunge(examination: Examination): Promise<readonly CheckResult[]> {
  const { host, flags, where } = examination;
  const { machine, slurm, users } = await examination.viewMachine();
  const findings = checkMunge(await askMunge(machine, slurm, users.munge), where);
  const given = flags.get("check-credential");
  if (given === undefined) return findings;
  const credential = await readNamed(host, given);
  return [...findings, checkCredential(await readCredential(machine, socketOf(slurm), credential))];
}

/** Bytes of the event log's end that are read: a run of 1,000 nodes writes some 20 KB. */
const LOG_END = 262_144;

async function examineHooks(examination: Examination): Promise<readonly CheckResult[]> {
  const { host, config } = examination;
  const { machine, slurmUser } = await examination.viewMachine();
  const log = checkLogFile(await lookAt(machine, config.logFile), slurmUser);
  const places = [
    { name: "stateDir", path: config.stateDir },
    // A log that is there needs no right to make files next to it.
    ...(log === undefined
      ? [{
        name: "logFile's directory",
        path: config.logFile.replace(/\/[^/]*$/, "") || "/",
        logFile: config.logFile,
      }]
      : []),
    { name: "DENO_DIR of the hooks", path: `${config.stateDir}/deno` },
  ];
  const reading = machine.run(["tail", "-c", String(LOG_END), "--", `${config.stateDir}/events.jsonl`]);
  const files = listState(machine, config.stateDir);
  const facts = await Promise.all(places.map(async ({ path, ...place }) => {
    const [look, volume] = await Promise.all([lookAt(machine, path), volumeOf(machine, path)]);
    return checkPlace({ ...place, look, ...(volume && { volume }) }, slurmUser);
  }));
  const state = checkStateFiles(config.stateDir, await files, slurmUser);
  return [...facts, ...(log === undefined ? [] : [log]), ...state, lastHookOf(await reading, host.now())];
}

function lastHookOf(read: Ran, now: number): CheckResult {
  const about = { check: "hooks", what: "last hook" };
  if (read.kind !== "ended") return cannotTell(about, read);
  if (read.code === 0) return checkLastHook(lastHook(read.stdout), now);
  // Without the directory there is no log either.
  if (read.stderr.includes("No such file")) return checkLastHook(undefined, now);
  return found(about, "can't tell", read.stderr.trim().replace(/^tail: /, ""));
}
