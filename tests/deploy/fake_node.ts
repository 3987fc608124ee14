/** What the fake metadata service answers. */
export interface Metadata {
  /** Text by path below `/latest/`, besides what every instance has. */
  readonly more?: Readonly<Record<string, string>>;
  readonly launchIndex?: string;
  /** Text, or what makes it once the node has a directory. */
  readonly userData?: string | ((dir: string) => string);
  /** Requests answered with 503 before the service is ready. */
  readonly notReadyFor?: number;
}

/** A machine that is not one: a metadata service, a PATH with recording stand-ins, and a place for the boot script's files. */
export interface FakeNode {
  readonly dir: string;
  /** Runs a script of deploy/node with this node's surroundings; environment last. */
  run(
    script: "boot" | "guard" | "notice" | "names" | "prolog",
    env?: Readonly<Record<string, string>>,
  ): Promise<{ code: number; said: string }>;
  /** A file of the node, below its directory; made with the directories that it lies in. */
  write(path: string, text: string, mode?: number): void;
  read(path: string): string;
  /** Puts a stand-in for a program into PATH; the body is POSIX sh. */
  program(name: string, body: string): void;
  /** Lines that stand-ins wrote with `echo … >>$record`. */
  recorded(): string[];
}

const SCRIPTS = new URL("../../deploy/node/", import.meta.url).pathname;

/** Lends a node to a test and takes everything of it away afterwards. */
export async function withFakeNode(
  metadata: Metadata,
  use: (node: FakeNode) => Promise<void>,
): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "slurm-ec2-node-test-" });
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, imds(dir, metadata));
  try {
    await Deno.mkdir(`${dir}/bin`);
    await use(fakeNode(dir, `http://127.0.0.1:${server.addr.port}`));
  } finally {
    await server.shutdown();
    await Deno.remove(dir, { recursive: true });
  }
}

function fakeNode(dir: string, endpoint: string): FakeNode {
  const record = `${dir}/record`;
  const node: FakeNode = {
    dir,
    async run(script, env = {}) {
      const { code, stdout, stderr } = await new Deno.Command(`${SCRIPTS}${script}`, {
        clearEnv: true,
        env: {
          PATH: `${dir}/bin:/usr/bin:/bin`,
          SLURM_EC2_RUN_DIR: `${dir}/run`,
          SLURM_EC2_ETC: `${dir}/etc`,
          SLURM_EC2_PROC: `${dir}/proc`,
          SLURM_EC2_HOSTNAME: "keep",
          SLURM_EC2_MUNGE: "keep",
          AWS_EC2_METADATA_SERVICE_ENDPOINT: endpoint,
          ...env,
        },
        stdin: "null",
      }).output();
      return { code, said: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
    },
    write(path, text, mode = 0o644) {
      Deno.mkdirSync(`${dir}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
      Deno.writeTextFileSync(`${dir}/${path}`, text);
      Deno.chmodSync(`${dir}/${path}`, mode);
    },
    read: (path) => Deno.readTextFileSync(`${dir}/${path}`),
    program: (name, body) =>
      Deno.writeTextFileSync(`${dir}/bin/${name}`, `#!/bin/sh\nrecord=${record}\n${body}\n`, { mode: 0o755 }),
    recorded() {
      try {
        return Deno.readTextFileSync(record).trimEnd().split("\n");
      } catch (error) {
        if (error instanceof Deno.errors.NotFound) return [];
        throw error;
      }
    },
  };
  node.program("slurmd", fakeSlurmd());
  node.program("scontrol", "");
  node.program("getent", "");
  node.program("mount", MOUNT.replace("MOUNTINFO", `${dir}/proc/self/mountinfo`));
  node.write("etc/hosts", "127.0.0.1 localhost\n");
  Deno.mkdirSync(`${dir}/proc`, { recursive: true });
  Deno.symlinkSync("/proc/uptime", `${dir}/proc/uptime`);
  node.write("proc/self/mountinfo", "22 1 259:1 / / rw - xfs /dev/nvme0n1p1 rw\n");
  return node;
}

/** Mounts what it is asked to, read-only where the options say so. */
const MOUNT = `echo "mount $*" >>$record
while [ "$1" != -- ]; do
  case $1 in -t) type=$2 ;; -o) options=$2 ;; esac
  shift
done
case ,$options, in *,ro,*) access=ro ;; *) access=rw ;; esac
printf '30 22 0:50 / %s %s,relatime - %s %s %s\\n' "$(printf %s "$3" | sed 's/ /\\\\040/g')" $access $type "$2" $access >>MOUNTINFO`;

/** IMDSv2: nothing without a token, and the token by PUT only. */
function imds(
  dir: string,
  { launchIndex, userData, more = {}, notReadyFor = 0 }: Metadata,
): (request: Request) => Response {
  let refusals = notReadyFor;
  return (request) => {
    if (refusals-- > 0) return new Response("not yet", { status: 503 });
    const { pathname } = new URL(request.url);
    if (pathname === "/latest/api/token") {
      const ttl = request.headers.get("x-aws-ec2-metadata-token-ttl-seconds");
      return request.method === "PUT" && ttl ? new Response("the-token") : new Response("", { status: 400 });
    }
    if (request.headers.get("x-aws-ec2-metadata-token") !== "the-token") {
      return new Response("", { status: 401 });
    }
    const answers: Record<string, string | undefined> = {
      "/latest/meta-data/ami-launch-index": launchIndex,
      "/latest/meta-data/local-ipv4": "10.0.0.9",
      "/latest/meta-data/instance-id": "i-0123456789abcdef0",
      "/latest/user-data": typeof userData === "function" ? userData(dir) : userData,
      ...Object.fromEntries(Object.entries(more).map(([path, text]) => [`/latest/${path}`, text])),
    };
    const answer = answers[pathname];
    return answer === undefined ? new Response("not found", { status: 404 }) : new Response(answer);
  };
}

/**
 * A slurmd that says its version, knows `-G`, and otherwise writes down how it was started.
 * @param start What `slurmd -G`, most of a start, does: shell.
 */
export function fakeSlurmd(start = "true"): string {
  return `case $1 in
    -V) echo slurm 24.05.3 ;;
    -h) printf '%s\\n' 'Usage: slurmd [OPTIONS]' "   -G                         Print node's GRES configuration and exit." ;;
    -G) ${start} ;;
    *) echo "slurmd $*" >>$record ;;
  esac`;
}
