import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { parseText } from "../../lib/slurm_conf/parse.ts";
import { type RecordEntry, recordSetting } from "../../lib/slurm_conf/document.ts";
import { HOOKS } from "../../lib/slurm_conf/render/power_save_conf.ts";
import { countHostlist, expandHostlist } from "../../lib/slurm/hostlist.ts";
import { GOLDEN_CASES } from "../lib/slurm_conf/render/golden_cases.ts";
import { testWhere } from "../test_where.ts";
import type { PrivateSlurmctld } from "./private_slurmctld.ts";
import { fieldsOf, hookCalls, onPremCase, type Texts, until, withRender } from "./rendered_slurm.ts";
import { whyNoRig } from "./rig.ts";
import { errorsIn } from "./slurmctld_errors.ts";
import { VERSIONS } from "./versions.ts";

for (const version of VERSIONS) {
  for (const golden of GOLDEN_CASES.filter((test) => test.version === version)) {
    testWhere(
      whyNoRig(version),
      `slurmctld ${version} starts on the render of ${golden.name} and agrees with it`,
      async () => {
        await withRender(golden, async (slurmctld, files) => {
          await checkConfig(slurmctld, files);
          await checkNodes(slurmctld, files);
          await checkPartitions(slurmctld, files);
          await checkConstraints(slurmctld, files);
          await checkPowerUp(slurmctld, files);
          assertEquals(errorsIn(slurmctld.log()), []);
        });
      },
    );
  }

  testWhere(
    whyNoRig(version),
    `slurmctld ${version} powers down idle nodes of our partitions and never the site's own`,
    async () => {
      await withRender(onPremCase(version), async (slurmctld) => {
        assertEquals(await idleNodesStopped(slurmctld, ["m7i-3", "fat1"]), ["m7i-3"]);
      }, (text) => impatient(text).replace(/ SuspendTime=\d+/, " SuspendTime=1"));
    },
  );

  testWhere(
    whyNoRig(version),
    `slurmctld ${version} powers down the site's own nodes when SuspendTime is cluster-wide`,
    async () => {
      // What our form protects from; it also shows that the test above can fail.
      await withRender(onPremCase(version), async (slurmctld) => {
        assertEquals(await idleNodesStopped(slurmctld, ["m7i-3", "fat1"]), ["fat1"]);
      }, (text) => impatient(text).replace("SuspendTime=INFINITE", "SuspendTime=1"));
    },
  );
}

/**
 * Power saving looks every second, and nodes of ours are not CLOUD nodes: those are idle only once a slurmd has
 * registered, others when scontrol says so.
 */
function impatient(text: string): string {
  return text.replace("idle_on_node_suspend", "idle_on_node_suspend,power_save_interval=1")
    .replace("SuspendTimeout=120", "SuspendTimeout=1").replace("State=CLOUD", "State=UNKNOWN");
}

/** Every cluster-wide setting that we render is in force, with our value. */
async function checkConfig(slurmctld: PrivateSlurmctld, files: Texts): Promise<void> {
  const shown = new Map(
    // From 24.05 on scripts that may stand several times are shown with an index.
    [...(await slurmctld.scontrol("show", "config")).matchAll(
      /^(\w+)(?:\[0\])?\s*= (.*?)(?: sec| nodes\/min)?$/gm,
    )]
      .map(([, key, value]) => [key!.toLowerCase(), value!]),
  );
  const entries = parseText(files.get("power_save.conf")!, "power_save.conf").entries;
  const settings = entries.filter((entry) => entry.kind === "setting");
  assert(settings.length >= 10);
  for (const { key, value } of settings) {
    assertEquals(shown.get(key.toLowerCase()), value.text, key);
  }
}

/** The first and last node of every group are what we wrote, and powered down. */
async function checkNodes(slurmctld: PrivateSlurmctld, files: Texts): Promise<void> {
  for (const record of records(files, "NodeName")) {
    const value = (key: string) => recordSetting(record, key)?.value.text;
    const names = expandHostlist(record.name.text);
    for (const name of [names[0]!, names.at(-1)!]) {
      const shown = fieldsOf(await slurmctld.scontrol("show", "node", name, "-o"));
      const got = {
        CPUs: shown.get("CPUTot"),
        Boards: shown.get("Boards"),
        CoresPerSocket: shown.get("CoresPerSocket"),
        ThreadsPerCore: shown.get("ThreadsPerCore"),
        RealMemory: shown.get("RealMemory"),
        Weight: shown.get("Weight"),
        Feature: shown.get("AvailableFeatures"),
        Sockets: shown.get("Sockets"),
      };
      assertEquals(got, {
        CPUs: value("CPUs"),
        Boards: value("Boards"),
        CoresPerSocket: value("CoresPerSocket"),
        ThreadsPerCore: value("ThreadsPerCore"),
        RealMemory: value("RealMemory"),
        Weight: value("Weight"),
        Feature: value("Feature"),
        Sockets: value("SocketsPerBoard"),
      }, name);
      assertEquals(shown.get("State"), "IDLE+CLOUD+POWERED_DOWN", name);
      // 22.05 leaves the word no_consume out of what it shows.
      assertEquals(
        shown.get("Gres")?.replace(":no_consume", ""),
        value("Gres")?.replace(":no_consume", "") ?? "(null)",
        name,
      );
    }
  }
}

/** Every partition has the nodes of its groups, our options and its own SuspendTime. */
async function checkPartitions(slurmctld: PrivateSlurmctld, files: Texts): Promise<void> {
  const sets = new Map(
    records(files, "NodeSet").map((set) => [set.name.text, recordSetting(set, "Nodes")!.value.text]),
  );
  for (const record of records(files, "PartitionName")) {
    const shown = fieldsOf(await slurmctld.scontrol("show", "partition", record.name.text, "-o"));
    const groups = recordSetting(record, "Nodes")!.value.text.split(",");
    const nodes = groups.flatMap((group) => expandHostlist(sets.get(group)!));
    assertEquals(expandHostlist(shown.get("Nodes")!).toSorted(), nodes.toSorted());
    assertEquals(shown.get("SuspendTime"), recordSetting(record, "SuspendTime")?.value.text);
    assertEquals(shown.get("MaxTime"), recordSetting(record, "MaxTime")?.value.text ?? "UNLIMITED");
    assertEquals(shown.get("State"), "UP");
  }
}

/** A job may ask for every feature of a group at once, and is sent to nodes that have them. */
async function checkConstraints(slurmctld: PrivateSlurmctld, files: Texts): Promise<void> {
  const featuresOf = (record: RecordEntry) => recordSetting(record, "Feature")!.value.text.split(",");
  const partitions = records(files, "PartitionName").map(({ name }) => name.text).join(",");
  for (const record of records(files, "NodeName")) {
    const features = featuresOf(record);
    const { stderr } = await slurmctld.run(
      ..."env --chdir=/ sbatch --test-only --wrap=true".split(" "),
      `--partition=${partitions}`,
      `--constraint=${features.join("&")}`,
    );
    assertStringIncludes(stderr, " to start at ");
    const [, node] = /on nodes (\S+) in partition/.exec(stderr) ?? [];
    const chosen = records(files, "NodeName").find(({ name }) => expandHostlist(name.text).includes(node!));
    assertEquals(features.filter((feature) => !featuresOf(chosen!).includes(feature)), [], stderr);
  }
}

/** Power saving is on: a node that is asked for reaches the rendered ResumeProgram. */
async function checkPowerUp(slurmctld: PrivateSlurmctld, files: Texts): Promise<void> {
  const first = expandHostlist(records(files, "NodeName")[0]!.name.text)[0]!;
  await slurmctld.scontrol("update", `nodename=${first}`, "state=power_up");
  await until(() => hookCalls(slurmctld).length > 0, () => slurmctld.log());
  const [program, nodes] = hookCalls(slurmctld)[0]!;
  assertEquals(nodes, first);
  assertStringIncludes(files.get("power_save.conf")!, `ResumeProgram=${program}\n`);
}

/** Makes nodes idle, gives power saving time to act, and says which it stopped. */
async function idleNodesStopped(slurmctld: PrivateSlurmctld, nodes: readonly string[]): Promise<string[]> {
  for (const node of nodes) {
    await slurmctld.scontrol("update", `nodename=${node}`, "state=down", "reason=test");
    await slurmctld.scontrol("update", `nodename=${node}`, "state=idle");
  }
  await until(() => hookCalls(slurmctld).length > 0, slurmctld.log);
  // Time for a second round, had it anything left to do.
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  const stopped = hookCalls(slurmctld).filter(([program]) => program.endsWith(HOOKS.stop));
  return [...new Set(stopped.flatMap(([, hostlist]) => expandHostlist(hostlist)))].sort();
}

function records(files: Texts, type: "NodeName" | "NodeSet" | "PartitionName") {
  const { entries } = parseText(files.get("slurm_nodes.conf")!, "slurm_nodes.conf");
  const found = entries.filter((entry) => entry.kind === "record").filter((record) => record.type === type);
  assert(found.length > 0);
  assert(found.every((record) => type !== "NodeName" || countHostlist(record.name.text) > 0));
  return found;
}
