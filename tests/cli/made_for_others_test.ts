import { assert, assertEquals } from "@std/assert";
import { missingPrograms, testWhere } from "../test_where.ts";

const ROOT = decodeURIComponent(new URL("../../", import.meta.url).pathname);
const INIT = [
  "config",
  "init",
  "--cluster",
  "chip",
  "--region",
  "eu-west-1",
  "--subnet",
  "subnet-0123456789abcdef0",
];

/** A command that writes what others read, and what is to be there afterwards, by path below its directory. */
const WRITERS: readonly (readonly [
  name: string,
  argv: (directory: string) => readonly string[],
  made: readonly string[],
])[] = [
  ["config init", (dir) => [...INIT, "--output", `${dir}/made.yaml`], ["made.yaml", "slurm-ec2.schema.json"]],
  [
    "config render --out",
    (
      dir,
    ) => [
      "config",
      "render",
      "--config",
      `${dir}/site.yaml`,
      "--slurm-version",
      "24.05",
      "--out",
      `${dir}/a/b`,
    ],
    ["a", "a/b", "a/b/power_save.conf", "a/b/slurm_nodes.conf"],
  ],
  ["config schema", (dir) => ["config", "schema", "--output", `${dir}/schema.json`], ["schema.json"]],
  ["schema --out", (dir) => ["schema", "--out", `${dir}/schemas`], ["schemas", "schemas/doctor.json"]],
];

for (const umask of [0o022, 0o027, 0o077]) {
  Deno.test(`what commands write under umask ${umask.toString(8)} can be read by other users`, async () => {
    const directory = await Deno.makeTempDir({ prefix: "slurm-ec2-others-" });
    const before = Deno.umask(umask);
    try {
      await Deno.chmod(directory, 0o755);
      await command([...INIT, "--output", `${directory}/site.yaml`]);
      for (const [name, argv, made] of WRITERS) {
        await command(argv(directory));
        for (const path of made) {
          const { mode, isDirectory } = Deno.statSync(`${directory}/${path}`);
          assertEquals((mode! & 0o777).toString(8), isDirectory ? "755" : "644", `${name}: ${path}`);
        }
      }
    } finally {
      Deno.umask(before);
      await Deno.remove(directory, { recursive: true });
    }
  });
}

Deno.test("config render --out leaves the mode of a file that is there as the site made it", async () => {
  const directory = await Deno.makeTempDir({ prefix: "slurm-ec2-others-" });
  try {
    await command([...INIT, "--output", `${directory}/site.yaml`]);
    await Deno.mkdir(`${directory}/conf`, { mode: 0o710 });
    await Deno.writeTextFile(`${directory}/conf/power_save.conf`, "# old\n", { mode: 0o640 });
    await command([
      ...["config", "render", "--config", `${directory}/site.yaml`, "--slurm-version", "24.05", "--force"],
      ...["--out", `${directory}/conf`],
    ]);
    for (const [path, mode] of [["conf", 0o710], ["conf/power_save.conf", 0o640]] as const) {
      assertEquals(Deno.statSync(`${directory}/${path}`).mode! & 0o777, mode, path);
    }
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

testWhere(
  missingPrograms("cp"),
  "deploy/hooks/prepare makes dist and all in it readable for SlurmUser under umask 077",
  async () => {
    const directory = await Deno.makeTempDir({ prefix: "slurm-ec2-others-" });
    const before = Deno.umask(0o077);
    try {
      await run(`${ROOT}deploy/hooks/prepare`, [`${directory}/dist/hooks`]);
      for (const path of ["dist", "dist/hooks", "dist/hooks/main.js", "dist/hooks/deno"]) {
        const { mode, isDirectory } = Deno.statSync(`${directory}/${path}`);
        const wanted = isDirectory || path.endsWith("deno") ? 0o555 : 0o444;
        assert((mode! & wanted) === wanted, `${path}: ${(mode! & 0o777).toString(8)}`);
      }
    } finally {
      Deno.umask(before);
      await Deno.remove(directory, { recursive: true });
    }
  },
);

async function command(argv: readonly string[]): Promise<void> {
  await run(Deno.execPath(), [
    "run",
    "-A",
    "--frozen",
    "--config",
    `${ROOT}deno.json`,
    `${ROOT}main.ts`,
    ...argv,
  ]);
}

async function run(program: string, args: readonly string[]): Promise<void> {
  const { code, stdout, stderr } = await new Deno.Command(program, { args: [...args], stdin: "null" })
    .output();
  const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  assertEquals(code, 0, `${args.join(" ")}\n${said.slice(-1000)}`);
}
