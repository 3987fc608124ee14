import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { checkJson } from "../check_output.ts";
import { configLint } from "../../../commands/config/lint.ts";
import { CommandError, parseFlags, UsageError } from "../../../commands/base/command.ts";
import type { Host, Output } from "../../../commands/base/host.ts";
import { realHost } from "../../../commands/base/real_host.ts";
import { runCommandLine } from "../../../commands/run_command_line.ts";

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** Files written, by path. */
  readonly written: Readonly<Record<string, string>>;
}

/** Runs `config lint` on files in memory. Anything else of the host throws. */
async function lint(files: Readonly<Record<string, string | Uint8Array>>, ...args: string[]): Promise<Ran> {
  return await lintOn({ isTerminal: false }, files, ...args);
}

async function lintOn(
  terminal: { readonly isTerminal: boolean; readonly noColor?: boolean },
  files: Readonly<Record<string, string | Uint8Array>>,
  ...args: string[]
): Promise<Ran> {
  let [out, err] = ["", ""];
  const written: Record<string, string> = {};
  const output = (write: (text: string) => void): Output => ({
    write,
    isTerminal: terminal.isTerminal,
    columns: 80,
  });
  const host = {
    stdout: output((text) => out += text),
    stderr: output((text) => err += text),
    noColor: terminal.noColor ?? false,
    configs: new Map(),
    files: {
      read(path: string) {
        const text = files[path];
        if (text === undefined) throw new Deno.errors.NotFound(path);
        return typeof text === "string" ? new TextEncoder().encode(text) : text;
      },
      writeText: (path: string, text: string) => written[path] = text,
    },
  } as unknown as Host;
  const code = await configLint.run(host, parseFlags(configLint, args));
  checkJson(["config", "lint", ...args], out);
  return { code, out, err, written };
}

const TWICE = "ClusterName=c\nResumeRate=2 # old\nResumeRate=2\n";

Deno.test("config lint exits 0 when nothing is found", { permissions: "none" }, async () => {
  const { code, out, err } = await lint({ "nodes.conf": "# nothing here\n" }, "nodes.conf");
  assertEquals([code, out, err], [0, "Nothing found\n", ""]);
});

Deno.test("config lint exits 0 when there are only remarks", { permissions: "none" }, async () => {
  const { code, out } = await lint({ "nodes.conf": "# nothing\nKillWait=30\\" }, "nodes.conf");
  assertStringIncludes(out, "info CF009");
  assertEquals(code, 0);
});

Deno.test("config lint exits 3 on a warning and on an error", { permissions: "none" }, async () => {
  const warning = await lint({ "a.conf": "KillWait=1\nKillWait=2\n" }, "a.conf");
  assertStringIncludes(warning.out, "a.conf:1:1: warning SC013");
  assertEquals(warning.code, 3);
  assertEquals((await lint({ "a.conf": "KillWait=x\n" }, "a.conf")).code, 3);
});

Deno.test("config lint checks a file that another given one includes only as its part", {
  permissions: "none",
}, async () => {
  const files = { "slurm.conf": "Include nodes.conf\n", "nodes.conf": "KillWait=x\n" };
  const { out } = await lint(files, "--json", "nodes.conf", "slurm.conf", "nodes.conf");
  assertEquals(JSON.parse(out).filter(({ rule }: { rule: string }) => rule === "CF005").length, 1);
});

Deno.test("config lint reads gres.conf next to slurm.conf and alone", { permissions: "none" }, async () => {
  const files = { "slurm.conf": "KillWait=3\n", "gres.conf": "Name=gpu File=/dev/nvidia0\n= 1\n" };
  for (const args of [["gres.conf"], ["slurm.conf", "gres.conf"]]) {
    const { out } = await lint(files, ...args);
    assertStringIncludes(out, "gres.conf:2:1: error CF004");
  }
});

Deno.test(
  "config lint says the range of releases unless one is asked for",
  { permissions: "none" },
  async () => {
    const files = { "a.conf": "Prolog=/a\nProlog=/b\n" };
    assertStringIncludes((await lint(files, "a.conf")).out, "(Slurm 23.11 and older)");
    assert(!(await lint(files, "--slurm-version", "22.05.8", "a.conf")).out.includes("(Slurm"));
    assertEquals((await lint(files, "--slurm-version", "26.05", "a.conf")).code, 0);
    const two = await lint(files, "--slurm-version", "22.05,26.05", "a.conf");
    assertStringIncludes(two.out, "(Slurm 22.05)");
  },
);

Deno.test(
  "config lint takes the release from the configuration it is given",
  { permissions: "none" },
  async () => {
    const config = [
      "cluster: c",
      "region: us-east-1",
      "slurm: { version: '26.05' }",
      "defaults: { os: { distribution: Rocky, version: '9' }, architecture: x86_64 }",
      "nodeGroups:",
      "  - { name: g, nodes: 'c[0-1]', instanceTypes: [c7i.large], subnets: [subnet-0123456789abcdef0] }",
      "partitions: [{ name: p, nodeGroups: [g] }]",
      "",
    ].join("\n");
    const files = { "a.conf": "Prolog=/a\nProlog=/b\n", "s.yaml": config };
    assertEquals((await lint(files, "--config", "s.yaml", "a.conf")).code, 0);
    assertEquals((await lint(files, "--config", "s.yaml", "--slurm-version", "22.05", "a.conf")).code, 3);
  },
);

Deno.test(
  "config lint --json prints an array even when nothing is found",
  { permissions: "none" },
  async () => {
    assertEquals((await lint({ "a.conf": "" }, "--json", "a.conf")).out, "[]\n");
    assertEquals((await lint({ "a.conf": "" }, "--format", "json", "a.conf")).out, "[]\n");
  },
);

Deno.test("config lint --format sarif and github print theirs", { permissions: "none" }, async () => {
  const files = { "a.conf": "KillWait=x\n" };
  assertEquals(JSON.parse((await lint(files, "--format", "sarif", "a.conf")).out).runs[0].results.length, 1);
  assertStringIncludes(
    (await lint(files, "--format", "github", "a.conf")).out,
    "::error file=a.conf,line=1,",
  );
});

Deno.test(
  "config lint --fix writes safe edits, shows them and keeps comments",
  { permissions: "none" },
  async () => {
    const { out, written } = await lint({ "a.conf": `# top\n${TWICE}` }, "--fix", "a.conf");
    assertEquals(written, {
      "a.conf.bak": `# top\n${TWICE}`,
      "a.conf": "# top\nClusterName=c\nResumeRate=2\n",
    });
    assertStringIncludes(out, "-ResumeRate=2 # old\n");
    assertStringIncludes(out, "1 file changed, previous in .bak");
    assert(!out.includes("SC013"));
  },
);

Deno.test("config lint --fix fixes included files too", { permissions: "none" }, async () => {
  const files = { "s.conf": "Include x.conf\nKillWait=2\n", "x.conf": "KillWait=2\n# keep\n" };
  assertEquals((await lint(files, "--fix", "s.conf")).written, {
    "x.conf.bak": "KillWait=2\n# keep\n",
    "x.conf": "# keep\n",
  });
});

Deno.test("config lint --fix --dry-run writes nothing", { permissions: "none" }, async () => {
  const { out, written } = await lint({ "a.conf": TWICE }, "--fix", "--dry-run", "a.conf");
  assertEquals(written, {});
  assertStringIncludes(out, "-ResumeRate=2 # old\n");
});

Deno.test("config lint --fix --json keeps standard output JSON", { permissions: "none" }, async () => {
  const { out, err } = await lint({ "a.conf": TWICE }, "--fix", "--json", "a.conf");
  assert(Array.isArray(JSON.parse(out)));
  assertStringIncludes(err, "-ResumeRate=2 # old\n");
});

Deno.test("config lint --fix makes no unsafe edit", { permissions: "none" }, async () => {
  const text = "SlurmctldParameters=a\\\nResumeProgram=/x\n";
  const { out, written } = await lint({ "a.conf": text }, "--fix", "a.conf");
  assertEquals(written, {});
  assertStringIncludes(out, "CF008");
});

Deno.test("config lint --fix leaves a file alone that is not UTF-8", { permissions: "none" }, async () => {
  const latin1 = new Uint8Array([...new TextEncoder().encode(TWICE), 35, 0xE4, 10]);
  const error = await assertRejects(() => lint({ "a.conf": latin1 }, "--fix", "a.conf"), CommandError);
  assertStringIncludes(error.message, "not UTF-8");
});

/** What `--fix` makes of files; nothing is written where it is undefined. */
const KEPT: readonly {
  readonly what: string;
  readonly files: Readonly<Record<string, string>>;
  readonly fixed?: string;
}[] = [
  {
    what: "a file that is included twice",
    files: {
      "s.conf": "ClusterName=c\nInclude x.conf\n# between\nInclude x.conf\n",
      "x.conf": "ResumeProgram=/a\nSlurmctldParameters=idle_on_node_suspend\n",
    },
    fixed: "ClusterName=c\nInclude x.conf\n# between\n",
  },
  {
    what: "a file that is included twice under two names",
    files: {
      "s.conf": "Include x.conf\nInclude ./x.conf\n",
      "x.conf": "KillWait=40\nNodeName=c1 State=CLOUD\n",
      "./x.conf": "KillWait=40\nNodeName=c1 State=CLOUD\n",
    },
    fixed: "Include x.conf\n",
  },
  {
    what: "a file that includes a file, included twice",
    files: {
      "s.conf": "Include x.conf\nInclude x.conf\n",
      "x.conf": "Include y.conf\n",
      "y.conf": "KillWait=4\n",
    },
    fixed: "Include x.conf\n",
  },
  {
    what: "a file that is included twice, with a key that the line between sets too",
    files: { "s.conf": "Include x.conf\nKillWait=9\nInclude x.conf\n", "x.conf": "KillWait=4\n" },
  },
  {
    what: "a list that is appended to",
    files: {
      "s.conf":
        "SlurmctldParameters=idle_on_node_suspend,enable_configless\nSlurmctldParameters+=max_powered_nodes=3\n",
    },
  },
  {
    what: "a list whose words the last line lacks",
    files: { "s.conf": "SchedulerParameters=bf_interval=10\nSchedulerParameters=salloc_wait_nodes\n" },
  },
  {
    what: "a policy that the last line changes",
    files: { "s.conf": "ReturnToService=1\nReturnToService=2\n" },
  },
  {
    what: "two values on a record's line",
    files: { "s.conf": "NodeName=c1 State=CLOUD Weight=1 Weight=2\n" },
  },
];

for (const { what, files, fixed } of KEPT) {
  Deno.test(`config lint --fix loses nothing of ${what}`, { permissions: "none" }, async () => {
    const { written } = await lint(files, "--fix", "s.conf");
    assertEquals(
      written,
      fixed === undefined ? {} : { "s.conf.bak": files["s.conf"]!, "s.conf": fixed },
    );
  });
}

Deno.test("config lint names += as what Slurm doesn't have", { permissions: "none" }, async () => {
  const text = "DebugFlags=Power\nDebugFlags+=Steps\n";
  const { out } = await lint({ "a.conf": text }, "a.conf");
  assertStringIncludes(
    out,
    'lacks "Power"; write DebugFlags=Steps,Power there and remove this line, or remove the words that you ' +
      'don\'t want; slurm.conf has no "+=", Slurm takes it for "="',
  );
});

Deno.test("config lint shows a changed policy as old → new", { permissions: "none" }, async () => {
  const { out } = await lint({ "a.conf": "ReturnToService=1\nReturnToService=2\n" }, "a.conf");
  assertStringIncludes(out, "that value wins, this one is ignored (1 → 2)");
});

Deno.test(
  "config lint uses colours on a terminal only, and not against NO_COLOR",
  { permissions: "none" },
  async () => {
    const files = { "a.conf": TWICE };
    const hasColor = ({ out }: Ran) => out.includes("\x1b[");
    assert(hasColor(await lintOn({ isTerminal: true }, files, "a.conf")));
    assert(!hasColor(await lintOn({ isTerminal: true, noColor: true }, files, "a.conf")));
    assert(!hasColor(await lintOn({ isTerminal: false }, files, "a.conf")));
  },
);

Deno.test("config lint says the same twice", { permissions: "none" }, async () => {
  const files = { "a.conf": "NodeName=c[0-9] State=CLOUD\nKillWait=x\nBogus=1\n", "gres.conf": "= 1\n" };
  const once = await lint(files, "--json", "a.conf", "gres.conf");
  assertEquals((await lint(files, "--json", "a.conf", "gres.conf")).out, once.out);
});

Deno.test("config lint --explain and --rules need no file", { permissions: "none" }, async () => {
  assertStringIncludes((await lint({}, "--explain", "sc013")).out, "SC013: Same key twice");
  assertStringIncludes((await lint({}, "--explain", "CF010")).out, "Suppression without use");
  const { code, out } = await lint({}, "--rules");
  assertEquals(code, 0);
  const ids = out.trimEnd().split("\n").map((line) => line.slice(0, 5));
  assertEquals(ids, [...new Set(ids)].sort());
  assert(ids.includes("CF001") && ids.includes("SC013"));
});

const USAGE: readonly (readonly [args: readonly string[], message: string])[] = [
  [[], "needs a file"],
  [["--format", "xml", "a.conf"], 'Unknown value of --format: "xml"; it takes text, json, sarif, github'],
  [["--json", "--format", "sarif", "a.conf"], "exclude each other"],
  [["--slurm-version", "19.05", "a.conf"], "Unknown Slurm version"],
  [
    ["--explain", "SC999"],
    'Unknown value of --explain: "SC999"; slurm-ec2 config lint --rules lists them',
  ],
  [
    ["--explain", "SCC013"],
    'Unknown value of --explain: "SCC013" (did you mean SC013?); slurm-ec2 config lint --rules lists them',
  ],
  [["--dry-run", "a.conf"], "--fix"],
  [["/etc/slurm/cgroup.conf"], "not /etc/slurm/cgroup.conf"],
  [["missing.conf"], "there is no such file"],
  [["--fix", "missing.conf"], "there is no such file"],
];

for (const [args, message] of USAGE) {
  Deno.test(`config lint ${args.join(" ")} is a usage error`, { permissions: "none" }, async () => {
    const error = await assertRejects(() => lint({ "a.conf": "" }, ...args), UsageError);
    assertStringIncludes(error.message, message);
  });
}

/** Runs the real program with those permissions and no others; nothing may be asked. */
async function program(permissions: readonly string[], ...args: string[]): Promise<Ran> {
  const main = new URL("../../../main.ts", import.meta.url).pathname;
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--cached-only", ...permissions, main, "config", "lint", ...args],
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  return { code, out: new TextDecoder().decode(stdout), err: new TextDecoder().decode(stderr), written: {} };
}

async function withDirectory(test: (dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    await test(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("config lint runs with permission to read its file and no other", () =>
  withDirectory(async (dir) => {
    const file = `${dir}/slurm.conf`;
    await Deno.writeTextFile(file, `${TWICE}Include ${dir}/other.conf\n`);
    await Deno.writeTextFile(`${dir}/other.conf`, "KillWait=x\n");
    const { code, out, err } = await program([`--allow-read=${file}`], "--json", file);
    assertEquals([code, err], [3, ""]);
    const found: readonly { readonly rule: string; readonly message: string }[] = JSON.parse(out);
    assert(found.some(({ rule }) => rule === "SC013"));
    const include = found.find(({ rule }) => rule === "CF002");
    assertStringIncludes(include!.message, "without permission");
    const both = await program([`--allow-read=${file},${dir}/other.conf`], "--json", file);
    assert(JSON.parse(both.out).some(({ rule }: { rule: string }) => rule === "CF005"));
  }));

Deno.test("config lint tells of a directory and of a file without permission", () =>
  withDirectory(async (dir) => {
    const directory = await program([`--allow-read=${dir}`], dir);
    assertEquals(directory.code, 2);
    assertStringIncludes(directory.err, "it is a directory");
    const denied = await program([], `${dir}/slurm.conf`);
    assertEquals(denied.code, 1);
    assertStringIncludes(denied.err, "without that permission");
  }));

Deno.test("config lint --fix keeps the file's mode, and a link a link", () =>
  withDirectory(async (dir) => {
    await Deno.writeTextFile(`${dir}/real.conf`, TWICE, { mode: 0o640 });
    await Deno.chmod(`${dir}/real.conf`, 0o640);
    await Deno.symlink(`${dir}/real.conf`, `${dir}/slurm.conf`);
    await program([`--allow-read=${dir}`, `--allow-write=${dir}`], "--fix", `${dir}/slurm.conf`);
    assertEquals(await Deno.readTextFile(`${dir}/real.conf`), "ClusterName=c\nResumeRate=2\n");
    assertEquals((await Deno.stat(`${dir}/real.conf`)).mode! & 0o777, 0o640);
    assert((await Deno.lstat(`${dir}/slurm.conf`)).isSymlink);
    assertEquals(await Deno.readTextFile(`${dir}/slurm.conf.bak`), TWICE);
    assertEquals((await Deno.stat(`${dir}/slurm.conf.bak`)).mode! & 0o777, 0o640);
    assertEquals([...Deno.readDirSync(dir)].map(({ name }) => name).sort(), [
      "real.conf",
      "slurm.conf",
      "slurm.conf.bak",
    ]);
  }));

Deno.test("config lint does not load the AWS SDK, YAML, the schema or the diff library", async () => {
  const loaded = [...await staticModules("main.ts"), ...await staticModules("commands/config/lint.ts")];
  assert(loaded.some((specifier) => specifier.endsWith("lib/slurm_conf/parse.ts")));
  assert(loaded.some((specifier) => specifier.endsWith("commands/registry.ts")));
  assertEquals(loaded.filter((specifier) => /^npm:.*(aws|smithy|yaml|valibot|diff)/.test(specifier)), []);
  assertEquals(loaded.filter((specifier) => /_client\.ts$/.test(specifier)), []);
});

interface Graph {
  readonly roots: readonly string[];
  readonly modules: readonly Module[];
}

interface Module {
  readonly specifier: string;
  readonly dependencies?: readonly {
    readonly isDynamic?: boolean;
    readonly code?: { readonly specifier: string };
  }[];
}

/** What is loaded before anything is asked for: import() left out. */
async function staticModules(path: string): Promise<string[]> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", new URL(`../../../${path}`, import.meta.url).pathname],
    stdout: "piped",
    stderr: "inherit",
  }).output();
  const { roots, modules }: Graph = JSON.parse(new TextDecoder().decode(stdout));
  const bySpecifier = new Map(modules.map((module) => [module.specifier, module]));
  const seen = new Set<string>();
  const queue = [...roots];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    for (const { isDynamic, code } of bySpecifier.get(next)?.dependencies ?? []) {
      if (!isDynamic && code !== undefined) queue.push(code.specifier);
    }
  }
  return [...seen];
}

Deno.test("config lint turns a broken flag into exit status 2", async () => {
  let err = "";
  const host: Host = {
    ...realHost(),
    stderr: { write: (text) => err += text, isTerminal: false, columns: 80 },
  };
  assertEquals(await runCommandLine(host, ["config", "lint", "--fomat", "json", "x"]), 2);
  assertStringIncludes(err, "did you mean --format");
});

Deno.test(
  "config lint names the Include line of a file of 100 MB and reads on",
  { permissions: "none" },
  async () => {
    const files = {
      "slurm.conf": "ClusterName=c\nInclude  huge.conf\nResumeRate=x\n",
      "huge.conf": new Uint8Array(100_000_000).fill("#".charCodeAt(0)),
    };
    const { code, out } = await lint(files, "--json", "slurm.conf");
    const found = (JSON.parse(out) as Record<string, unknown>[])
      .map(({ rule, file, line, column }) => [rule, `${file}:${line}:${column}`]);
    assertEquals([code, found], [3, [["CF001", "slurm.conf:2:10"], ["CF005", "slurm.conf:3:12"]]]);
  },
);
