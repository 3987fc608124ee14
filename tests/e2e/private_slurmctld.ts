import { rootOf, type SlurmVersion, whyNoRig } from "./rig.ts";
import { openRoom, type Ran, removeTree, type Room } from "./room.ts";

/** A slurmctld without nodes, in a room of its own, with a configuration of the test's making. */
export interface PrivateSlurmctld {
  /** Directory of slurm.conf; the same path inside and outside of the room. */
  readonly confDir: string;
  /** Standard output of `scontrol` with those arguments; throws when it fails. */
  scontrol(...args: string[]): Promise<string>;
  /** Runs any program of the same Slurm. */
  run(...argv: string[]): Promise<Ran>;
  /** What slurmctld has logged so far. */
  log(): string;
}

/** Gets the configuration directory; gives the files in it, by name. Those in `bin/` are made executable. */
export type MakeFiles = (confDir: string) => ReadonlyMap<string, string>;

/**
 * Runs a test with a slurmctld whose configuration directory holds those files; `slurm.conf` gets what any
 * private daemon needs in front. All processes end with their room.
 * @throws {Error} with slurmctld's log when it does not come up.
 */
export async function withSlurmctld(
  version: SlurmVersion,
  makeFiles: MakeFiles,
  test: (slurmctld: PrivateSlurmctld) => Promise<void>,
): Promise<void> {
  const root = rootOf(version);
  if (root === undefined) throw new Error(whyNoRig(version));
  const confDir = await Deno.makeTempDir({ prefix: "slurm-ec2-render-" });
  try {
    await Deno.chmod(confDir, 0o755);
    for (const directory of ["state", "spool", "bin"]) {
      await Deno.mkdir(`${confDir}/${directory}`, { mode: 0o755 });
    }
    await Deno.writeTextFile(`${confDir}/hosts`, "127.0.0.1 localhost rig\n");
    // A room has no cgroups, which slurmd looks for from 23.11 on; before, it does not know the word.
    if (version !== "22.05") await Deno.writeTextFile(`${confDir}/cgroup.conf`, "CgroupPlugin=disabled\n");
    for (const [name, text] of makeFiles(confDir)) {
      const whole = name === "slurm.conf" ? siteSettings(confDir) + text : text;
      await Deno.writeTextFile(`${confDir}/${name}`, whole, {
        mode: name.startsWith("bin/") ? 0o755 : 0o644,
      });
    }
    const room = await openRoom(root, `${confDir}/hosts`);
    try {
      await test(await start(room, confDir));
    } finally {
      await room.close();
    }
  } finally {
    await removeTree(confDir);
  }
}

async function start(room: Room, confDir: string): Promise<PrivateSlurmctld> {
  const conf = `${confDir}/slurm.conf`;
  const run = (...argv: string[]) => room.run(argv, { timeout: 60, env: { SLURM_CONF: conf } });
  const log = () => {
    try {
      return Deno.readTextFileSync(`${confDir}/slurmctld.log`);
    } catch {
      return "(no log)";
    }
  };
  const { code, stderr } = await run("slurmctld", "-c", "-f", conf);
  if (code !== 0) throw new Error(`slurmctld did not start: ${stderr}\n${log()}`);
  for (let tries = 0; !(await run("scontrol", "ping")).stdout.includes(" is UP"); tries++) {
    if (tries > 1_200) throw new Error(`slurmctld does not answer:\n${log()}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    confDir,
    run,
    log,
    async scontrol(...args) {
      const { code, stdout, stderr } = await run("scontrol", ...args);
      if (code !== 0) throw new Error(`scontrol ${args.join(" ")} exited ${code}: ${stderr}${stdout}`);
      return stdout;
    },
  };
}

/** What a private slurmctld needs besides the files under test; nothing here is about power saving. */
function siteSettings(confDir: string): string {
  return [
    "ClusterName=bio",
    "SlurmctldHost=rig(127.0.0.1)",
    "SlurmUser=root",
    `SlurmctldPort=${freePort()}`,
    "AuthType=auth/none",
    "CredType=cred/none",
    `StateSaveLocation=${confDir}/state`,
    `SlurmctldPidFile=${confDir}/slurmctld.pid`,
    `SlurmctldLogFile=${confDir}/slurmctld.log`,
    `SlurmdSpoolDir=${confDir}/spool`,
    `SlurmdLogFile=${confDir}/slurmd.log`,
    `SlurmdPidFile=${confDir}/slurmd.pid`,
    "SlurmctldDebug=verbose",
    "DebugFlags=Power",
    "ProctrackType=proctrack/linuxproc",
    "TaskPlugin=task/none",
    "JobAcctGatherType=jobacct_gather/none",
    "SelectType=select/cons_tres",
    "SelectTypeParameters=CR_CPU_Memory",
    "MpiDefault=none",
    "MailProg=/bin/true",
    "",
  ].join("\n");
}

/** A port that nobody listens on. */
export function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return port;
}
