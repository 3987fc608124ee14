import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { parse } from "yaml";

const ROOT = new URL("../../", import.meta.url).pathname;

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly shell?: string;
  readonly env?: Readonly<Record<string, string>>;
}

interface Action {
  readonly inputs: Readonly<
    Record<string, { readonly description: string; readonly default?: string; readonly required?: boolean }>
  >;
  readonly runs: { readonly using: string; readonly steps: readonly Step[] };
}

interface Hook {
  readonly id: string;
  readonly entry: string;
  readonly language: string;
  readonly files: string;
  readonly exclude: string;
}

const action: Action = parse(await Deno.readTextFile(`${ROOT}deploy/action.yml`));
const [hook]: readonly Hook[] = parse(await Deno.readTextFile(`${ROOT}.pre-commit-hooks.yaml`));

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function run(
  command: string,
  args: readonly string[],
  cwd: string,
  env: Record<string, string> = {},
): Promise<Ran> {
  const { code, stdout, stderr } = await new Deno.Command(command, {
    args: [...args],
    cwd,
    env: { NO_COLOR: "1", ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  return { code, out: new TextDecoder().decode(stdout), err: new TextDecoder().decode(stderr) };
}

/** Runs the action's own script as GitHub does, with those inputs. */
async function runAction(
  cwd: string,
  inputs: Readonly<Record<string, string>>,
): Promise<Ran & { readonly output: string }> {
  const step = action.runs.steps.find(({ run }) => run !== undefined)!;
  const all: Record<string, string> = {};
  for (const [name, { default: value }] of Object.entries(action.inputs)) {
    all[name] = inputs[name] ?? value ?? "";
  }
  const env = Object.fromEntries(
    Object.entries(step.env!).map(([name, text]) => [
      name,
      text.replaceAll(/\$\{\{ inputs\.([\w-]+) \}\}/g, (_, input) => all[input]!)
        .replaceAll("${{ github.action_path }}", `${ROOT}deploy`),
    ]),
  );
  const output = `${cwd}/output`;
  await Deno.writeTextFile(output, "");
  await Deno.writeTextFile(`${cwd}/step.sh`, step.run!);
  // The options of `shell: bash`.
  const ran = await run("bash", ["--noprofile", "--norc", "-eo", "pipefail", `${cwd}/step.sh`], cwd, {
    ...env,
    GITHUB_OUTPUT: output,
  });
  return { ...ran, output: await Deno.readTextFile(output) };
}

async function withSite(test: (dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${dir}/slurm.conf`, "KillWait=x\nInclude nodes.conf\n");
    await Deno.writeTextFile(`${dir}/nodes.conf`, "NodeName=DEFAULT CPUs=y\n");
    await Deno.writeTextFile(`${dir}/fine.conf`, "KillWait=30\n");
    await test(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("action.yml says what each input is", () => {
  assertEquals(action.runs.using, "composite");
  for (const [name, input] of Object.entries(action.inputs)) {
    assert(input.description.length > 10, name);
    assert(input.required === true || input.default !== undefined, name);
  }
});

Deno.test("action.yml puts no input into a script", () => {
  for (const { run } of action.runs.steps) assert(!run?.includes("${{"), run);
});

Deno.test("action.yml annotates lines, those of included files too, and fails", () =>
  withSite(async (dir) => {
    const { code, out, err } = await runAction(dir, { files: "slurm.conf" });
    assertEquals([code, err], [3, ""]);
    assertMatch(out, /^::error file=slurm\.conf,line=1,/m);
    assertMatch(out, /^::error file=nodes\.conf,line=1,/m);
  }));

Deno.test("action.yml writes SARIF into a file, names it, and lets the next step upload it", () =>
  withSite(async (dir) => {
    const { code, out, output } = await runAction(dir, {
      files: "slurm.conf",
      format: "sarif",
      "slurm-version": "24.05",
    });
    assertEquals([code, out, output], [0, "", "sarif-file=slurm-conf.sarif\nexit-code=3\n"]);
    const log = JSON.parse(await Deno.readTextFile(`${dir}/slurm-conf.sarif`));
    assert(log.runs[0].results.length >= 2);
  }));

Deno.test("action.yml leaves no SARIF file when lint could not look, and fails", () =>
  withSite(async (dir) => {
    const unusable: Record<string, string>[] = [{ files: "missing.conf" }, {
      files: "fine.conf",
      "slurm-version": "1.0",
    }];
    for (const inputs of unusable) {
      const { code, output } = await runAction(dir, { ...inputs, format: "sarif" });
      assert(code !== 0 && code !== 3, String(code));
      assertEquals(output, "");
      assert(![...Deno.readDirSync(dir)].some(({ name }) => name === "slurm-conf.sarif"));
    }
  }));

Deno.test("action.yml takes several files and passes when there is nothing to find", () =>
  withSite(async (dir) => {
    await Deno.writeTextFile(`${dir}/gres.conf`, "# none\n");
    assertEquals((await runAction(dir, { files: "fine.conf\n gres.conf" })).code, 0);
  }));

Deno.test("action.yml runs nothing that an input says", () =>
  withSite(async (dir) => {
    const { code } = await runAction(dir, {
      files: "fine.conf;touch${IFS}owned $(touch owned)",
      "slurm-version": "24.05",
    });
    assert(code !== 0);
    assert(![...Deno.readDirSync(dir)].some(({ name }) => name === "owned"));
  }));

Deno.test(".pre-commit-hooks.yaml names a script that lints the files given", () =>
  withSite(async (dir) => {
    assertEquals(hook!.language, "script");
    const bad = await run(`${ROOT}${hook!.entry}`, ["slurm.conf", "nodes.conf"], dir);
    assertEquals(bad.code, 3);
    assertStringIncludes(bad.out, "slurm.conf:1:10: error CF005");
    assertEquals(
      (await run(`${ROOT}${hook!.entry}`, ["--slurm-version", "24.05", "fine.conf"], dir)).code,
      0,
    );
  }));

Deno.test(".pre-commit-hooks.yaml takes the files that config lint knows", () => {
  const takes = (path: string) => new RegExp(hook!.files).test(path) && !new RegExp(hook!.exclude).test(path);
  for (const path of ["slurm.conf", "etc/slurm.conf", "slurm_nodes.conf", "etc/gres.conf"]) {
    assert(takes(path), path);
  }
  for (const path of ["slurmdbd.conf", "cgroup.conf", "etc/topology.conf", "slurm.conf.bak"]) {
    assert(!takes(path), path);
  }
});
