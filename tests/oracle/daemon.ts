import { openRoom } from "../e2e/room.ts";
import { rootOf, type SlurmVersion, whyNoRig } from "../e2e/rig.ts";
import type { ConfFiles } from "./base.ts";

/** What slurmctld did with one configuration. */
export interface Seen {
  /** `starts`: it became the primary controller and lives; `refuses`: it ended by itself; `hangs`: neither within seconds of silence in which it does nothing. */
  readonly outcome: "starts" | "refuses" | "hangs";
  /** Its log, without time and place, one entry a line. */
  readonly log: readonly string[];
  /** What `scontrol show config`, `show partition -o` and `show node -o` printed, one after the other; empty unless it starts. */
  readonly shown: string;
}

/** Names of the nodes that configurations under test define: a site's own would be known to its name service. */
const HOSTS: readonly string[] = ["c", "d", "g"].flatMap((letter) =>
  Array.from({ length: 16 }, (_, index) => `${letter}${index}`)
);

/** How many daemons are asked at once. Each has a network of its own. */
const JOBS = Number(Deno.env.get("SLURM_EC2_ORACLE_JOBS") ?? 3);
/** Configurations in one room: a room's start costs as much as a daemon's. */
const PER_ROOM = 60;

/**
 * Starts slurmctld on each directory in turn until it runs or ends, and asks a running one what it made of its
 * configuration. Working directory is the configuration's: files that a value names relatively land there.
 */
const PROBE = `
cd "$1" || exit 1
mount --bind nsswitch.conf /etc/nsswitch.conf
from=$2 to=$3
while [ $from -lt $to ]; do
  cd "$1/$from"
  exec 3< <(exec slurmctld -D -c -f "$PWD/slurm.conf" 2>&1 </dev/null) 4>log
  pid=$! outcome=refuses spent=-1 silent=0
  while true; do
    read -t 4 -r line <&3
    code=$?
    if [ $code -gt 128 ]; then
      # On a busy machine it may have worked meanwhile, or wait for its turn.
      before=$spent spent=$(awk '{ print $14 + $15 }' /proc/$pid/stat)
      silent=$((silent + 1))
      [ "$spent" != "$before" ] && [ $silent -lt 5 ] && continue
      outcome=hangs
    fi
    [ $code -ne 0 ] && break
    silent=0
    printf '%s\\n' "$line" >&4
    case "$line" in *"Running as primary controller"*) outcome=starts; break ;; esac
  done
  # With a quiet log nothing tells that it runs.
  [ $outcome = hangs ] && SLURM_CONF="$PWD/slurm.conf" timeout 20 scontrol ping 2>&1 | grep -q " is UP" && outcome=starts
  if [ $outcome = starts ]; then
    printf 'show config\\nshow partition\\nshow node\\n' |
      SLURM_CONF="$PWD/slurm.conf" timeout 60 scontrol -o >shown 2>&1 &
    client=$!
    part=
    while kill -0 $client 2>/dev/null; do
      read -t 0.02 -r line <&3
      code=$?
      # What comes before the time is up is a part of a line.
      part=$part$line
      # A daemon that ends after all leaves its client trying.
      [ $code -gt 0 ] && [ $code -le 128 ] && outcome=refuses && kill $client 2>/dev/null && break
      [ $code -eq 0 ] && printf '%s\\n' "$part" >&4 && part=
    done
    printf '%s' "$part" >&4
    wait $client 2>/dev/null
  fi
  kill -9 $pid 2>/dev/null
  cat <&3 >&4
  exec 3<&- 4>&-
  wait $pid 2>/dev/null
  echo $outcome >outcome
  from=$((from + 1))
done
`;

/**
 * Asks the real slurmctld of a version what it makes of configurations: a process each, in a file tree, a process
 * space and a network that nothing else sees. About 0.05 s each.
 * `hosts` are the names that its name service knows.
 * @throws {Error} when that version is not installed, or this is not root.
 */
export async function askDaemon(
  version: SlurmVersion,
  configurations: readonly ConfFiles[],
  hosts: readonly string[] = HOSTS,
): Promise<Seen[]> {
  const root = rootOf(version);
  if (root === undefined) throw new Error(whyNoRig(version));
  const seen: Seen[] = [];
  const starts = Array.from(
    { length: Math.ceil(configurations.length / PER_ROOM) },
    (_, index) => index * PER_ROOM,
  );
  const worker = async () => {
    for (let start = starts.shift(); start !== undefined; start = starts.shift()) {
      const part = await askInRoom(root, configurations.slice(start, start + PER_ROOM), hosts);
      part.forEach((answer, index) => seen[start! + index] = answer);
    }
  };
  await Promise.all(Array.from({ length: JOBS }, worker));
  return seen;
}

async function askInRoom(
  root: string,
  configurations: readonly ConfFiles[],
  hosts: readonly string[],
): Promise<Seen[]> {
  const dir = await Deno.makeTempDir({ prefix: "slurm-ec2-oracle-" });
  try {
    await Deno.writeTextFile(
      `${dir}/hosts`,
      hosts.map((name) => `127.0.0.1 ${name}\n`).join("") + "127.0.0.1 localhost rig\n",
    );
    // Without it slurmctld asks the absent name server of an unknown name eleven times, a second apart.
    await Deno.writeTextFile(`${dir}/nsswitch.conf`, "passwd: files\ngroup: files\nhosts: files\n");
    for (const [index, files] of configurations.entries()) await writeFiles(`${dir}/${index}`, files);
    const room = await openRoom(root, `${dir}/hosts`, "own");
    try {
      const { code, stderr } = await room.run(
        ["/bin/bash", "-c", PROBE, "probe", dir, "0", String(configurations.length)],
        { timeout: 60 + 60 * configurations.length },
      );
      if (code !== 0) throw new Error(`The probe ended with ${code}: ${stderr}`);
    } finally {
      await room.close();
    }
    return await Promise.all(configurations.map((_, index) => readSeen(`${dir}/${index}`)));
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

async function writeFiles(dir: string, files: ConfFiles): Promise<void> {
  await Deno.mkdir(`${dir}/state`, { recursive: true });
  for (const [name, text] of Object.entries(files)) {
    if (name.includes("/")) await Deno.mkdir(`${dir}/${name.replace(/\/[^/]*$/, "")}`, { recursive: true });
    await Deno.writeTextFile(`${dir}/${name}`, text.replaceAll("%DIR%", dir));
  }
}

async function readSeen(dir: string): Promise<Seen> {
  const outcome = (await Deno.readTextFile(`${dir}/outcome`)).trim() as Seen["outcome"];
  const text = new TextDecoder("latin1").decode(await Deno.readFile(`${dir}/log`));
  const log = text.replaceAll(`${dir}/`, "").split("\n").map(bareLine).filter((line) => line !== "");
  return { outcome, log, shown: outcome === "starts" ? await readShown(dir) : "" };
}

/** A line of the log without the daemon's name and the time. */
function bareLine(line: string): string {
  return line.replace(/^slurmctld: |^\[[^\]]*\] /, "").trim();
}

async function readShown(dir: string): Promise<string> {
  const text = new TextDecoder("latin1").decode(await Deno.readFile(`${dir}/shown`));
  return text.replaceAll(`${dir}/`, "").replaceAll(dir, "%DIR%").replaceAll("scontrol: ", "");
}
