import { openRoom } from "../../e2e/room.ts";
import { rootOf, type SlurmVersion, whyNoRig } from "../../e2e/rig.ts";

/** Files of one configuration, by name; `slurm.conf` gets what any private daemon needs in front. */
export type ConfFiles = Readonly<Record<string, string>>;

/** What slurmctld did with a configuration. */
export interface Verdict {
  /** `starts`: it became the primary controller; `refuses`: it ended by itself; `hangs`: neither within about 4 s. */
  readonly outcome: "starts" | "refuses" | "hangs";
  /** Lines of severity error and fatal, without time and severity. */
  readonly errors: readonly string[];
}

/** Verdicts by configuration, and the text that slurmctld read. */
export interface Answers {
  readonly verdicts: readonly Verdict[];
  readonly conf: (index: number) => string;
}

/** Node names that tests use; slurmctld looks up those of nodes that are not CLOUD. */
const NODES = "c0 c1 c2 c3 c4 c5 d0 d1 d2 d3 e1 e2 f1 f2 f5 g01 g02 g03";

/** Starts slurmctld on each directory in turn, until it runs or ends. */
const PROBE = `
# A file that includes itself takes one after the other.
ulimit -n 128
mount --bind "$1/../nsswitch.conf" /etc/nsswitch.conf
for dir in "$@"; do
  slurmctld -D -c -f "$dir/slurm.conf" >"$dir/log" 2>&1 &
  pid=$! tries=0 outcome=
  while kill -0 $pid 2>/dev/null && [ -z "$outcome" ]; do
    if grep -aq "Running as primary controller" "$dir/log"; then outcome=starts
    elif [ $tries -ge 120 ]; then outcome=hangs
    else tries=$((tries + 1)); sleep 0.02; fi
  done
  kill -9 $pid 2>/dev/null
  wait $pid 2>/dev/null
  grep -aq "Running as primary controller" "$dir/log" && outcome=starts
  echo "\${outcome:-refuses}" >"$dir/outcome"
done
`;

/**
 * Asks the real slurmctld of a version about configurations, in a private file tree and process space.
 * @throws {Error} when that version is not installed, or this is not root.
 */
export async function askSlurmctld(
  version: SlurmVersion,
  configurations: readonly ConfFiles[],
): Promise<Answers> {
  const root = rootOf(version);
  if (root === undefined) throw new Error(whyNoRig(version));
  const dir = await Deno.makeTempDir({ prefix: "slurm-ec2-parse-" });
  const texts: string[] = [];
  try {
    await Deno.writeTextFile(`${dir}/hosts`, `127.0.0.1 localhost rig ${NODES}\n`);
    // Without it slurmctld asks the absent name server of an unknown name eleven times, a second apart.
    await Deno.writeTextFile(`${dir}/nsswitch.conf`, "passwd: files\ngroup: files\nhosts: files\n");
    const port = freePort();
    for (const [index, files] of configurations.entries()) {
      await Deno.mkdir(`${dir}/${index}/state`, { recursive: true });
      for (const [name, text] of Object.entries(files)) {
        const whole = name === "slurm.conf" ? baseSettings(`${dir}/${index}`, port) + text : text;
        if (name === "slurm.conf") texts.push(whole);
        await Deno.mkdir(`${dir}/${index}/${name}`.replace(/\/[^/]*$/, ""), { recursive: true });
        await Deno.writeTextFile(`${dir}/${index}/${name}`, whole);
      }
    }
    const room = await openRoom(root, `${dir}/hosts`);
    try {
      const dirs = configurations.map((_, index) => `${dir}/${index}`);
      const { code, stderr } = await room.run(["/bin/sh", "-c", PROBE, "probe", ...dirs], { timeout: 1_200 });
      if (code !== 0) throw new Error(`The probe ended with ${code}: ${stderr}`);
    } finally {
      await room.close();
    }
    const verdicts = await Promise.all(configurations.map((_, index) => readVerdict(`${dir}/${index}`)));
    return { verdicts, conf: (index) => texts[index]! };
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

async function readVerdict(dir: string): Promise<Verdict> {
  const outcome = (await Deno.readTextFile(`${dir}/outcome`)).trim() as Verdict["outcome"];
  const log = new TextDecoder("latin1").decode(await Deno.readFile(`${dir}/log`)).replaceAll(`${dir}/`, "");
  const errors = log.split("\n").flatMap((line) => /(?:^|\s)(?:error|fatal): (.*)$/.exec(line)?.[1] ?? []);
  return { outcome, errors: [...new Set(errors)] };
}

/** A controller on loopback without authentication, the same for every version. */
export function baseSettings(dir: string, port: number): string {
  return [
    "ClusterName=probe",
    "SlurmctldHost=rig(127.0.0.1)",
    "SlurmUser=root",
    "AuthType=auth/none",
    "CredType=cred/none",
    `SlurmctldPort=${port}`,
    `SlurmdPort=${port + 1}`,
    `StateSaveLocation=${dir}/state`,
    `SlurmctldPidFile=${dir}/slurmctld.pid`,
    "ProctrackType=proctrack/linuxproc",
    "TaskPlugin=task/none",
    "MpiDefault=none",
    "MailProg=/bin/true",
    "SelectType=select/cons_tres",
    "NodeName=c[0-3] CPUs=4 RealMemory=1000 State=CLOUD",
    "PartitionName=p Nodes=ALL Default=YES",
    "",
  ].join("\n");
}

function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return port < 65_000 ? port : freePort();
}
