const PROVISION = new URL("../../deploy/ami/provision", import.meta.url).pathname;

/** What a machine is before it becomes an image. */
export interface Machine {
  /** `ID` and `VERSION_ID` of /etc/os-release. */
  readonly os: readonly [id: string, version: string];
  /** As `uname -m` says it. */
  readonly machine?: "x86_64" | "aarch64";
  /** Further files below the machine's root, text by path. */
  readonly files?: Readonly<Record<string, string>>;
}

interface Outcome {
  readonly code: number;
  readonly said: string;
}

/** A machine that is not one: a directory for a root, and stand-ins for what changes a system. */
export interface FakeImage {
  readonly root: string;
  /** Options that give it a boot script, whatever deploy/node holds. */
  readonly node: readonly string[];
  run(...args: readonly string[]): Promise<Outcome>;
  /** A run that a test can stop. */
  start(...args: readonly string[]): { kill(signal: Deno.Signal): void; readonly ended: Promise<Outcome> };
  /** Puts a stand-in for a program into PATH; the body is POSIX sh, `$root` and `$record` are set. */
  program(name: string, body: string): void;
  /** Commands that stand-ins were called with since the last time. */
  recorded(): string[];
  read(path: string): string;
  write(path: string, text: string, mode?: number): void;
  exists(path: string): boolean;
}

/** Lends a machine to a test and takes everything of it away afterwards. */
export async function withFakeImage(
  machine: Machine,
  use: (image: FakeImage) => Promise<void>,
): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "slurm-ec2-image-test-" });
  try {
    const image = fakeImage(dir);
    fill(image, dir, machine);
    await use(image);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

function fakeImage(dir: string): FakeImage {
  const root = `${dir}/root`;
  const record = `${dir}/record`;
  const start = (args: readonly string[]) => {
    const child = new Deno.Command(PROVISION, {
      args: [...args],
      clearEnv: true,
      env: { PATH: `${dir}/bin:/usr/bin:/bin`, SLURM_EC2_IMAGE_ROOT: root, SLURM_EC2_RETRY_PAUSE: "0" },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const ended = child.output().then(({ code, stdout, stderr }) => ({
      code,
      said: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr),
    }));
    return { kill: (signal: Deno.Signal) => child.kill(signal), ended };
  };
  return {
    root,
    node: ["--node", `${dir}/node`],
    run: (...args) => start(args).ended,
    start: (...args) => start(args),
    program: (name, body) =>
      writeFile(`${dir}/bin/${name}`, `#!/bin/sh\nroot=${root}\nrecord=${record}\n${body}\n`, 0o755),
    recorded() {
      const lines = exists(record) ? Deno.readTextFileSync(record).trimEnd().split("\n") : [];
      if (lines.length > 0) Deno.removeSync(record);
      return lines;
    },
    read: (path) => Deno.readTextFileSync(root + path),
    write: (path, text, mode = 0o644) => writeFile(root + path, text, mode),
    exists: (path) => exists(root + path),
  };
}

function fill(image: FakeImage, dir: string, { os, machine = "x86_64", files = {} }: Machine): void {
  image.write("/etc/os-release", `ID="${os[0]}"\nVERSION_ID="${os[1]}"\n`);
  image.write("/etc/passwd", "root:x:0:0:root:/root:/bin/bash\nsshd:x:74:74::/:/sbin/nologin\n");
  image.write("/etc/group", "root:x:0:\nsshd:x:74:\n");
  for (const [path, text] of Object.entries(files)) image.write(path, text);
  for (const name of ["boot", "guard", "notice", "names", "prolog"]) {
    writeFile(`${dir}/node/${name}`, "#!/bin/sh\n", 0o755);
  }
  for (const part of ["node", "mounts", "resolve", "accounts", "munge", "health"]) {
    writeFile(`${dir}/node/${part}.sh`, "#!/bin/sh\n", 0o644);
  }
  for (const name of ["slurm-ec2-node.service", "slurm-ec2-guard.service", "README.md"]) {
    writeFile(`${dir}/node/${name}`, `${name}\n`, 0o644);
  }
  for (const [name, body] of Object.entries(PROGRAMS)) image.program(name, `${RECORD}\n${body}`);
  image.program("uname", `echo ${machine}`);
  image.program("id", "echo 0");
  image.program("systemctl", SYSTEMCTL);
  image.program("slurmd", "echo slurm 24.05.3");
  for (const name of ["munged", "munge", "mount.nfs", "chronyd", "nft", "curl"]) image.program(name, "");
}

const RECORD = `echo "\${0##*/} $*" >>$record`;

/** The real program, on the machine's own files. */
const ON_ROOT = 'exec "/usr/sbin/${0##*/}" --prefix "$root" "$@"';

const PROGRAMS: Readonly<Record<string, string>> = {
  dnf: "",
  crb: "",
  "cloud-init": "",
  restorecon: "",
  ldd: "",
  setsebool: "touch $root/sebool",
  getsebool: "[ -e $root/sebool ] && echo 'use_nfs_home_dirs --> on' || echo 'use_nfs_home_dirs --> off'",
  groupadd: ON_ROOT,
  groupmod: ON_ROOT,
  useradd: ON_ROOT,
  usermod: ON_ROOT,
};

/** Units are enabled that have a file in `units`; munge and slurmd come disabled from their packages. */
const SYSTEMCTL = `mkdir -p $root/units
case $1 in
  is-enabled) [ -e $root/units/$2 ] && echo enabled || { echo disabled; exit 1; } ;;
  enable) echo "systemctl $*" >>$record; touch $root/units/$2 ;;
  disable) echo "systemctl $*" >>$record; rm -f $root/units/$2 ;;
esac`;

function writeFile(path: string, text: string, mode: number): void {
  Deno.mkdirSync(path.replace(/\/[^/]*$/, ""), { recursive: true });
  Deno.writeTextFileSync(path, text);
  Deno.chmodSync(path, mode);
}

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
