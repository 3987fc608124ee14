/** The installed scontrol, for tests that compare with it; a configuration file is all it needs for hostlists. */
export interface RealScontrol {
  /** Runs `scontrol show <what> <hostlist>`; undefined when it refuses, which 22.05 tells by silence, not by its exit code. */
  show(what: "hostnames" | "hostlist", hostlist: string): Promise<string | undefined>;
}

/** `SCONTROL` names another one, e.g. of a newer Slurm. */
const PATH = [
  Deno.env.get("SCONTROL") ?? "",
  "/usr/bin/scontrol",
  "/usr/local/bin/scontrol",
  "/opt/slurm/bin/scontrol",
].find(exists);

/** True where such a test must be skipped; never in CI, where a missing scontrol is a failure. */
export const SKIP_WITHOUT_SCONTROL = PATH === undefined && !Deno.env.get("CI");

/** Runs the test with the real scontrol and a slurm.conf of its own. */
export async function withRealScontrol(test: (scontrol: RealScontrol) => Promise<void>): Promise<void> {
  if (PATH === undefined) {
    throw new Error("Slurm's scontrol is not installed: install the slurm-client package");
  }
  const command = PATH;
  const conf = await Deno.makeTempFile({ suffix: "-slurm.conf" });
  try {
    await Deno.writeTextFile(conf, "ClusterName=test\nSlurmctldHost=localhost\nNodeName=n1\n");
    await test({
      async show(what, hostlist) {
        const output = await new Deno.Command(command, {
          args: ["show", what, hostlist],
          env: { SLURM_CONF: conf },
          clearEnv: true,
        }).output();
        return new TextDecoder().decode(output.stdout).trimEnd() || undefined;
      },
    });
  } finally {
    await Deno.remove(conf);
  }
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
