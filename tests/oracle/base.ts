/** Files of one configuration, by name; `%DIR%` stands for the directory that they are in. */
export type ConfFiles = Readonly<Record<string, string>>;

/** What one change is made to: a plain setting, or a setting of one record. */
export type Table =
  | "slurm.conf"
  | "NodeName"
  | "PartitionName"
  | "NodeSet"
  | "DownNodes"
  | "PowerAction"
  | "gres.conf"
  | "topology.conf";

/** One change of the base configuration. */
export interface Change {
  readonly table: Table;
  readonly key: string;
  /** As it stands in the file, behind the `=`. */
  readonly value: string;
}

type Plain = readonly (readonly [key: string, value: string])[];

/** What a daemon in a network of its own needs. */
const RIG: Plain = [
  ["ClusterName", "probe"],
  ["SlurmctldHost", "rig(127.0.0.1)"],
  ["SlurmUser", "root"],
  ["AuthType", "auth/none"],
  ["CredType", "cred/none"],
  ["SlurmctldPort", "7817"],
  ["SlurmdPort", "7818"],
  ["StateSaveLocation", "%DIR%/state"],
  ["SlurmctldPidFile", "%DIR%/slurmctld.pid"],
  ["ProctrackType", "proctrack/linuxproc"],
  ["TaskPlugin", "task/none"],
  ["MpiDefault", "none"],
  ["MailProg", "/bin/true"],
];

/** What the base has besides, with power saving on: lint has no error for it, the daemons log none. */
const PLAIN: Plain = [
  ...RIG,
  ["SelectType", "select/cons_tres"],
  ["SelectTypeParameters", "CR_Core_Memory"],
  ["ReturnToService", "2"],
  ["SuspendProgram", "/bin/true"],
  ["ResumeProgram", "/bin/true"],
  ["ResumeFailProgram", "/bin/true"],
  ["ResumeRate", "0"],
  ["SuspendRate", "0"],
  ["SuspendTimeout", "300"],
  ["ResumeTimeout", "900"],
  ["SlurmctldParameters", "idle_on_node_suspend,cloud_dns"],
  ["PrivateData", "cloud"],
];

/** The records behind the plain settings, in order. */
const RECORDS: readonly string[] = [
  "NodeName=c[0-3] CPUs=4 RealMemory=1000 State=CLOUD",
  "PartitionName=p Nodes=c[0-3] Default=YES SuspendTime=1800",
];

/** The plain settings in front of `rest`, without those that `rest` gives itself, and `rest`. */
export function slurmConf(rest: readonly string[]): string {
  return withPlain(PLAIN, rest);
}

/** A site's lines, with what a daemon needs here and they don't give. */
export function siteSlurmConf(rest: readonly string[]): string {
  return withPlain(RIG, rest);
}

function withPlain(settings: Plain, rest: readonly string[]): string {
  const given = new Set(rest.map((line) => line.split(/[\s=+-]/, 1)[0]!.toLowerCase()));
  const plain = settings.filter(([key]) => !given.has(key.toLowerCase()));
  return [...plain.map(([key, value]) => `${key}=${value}`), ...rest, ""].join("\n");
}

/** The base configuration itself. */
export const BASE: ConfFiles = { "slurm.conf": slurmConf(RECORDS) };

/** A node's sizes say the same thing in several ways: a line under test gives one of them only. */
export const SIZES: ReadonlySet<string> = new Set([
  "boards",
  "corespersocket",
  "cpus",
  "procs",
  "sockets",
  "socketsperboard",
  "threadspercore",
]);

/** The base configuration with those changes, each on a record of its table that carries nothing else of note. */
export function changed(changes: readonly Change[]): ConfFiles {
  const of = (table: Table) => changes.filter((change) => change.table === table);
  const settings = (table: Table) => of(table).map(({ key, value }) => ` ${key}=${value}`).join("");
  const has = (table: Table, key: string) => of(table).some((change) => change.key.toLowerCase() === key);
  const rest = of("slurm.conf").map(({ key, value }) => `${key}=${value}`);
  const files: Record<string, string> = {};
  if (of("gres.conf").length > 0) {
    rest.push("GresTypes=gpu");
    files["gres.conf"] = has("gres.conf", "autodetect")
      ? of("gres.conf").map(({ key, value }) => `${key}=${value}\n`).join("")
      : `${has("gres.conf", "nodename") ? "" : "NodeName=g0 "}${has("gres.conf", "name") ? "" : "Name=gpu "}${
        settings("gres.conf").trim()
      }\n`;
  }
  const records = [...RECORDS];
  if (of("gres.conf").length > 0) records.push("NodeName=g0 CPUs=4 RealMemory=1000 Gres=gpu:2 State=CLOUD");
  if (of("NodeName").length > 0) {
    const sized = of("NodeName").some(({ key }) => SIZES.has(key.toLowerCase()));
    const own = [
      ...(sized ? [] : [" CPUs=4"]),
      ...(has("NodeName", "realmemory") ? [] : [" RealMemory=1000"]),
      ...(has("NodeName", "state") ? [] : [" State=CLOUD"]),
    ].join("");
    records.push(`NodeName=d0${own}${settings("NodeName")}`);
    records.push("PartitionName=r Nodes=d0");
  }
  if (of("PartitionName").length > 0) {
    records.push(
      `PartitionName=q${has("PartitionName", "nodes") ? "" : " Nodes=c[0-1]"}${settings("PartitionName")}`,
    );
  }
  if (of("NodeSet").length > 0) {
    records.push(`NodeSet=s${settings("NodeSet")}`, "PartitionName=t Nodes=s");
  }
  if (of("DownNodes").length > 0) {
    records.push(`DownNodes=c0${has("DownNodes", "state") ? "" : " State=DOWN"}${settings("DownNodes")}`);
  }
  if (of("PowerAction").length > 0) {
    records.push(
      `PowerAction=a${has("PowerAction", "program") ? "" : " Program=/bin/true"}${settings("PowerAction")}`,
    );
  }
  if (of("topology.conf").length > 0) {
    const plugin = of("topology.conf").some(({ key }) => /block/i.test(key))
      ? "topology/block"
      : "topology/tree";
    if (!has("slurm.conf", "topologyplugin")) rest.push(`TopologyPlugin=${plugin}`);
    files["topology.conf"] = topologyConf(settings("topology.conf"), plugin);
  }
  files["slurm.conf"] = slurmConf([...rest, ...records]);
  return files;
}

function topologyConf(settings: string, plugin: string): string {
  if (/ (?:SwitchName|BlockName)=/i.test(settings)) return `${settings.trim()} Nodes=c[0-3]\n`;
  if (plugin === "topology/tree") {
    return `SwitchName=s0${/ (?:nodes|switches)=/i.test(settings) ? "" : " Nodes=c[0-3]"}${settings}\n`;
  }
  return / BlockSizes=/i.test(settings)
    ? `BlockName=b0 Nodes=c[0-3]\n${settings.trim()}\n`
    : `BlockName=b0${/ nodes=/i.test(settings) ? "" : " Nodes=c[0-3]"}${settings}\nBlockSizes=4\n`;
}
