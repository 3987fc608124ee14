import { assert, assertEquals } from "@std/assert";
import { builtFile, installBuilt } from "../fixtures/built_file.ts";
import { type HookName, type HookSite, makeHookSite, prepareNodes } from "../fixtures/hook_site.ts";
import { parseTrace, started, traced, type TracedCall, written } from "../fixtures/trace.ts";
import { expandHostlist } from "../../lib/slurm/hostlist.ts";
import { Queue } from "../../lib/store/queue.ts";
import { missingPrograms, takesRoot, testWhere } from "../test_where.ts";

/** Whom the hooks run as: SlurmUser where there is one. */
const USER = "slurm";

/** How a site may have the program. */
const KINDS = [
  "the checkout's bundle",
  "the built file, installed",
  "the built file next to the hooks",
] as const;
type Kind = typeof KINDS[number];

interface Audited {
  readonly hook: HookName;
  readonly calls: readonly TracedCall[];
  /** Permissions that Deno was asked for: kind and value. */
  readonly asked: readonly (readonly [kind: string, value: string])[];
  /** What Deno was started with. */
  readonly flags: Readonly<Record<string, readonly string[]>>;
}

/** A site whose files belong to SlurmUser where hooks write, and to root elsewhere; its hooks' directory. */
async function prepare(site: HookSite, kind: Kind): Promise<string> {
  for (const path of [site.stateDir, `${site.dir}/audit`]) await Deno.mkdir(path);
  await Deno.writeTextFile(`${site.dir}/log`, "");
  await Deno.chmod(site.dir, 0o755);
  await run([
    "chown",
    "-R",
    USER,
    site.stateDir,
    `${site.dir}/audit`,
    `${site.dir}/log`,
    `${site.dir}/slurm`,
  ]);
  const settings = await Deno.readTextFile(`${site.dir}/etc/hooks.env`);
  const without = (keys: string) => settings.replaceAll(new RegExp(`^SLURM_EC2_(?:${keys})=.*\n`, "gm"), "");
  if (kind === "the checkout's bundle") {
    // Deno as prepare copied it: this process's own may lie where SlurmUser can't go.
    await Deno.writeTextFile(`${site.dir}/etc/hooks.env`, without("DENO"));
    return `${site.dir}/bin`;
  }
  const prefix = `${site.dir}/prefix`;
  if (kind === "the built file, installed") await installBuilt(await builtFile(), prefix);
  else {
    for (const name of ["bin", "etc"]) await Deno.mkdir(`${prefix}/${name}`, { recursive: true });
    await run(["cp", "-a", `${site.dir}/bin/.`, `${prefix}/bin`]);
    await Deno.copyFile(await builtFile(), `${prefix}/bin/slurm-ec2`);
  }
  await Deno.copyFile(`${site.dir}/etc/slurm-ec2.yaml`, `${prefix}/etc/slurm-ec2.yaml`);
  await Deno.writeTextFile(`${prefix}/etc/hooks.env`, without("MAIN|DENO"));
  return `${prefix}/bin`;
}

async function run(argv: readonly string[], options: Deno.CommandOptions = {}): Promise<void> {
  const [program, ...args] = argv;
  const { code, stderr } = await new Deno.Command(program!, { args, stdin: "null", ...options }).output();
  assertEquals(code, 0, `${argv.join(" ")}: ${new TextDecoder().decode(stderr)}`);
}

/** Calls a hook as slurmctld does, and looks at everything that it does. */
async function audit(site: HookSite, bin: string, hook: HookName, hostlist: string): Promise<Audited> {
  prepareNodes(site.slurmctld, hook, expandHostlist(hostlist));
  return await watch(site, { hook, name: hook, argv: [`${bin}/${hook}`, "--json", hostlist] });
}

/** Runs a program of the hooks as SlurmUser, in the foreground, and reads what it did. */
async function watch(
  site: HookSite,
  { hook, name, argv }: { readonly hook: HookName; readonly name: string; readonly argv: readonly string[] },
): Promise<Audited> {
  const [trace, asked] = [`${site.dir}/audit/${name}.trace`, `${site.dir}/audit/${name}.jsonl`];
  await run(
    ["setpriv", `--reuid=${USER}`, `--regid=${USER}`, "--clear-groups"].concat(traced(trace, argv)),
    {
      clearEnv: true,
      env: { SLURM_CONF: `${site.dir}/slurm.conf`, DENO_AUDIT_PERMISSIONS: asked, PATH: "/usr/bin:/bin" },
      cwd: "/",
    },
  );
  const calls = parseTrace(await Deno.readTextFile(trace));
  const lines = (await Deno.readTextFile(asked)).trim().split("\n").map((line) => JSON.parse(line));
  return {
    hook,
    calls,
    asked: lines.map(({ permission, value }) => [permission, String(value)]),
    flags: flagsOf(started(calls)),
  };
}

/** Has the worker serve a request, as the timer starts it, and looks at everything that it does. */
async function auditWorker(site: HookSite, bin: string, kind: HookName, hostlist: string): Promise<Audited> {
  prepareNodes(site.slurmctld, kind, expandHostlist(hostlist));
  new Queue(site.stateDir).add({
    kind,
    hostlist,
    uptime: undefined,
    bootId: undefined,
    resumeFile: undefined,
  });
  await run(["chown", "-R", USER, site.stateDir]);
  return await watch(site, { hook: kind, name: `worker-${kind}`, argv: [`${bin}/supervisor`, "--timer"] });
}

/** Grants of the one Deno that ran the program. */
function flagsOf(programs: readonly (readonly string[])[]): Record<string, readonly string[]> {
  const [deno, ...more] = programs.filter((argv) => argv[1] === "run" && /\/deno$/.test(argv[0]!));
  assert(deno !== undefined && more.length === 0, "one Deno runs");
  const end = deno.findIndex((word) => word.endsWith("/main.js"));
  assertEquals(deno.slice(0, end).filter((word) => /^-A$|^--allow-\w+$/.test(word)), [], "a bare grant");
  return Object.fromEntries(
    deno.slice(0, end).flatMap((word) => {
      const [, kind, list] = /^--allow-(\w+)=(.*)$/.exec(word) ?? [];
      return kind === undefined ? [] : [[kind, list!.split(",")]];
    }),
  );
}

const NOT_HERE = takesRoot(missingPrograms("setpriv", "strace") ?? missingUser(USER));

function missingUser(name: string): string | undefined {
  const { success } = new Deno.Command("getent", { args: ["passwd", name], stdout: "null" }).outputSync();
  return success ? undefined : `no user ${name}`;
}

/** Whether a grant covers what was asked for. */
function covers(kind: string, grant: string, value: string): boolean {
  if (kind === "env") return grant.endsWith("*") ? value.startsWith(grant.slice(0, -1)) : grant === value;
  if (kind !== "read" && kind !== "write") return grant === value;
  const path = new URL(`file://${grant}`).pathname;
  return value === path || value.startsWith(`${path}/`);
}

/** Variables that are asked for and, by --ignore-env, answered with nothing. */
const NOT_SET = /^(?:USERPROFILE|HOMEPATH|HOMEDRIVE|_X_AMZN_TRACE_ID)$/;

/** Grants that no run here uses, with the sites that need them. */
const USED_ELSEWHERE: readonly (readonly [kind: string, grant: RegExp, why: string])[] = [
  ["net", /^(?:ec2|ssm|sts)\.us-east-1\.(?:amazonaws\.com|api\.aws):443$/, "no endpoint is configured"],
  ["net", /^169\.254\.169\.254:80$/, "credentials are the instance's role"],
  ["net", /^\[fd00:ec2::254\]:80$/, "the same over IPv6"],
  ["env", /^NODE_USE_ENV_PROXY$/, "there is a proxy: Deno's own part of Node looks at it"],
  ["env", /^(?:TMPDIR|TERM|NODE_EXTRA_CA_CERTS)$/, "the launcher's list is one for all commands"],
  ["sys", /^(?:uid|homedir)$/, "HOME is unset: the launcher's list is one for all commands"],
  [
    "run",
    /^\/(?:usr\/bin|usr\/local\/bin|opt\/slurm\/bin|usr\/local\/slurm\/bin)\/scontrol$/,
    "scontrol lies there",
  ],
];

for (const kind of KINDS) {
  testWhere(
    NOT_HERE,
    `hooks of ${kind} ask for no more than their flags, need every flag, and write nowhere else`,
    async () => {
      await using site = await makeHookSite({ nodes: "c[0-9]" });
      const bin = await prepare(site, kind);
      const runs = [
        await audit(site, bin, "resume", "c[0-1]"),
        await audit(site, bin, "stop", "c0"),
        await audit(site, bin, "resume-fail", "c1"),
      ];
      assertEquals(site.live().size, 0, site.log());
      for (const run of runs) staysWithinFlags(run);
      needsEveryFlag(runs);
      for (const run of runs) staysInItsPlaces(run, site);
    },
  );
}

testWhere(
  NOT_HERE,
  "worker of the checkout's bundle asks for no more than its flags, which are the commands', and writes nowhere else",
  async () => {
    await using site = await makeHookSite({ nodes: "c[0-9]" });
    const bin = await prepare(site, "the checkout's bundle");
    const runs = [
      await auditWorker(site, bin, "resume", "c[0-1]"),
      await auditWorker(site, bin, "stop", "c0"),
      await auditWorker(site, bin, "resume-fail", "c1"),
    ];
    assertEquals(site.live().size, 0, site.log());
    const command = await audit(site, bin, "stop", "c2");
    for (const run of runs) {
      staysWithinFlags(run);
      assertEquals(run.flags, command.flags, "the worker's flags");
      staysInItsPlaces(run, site, SUPERVISOR);
    }
  },
);

/** What the supervisor runs while its worker lives, and after it. */
const SUPERVISOR: readonly string[] = ["sleep", "tr", "rmdir", "flock"];

function staysWithinFlags({ hook, asked, flags }: Audited): void {
  const beyond = asked.filter(([kind, value]) =>
    !(flags[kind] ?? []).some((grant) => covers(kind, grant, value)) &&
    !(kind === "env" && NOT_SET.test(value)) &&
    // Whether the log is a link is looked at where that is allowed; hooks only write it.
    !(kind === "read" && value.endsWith("/log"))
  );
  assertEquals(beyond, [], `${hook} asks for more than it was granted`);
}

function needsEveryFlag(runs: readonly Audited[]): void {
  const asked = runs.flatMap(({ asked }) => asked);
  // Deno's audit leaves out programs: the trace has them.
  const programs = runs.flatMap(({ calls }) => started(calls)).map(([program]) => ["run", program!] as const);
  const surplus = runs.flatMap(({ flags }) => Object.entries(flags)).flatMap(([kind, grants]) =>
    grants.filter((grant) =>
      ![...asked, ...programs].some(([one, value]) => one === kind && covers(kind, grant, value))
    )
      .map((grant) => [kind, grant] as const)
  ).filter(([kind, grant]) => !USED_ELSEWHERE.some(([one, pattern]) => one === kind && pattern.test(grant)));
  assertEquals([...new Set(surplus.map((one) => one.join(" ")))], [], "granted, and never used");
}

/** What the scontrol of {@link HookSite} runs itself. */
const FIXTURE: readonly string[] = ["/bin/cat"];

function staysInItsPlaces(
  { hook, calls }: Audited,
  { dir, stateDir }: HookSite,
  others: readonly string[] = [],
): void {
  const places = [
    stateDir,
    `${dir}/log`,
    `${dir}/deno`,
    `${dir}/audit`,
    "/dev/null",
    "/dev/tty",
    "/proc/self",
  ];
  // Where the supervisor remembers that a state could not be kept.
  const distrust = new RegExp(`^/dev/shm/slurm-ec2-\\d+${stateDir.replaceAll("/", "-")}$`);
  const outside = written(calls).filter((path) =>
    !(others.length > 0 && distrust.test(path)) &&
    !places.some((place) => path === place || path.startsWith(`${place}/`))
  );
  assertEquals(outside, [], `${hook} writes outside of its places`);
  // What comes after Deno's own start, it has started: a slurmctld of the test's own answers through a script.
  const programs = started(calls).map(([program]) => program!);
  const own = programs.slice(programs.findLastIndex((program) => program.endsWith("/deno")) + 1);
  const foreign = own.filter((program) =>
    program !== `${dir}/slurm/scontrol` && ![...FIXTURE, ...others].includes(program)
  );
  assertEquals(foreign, [], `${hook} starts other programs`);
}
