/** A process that ran in a room. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a command is run in a room. */
export interface RunOptions {
  readonly user?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Seconds; then the command is killed and its code is 124 or 137. */
  readonly timeout?: number;
}

/** Where things are inside every room, whatever they are called outside. */
export const INSIDE = { checkout: "/media/checkout", deno: "/media/deno" } as const;

/**
 * A set of namespaces with a file tree of its own, in which a whole cluster lives: nothing in it is seen on the
 * machine, and ending its first process ends every other. `/tmp` is the machine's, the network as well unless
 * it is the room's own.
 */
export interface Room {
  /** Waits for the command to end. */
  run(argv: readonly string[], options?: RunOptions): Promise<Ran>;
  /** Leaves the command running; it ends with the room at the latest. */
  spawn(argv: readonly string[], options?: RunOptions): Deno.ChildProcess;
  close(): Promise<void>;
}

/**
 * `machine`: the loopback interface of the machine. `own`: nothing but a loopback interface, on which all of
 * 10.0.0.0/8 is at home, so that every node has an address of its own.
 */
export type RoomNetwork = "machine" | "own";

const CHECKOUT = new URL("../../", import.meta.url).pathname;
const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Mounts happen in the room's own mount namespace: they end with it, even if nobody is left to unmount them. */
const PREPARE = `
set -e
root=$1 hosts=$2 deno=$3 checkout=$4 network=$5
hostname rig
if [ "$network" = own ]; then
  ip link set lo up
  # getaddrinfo(3) finds nothing where there are loopback addresses only (AI_ADDRCONFIG).
  ip address add 10.255.255.254/32 dev lo
  ip route add local 10.0.0.0/8 dev lo
fi
[ "$root" = / ] && root=
mount -t tmpfs tmpfs "$root/media"
mkdir "$root/media/checkout"
touch "$root/media/deno"
mount --bind "$deno" "$root/media/deno"
mount --bind "$checkout" "$root/media/checkout"
mount -o remount,bind,ro "$root/media/checkout"
[ -e "$root/etc/hosts" ] || touch "$root/etc/hosts"
mount --bind "$hosts" "$root/etc/hosts"
if [ -n "$root" ]; then
  mount --rbind /dev "$root/dev"
  mount --bind /tmp "$root/tmp"
fi
mount -t proc proc "$root/proc"
exec chroot "$root/" /bin/sh -c 'echo ready; while :; do sleep 3600 & wait; done'
`;

/**
 * Opens a room over a file tree: `/` for the machine's own, else a folder made by debootstrap.
 * @throws {Error} when namespaces or mounts are refused: it takes root.
 */
export async function openRoom(root: string, hosts: string, network: RoomNetwork = "machine"): Promise<Room> {
  const holder = new Deno.Command("unshare", {
    // deno-fmt-ignore
    args: [
      "--mount", "--propagation", "private", "--pid", "--uts", ...(network === "own" ? ["--net"] : []),
      "--fork", "--kill-child", "--",
      "/bin/sh", "-c", PREPARE, "room", root, hosts, Deno.execPath(), CHECKOUT, network,
    ],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const close = async () => {
    try {
      holder.kill("SIGKILL");
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // it has ended already
    }
    await holder.status;
    await Promise.allSettled([holder.stdout.cancel(), holder.stderr.cancel()]);
  };
  const first = await firstLine(holder.stdout);
  if (first !== "ready") {
    const { code } = await holder.status;
    throw new Error(
      `Cannot open a room over ${root}: code ${code}: ${await new Response(holder.stderr).text()}`,
    );
  }
  const enter = await enterArguments(holder.pid);
  return {
    run: (argv, options) => output(command(enter, argv, options)),
    spawn: (argv, options) => command(enter, argv, options).spawn(),
    close,
  };
}

/** The first line of a stream, which stays open; empty when the stream ends before it. */
export async function firstLine(stream: ReadableStream<Uint8Array>): Promise<string> {
  const reader = stream.getReader();
  let text = "";
  while (!text.includes("\n")) {
    const { value, done } = await reader.read();
    if (done) break;
    text += new TextDecoder().decode(value);
  }
  reader.releaseLock();
  return text.split("\n")[0]!;
}

/** unshare itself stays outside; its only child is the room's first process. */
async function enterArguments(unsharePid: number): Promise<string[]> {
  const child = (await Deno.readTextFile(`/proc/${unsharePid}/task/${unsharePid}/children`)).trim();
  return ["--target", child, "--mount", "--pid", "--uts", "--net", "--root", "--wd", "--"];
}

function command(enter: readonly string[], argv: readonly string[], options: RunOptions = {}): Deno.Command {
  const { user = "root", env = {}, timeout } = options;
  const limit = timeout === undefined ? [] : ["timeout", "--kill-after=1", String(timeout)];
  const as = user === "root" ? [] : ["setpriv", `--reuid=${user}`, `--regid=${user}`, "--clear-groups"];
  return new Deno.Command("nsenter", {
    args: [...enter, ...limit, ...as, ...argv],
    clearEnv: true,
    env: { PATH, HOME: "/tmp", LC_ALL: "C", ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
}

async function output(command: Deno.Command): Promise<Ran> {
  const { code, stdout, stderr } = await command.output();
  return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}

/** Removes a directory that a process of the room, which is being ended, may still write to. */
export async function removeTree(directory: string): Promise<void> {
  for (let tries = 0;; tries++) {
    try {
      return await Deno.remove(directory, { recursive: true });
    } catch (error) {
      if (tries > 600 || !String(error).includes("not empty")) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
