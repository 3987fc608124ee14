import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { type FakeNode, fakeSlurmd, withFakeNode } from "./fake_node.ts";
import { nodeUserData } from "./node_user_data.ts";

type Settings = Readonly<Record<string, string>>;

async function boot(
  settings: (dir: string) => Settings,
  prepare: (node: FakeNode) => void,
  judge: (node: FakeNode, booted: { code: number; said: string }) => void,
  limit = 60,
): Promise<void> {
  const userData = (dir: string) => nodeUserData({ settings: settings(dir) });
  await withFakeNode({ launchIndex: "0", userData }, async (node) => {
    prepare(node);
    judge(node, await node.run("boot", { SLURM_EC2_HEALTH_LIMIT: String(limit) }));
  });
}

const none = () => ({});
const conf = (dir: string) => ({ SLURM_CONF: `${dir}/slurm.conf` });
const withConf = (scontrol: string) => (node: FakeNode) => {
  node.write("slurm.conf", "");
  node.program("scontrol", scontrol);
};
/** Where slurmctld knows the node, and a start of slurmd comes to this. */
const withStart = (start: string) => (node: FakeNode) => {
  withConf("")(node);
  node.program("slurmd", fakeSlurmd(start));
};
const program = (name: string, body: string) => (node: FakeNode) => node.program(name, body);
const df = (path: string, kibibytes: number) =>
  program(
    "df",
    `[ "$3" = ${path} ] && free=${kibibytes} || free=9999999; printf 'Filesystem\\nx 1 1 %s 1%% /\\n' $free`,
  );
const TRACKING = (offset: string, leap = "Normal") =>
  `echo 'A9FEA97B,169.254.169.123,4,1764070000.1,${offset},0.0,0.0,1.0,0.0,0.0,0.0,0.0,16.0,${leap}'`;
const chrony = (offset: string, leap?: string) => program("chronyc", TRACKING(offset, leap));
/** A machine whose clock says another day. */
const wrongClock = program("date", 'case "$*" in +%s) echo 1000 ;; *) exec /bin/date "$@" ;; esac');

const UNHEALTHY: readonly (readonly [
  what: string,
  settings: (dir: string) => Settings,
  prepare: (node: FakeNode) => void,
  says: RegExp,
])[] = [
  [
    "a clock that chrony finds wrong",
    none,
    chrony("-3600.5"),
    /the clock is 3600 s off, .*; next step: see chronyc sources/,
  ],
  ["a clock that no chrony keeps", none, wrongClock, /the clock is \d+ s off/],
  [
    "a clock that chrony has not set yet",
    none,
    (node) => (chrony("0.0", "Not synchronised")(node), wrongClock(node)),
    /the clock is \d+ s off/,
  ],
  [
    "a full root",
    none,
    df("/", 50 * 1024),
    /\/ has 50 MiB left, less than 100; next step: give a larger rootVolume/,
  ],
  [
    "a full /var",
    () => ({ SPACE_MIN: "5000" }),
    df("/var", 4999 * 1024),
    /\/var has 4999 MiB left, less than 5000/,
  ],
  [
    "no scratch",
    () => ({ SCRATCH: "/nowhere/scratch" }),
    () => {},
    /\/nowhere\/scratch cannot be written; next step: .*\(SCRATCH\)/,
  ],
  ["a small scratch", (dir) => ({ SCRATCH: dir }), (node) => df(node.dir, 1024)(node), /has 1 MiB left/],
  [
    "a slurmd that does not run",
    none,
    program("slurmd", 'echo "error while loading shared libraries: libx.so" >&2; exit 127'),
    /slurmd does not run: error while loading .*libx\.so; next step: see its libraries/,
  ],
  [
    "a slurmd that hangs",
    none,
    (
      node,
    ) => (program("slurmd", "sleep 60")(node),
      program("timeout", 'shift 2; shift; exec /usr/bin/timeout -k 1 0.5 "$@"')(node)),
    /slurmd does not run: no answer within 20 s/,
  ],
  ["a slurmd that is something else", none, program("slurmd", "echo hello"), /slurmd does not run: hello/],
  [
    "a slurmd without its cgroup plugin",
    conf,
    withStart(`cat >&2 <<END
slurmd-c7i-0: error: Node configuration differs from hardware: CPUs=1:2(hw)
slurmd-c7i-0: error: Couldn't find the specified plugin name for cgroup/v2 looking at all files
slurmd-c7i-0: error: cannot find cgroup plugin for cgroup/v2
slurmd-c7i-0: error: cannot create cgroup context for cgroup/v2
slurmd-c7i-0: error: Unable to initialize cgroup plugin
slurmd-c7i-0: error: slurmd initialization failed
END
exit 1`),
    /slurmd cannot start: cannot find cgroup plugin for cgroup\/v2; next step: build Slurm with dbus-devel/,
  ],
  [
    "a slurmd of 26.05 without its cgroup plugin",
    conf,
    withStart(
      'echo "[2026-11-30T18:42:37.660] error: cannot create cgroup context for cgroup/v2" >&2; exit 1',
    ),
    /slurmd cannot start: slurmd -G ended with status 1; next step: build Slurm with dbus-devel/,
  ],
  [
    "a slurm.conf that slurmd can't start with",
    conf,
    withStart("exit 1"),
    /slurmd cannot start: slurmd -G ended with status 1; next step: run on such a node: .*slurmd -G -N c7i-0 -f /,
  ],
  [
    "a key that slurmctld does not take",
    conf,
    withConf('echo "slurm_load_node error: Zero Bytes were transmitted or received" >&2; exit 1'),
    /slurmctld does not take this node's munge credentials \(slurm_load_node error: Zero Bytes were transmitted or received\); next step: give the node the controller's munge key/,
  ],
  [
    "a key that slurmctld does not take, slurm.conf where slurmd looks by itself",
    none,
    (node) => {
      node.write("etc/slurm/slurm.conf", "");
      node.program("scontrol", 'echo "slurm_load_node error: Protocol authentication error" >&2; exit 1');
    },
    /does not take this node's munge credentials \(slurm_load_node error: Protocol authentication error\)/,
  ],
  [
    "a name that slurmctld does not know",
    conf,
    withConf("echo Node c7i-0 not found; exit 1"),
    /slurmctld knows no node c7i-0; next step: .*config render/,
  ],
  [
    "a site's check that fails",
    (dir) => ({ HEALTH: `${dir}/bin/check` }),
    program("check", 'echo "GPU 3 of $1 is gone"; exit 3'),
    /check finds this node unhealthy: GPU 3 of c7i-0 is gone; next step/,
  ],
  [
    "a site's check that says nothing",
    (dir) => ({ HEALTH: `${dir}/bin/check` }),
    program("check", "exit 3"),
    /unhealthy: status 3/,
  ],
  [
    "a site's check that hangs",
    (dir) => ({ HEALTH: `${dir}/bin/check` }),
    program("check", "sleep 60"),
    /unhealthy: no answer within 0\.5 s/,
  ],
  [
    "a site's check that is not there",
    () => ({ HEALTH: "/nowhere/check --fast" }),
    () => {},
    /\/nowhere\/check --fast cannot be run; next step: see HEALTH/,
  ],
];
for (const [what, settings, prepare, says] of UNHEALTHY) {
  Deno.test(`boot does not register a node with ${what}, and says so in one line`, () =>
    boot(settings, prepare, (node, { code, said }) => {
      assertEquals(code, 1, said);
      assertMatch(said, says);
      assertEquals(said.match(/boot failed/g)?.length, 1, said);
      assertEquals(node.recorded(), []);
      assertEquals([...Deno.readDirSync(`${node.dir}/run`)].some(({ name }) => name === "started"), false);
    }, what.endsWith("that hangs") ? 0.5 : 60));
}

const HEALTHY: readonly (readonly [string, (dir: string) => Settings, (node: FakeNode) => void])[] = [
  ["a clock that is a little off", none, chrony("59.9")],
  ["a clock that nobody can tell", none, (node) => (chrony("x")(node), program("date", "exit 1")(node))],
  ["a small disk that the site allows", () => ({ SPACE_MIN: "0" }), df("/tmp", 0)],
  ["a site's check that passes", (dir) => ({ HEALTH: `${dir}/bin/check` }), program("check", "")],
  [
    "a slurmd of Debian",
    none,
    program("slurmd", `[ "$1" = -V ] && echo slurm-wlm 24.05.3 || echo "slurmd $*" >>$record`),
  ],
  ["a slurmd that starts", conf, withStart("echo 'Gres Name=gpu Type= Count=1'")],
  ["a slurmd that waits for slurmctld", conf, withStart("exit 124")],
  ["a slurmctld that knows it", conf, withConf('[ "$*" = "-o show node c7i-0" ]')],
];
for (const [what, settings, prepare] of HEALTHY) {
  Deno.test(`boot registers a node with ${what}`, () =>
    boot(settings, prepare, (node, { code, said }) => {
      assertEquals(code, 0, said);
      assertEquals(node.recorded().length, 1);
      assertStringIncludes(node.read("run/node"), "\nSLURM_VERSION=24.05.3\n");
    }));
}

Deno.test("boot leaves it to slurmd to wait for a slurmctld that does not answer, and says so", () =>
  boot(
    conf,
    withConf('echo "Unable to contact slurm controller (connect failure)" >&2; exit 1'),
    (node, { code, said }) => {
      assertEquals(code, 0);
      assertStringIncludes(
        said,
        "slurm-ec2: slurmctld does not answer yet: Unable to contact slurm controller",
      );
      assertEquals(node.recorded().length, 1);
    },
  ));

Deno.test("boot fails with one line when /run is full", () =>
  boot(none, (node) => {
    node.write("run/node.new", "");
    Deno.removeSync(`${node.dir}/run/node.new`);
    Deno.symlinkSync("/dev/full", `${node.dir}/run/node.new`);
  }, (node, { code, said }) => {
    assertEquals(code, 1);
    assertMatch(
      said,
      /^slurm-ec2: boot failed: cannot write \S+\/run\/node; next step: see that \/run has room: df \/run$/m,
    );
    assertEquals(node.recorded(), []);
  }));
