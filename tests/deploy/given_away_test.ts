import { assert, assertEquals, assertMatch } from "@std/assert";
import { WORLD } from "../../lib/sim/fresh_world.ts";
import { serveAws, type WireAws } from "../../lib/sim/wire/server.ts";
import { builtFile, installBuilt } from "../fixtures/built_file.ts";
import { hookBundle } from "../fixtures/hook_bundle.ts";
import { atTerminal } from "../fixtures/terminal.ts";
import { missingPrograms, takesRoot, testWhere } from "../test_where.ts";

const NEEDS = missingPrograms("script", "stty");
/** The number of a user without a home. */
const NOBODY = "65534";

/** Longer than a bar waits before it shows itself. */
const LATENCY = 400;

/** Each command with a bar: the file that shows it, its words, what it exits with and says, and whether the bar is due. */
const COMMANDS: readonly {
  readonly file: string;
  readonly argv: readonly string[];
  readonly code: number;
  readonly says: RegExp;
  readonly bar?: RegExp;
}[] = [
  {
    file: "install/install.ts",
    argv: ["install", "--config", "slurm-ec2.yaml", "--prefix", "@WORK@/other", "--dry-run"],
    code: 0,
    says: /would|nothing was changed|dry run/i,
  },
  {
    file: "doctor/doctor.ts",
    argv: ["doctor", "--only", "clock"],
    code: 0,
    says: /clock/,
    bar: /examining /,
  },
  {
    file: "ssm/put.ts",
    argv: ["ssm", "put", "--key-pair", WORLD.keyName],
    code: 0,
    says: /SlurmNodeEc2KeyPairs/,
    bar: /asking AWS /,
  },
  {
    file: "ssm/diff.ts",
    argv: ["ssm", "diff", "--from-prefix", "old", "--from-spelling", "SlurmNodeAmi"],
    code: 3,
    says: /extra|missing/,
    bar: /asking AWS /,
  },
  { file: "ssm/validate.ts", argv: ["ssm", "validate"], code: 0, says: /SlurmNodeAmi/, bar: /asking AWS / },
  {
    file: "config/render.ts",
    argv: ["config", "render", "--slurm-version", "24.05", "--aws"],
    // The simulator has no prices.
    code: 1,
    says: /GetProducts failed: UnknownOperationException/,
    bar: /asking AWS /,
  },
  {
    file: "config/lint.ts",
    argv: ["config", "lint", ...Array.from({ length: 30 }, (_, index) => `parts/${index}.conf`)],
    code: 3,
    says: /SlurmdTimeuot/,
  },
  // Where no hook has run yet there is nothing to attribute, so sacct isn't asked.
  { file: "see/cost.ts", argv: ["cost"], code: 1, says: /state\.db: the controller has not run/ },
  {
    file: "simulate/demo_story.ts",
    argv: ["demo"],
    code: 0,
    says: /nothing is left running/,
    bar: /booting /,
  },
];

let work = "";
let aws: WireAws;

Deno.test.beforeAll(async () => {
  if (NEEDS !== undefined) return;
  work = await Deno.makeTempDir({ dir: "/var/tmp", prefix: "slurm-ec2-given-" });
  await Deno.chmod(work, 0o755);
  aws = serveAws({ parameters: PARAMETERS, latencyMs: LATENCY });
  await Deno.mkdir(`${work}/a blank é/parts`, { recursive: true });
  await Deno.writeTextFile(`${work}/a blank é/slurm-ec2.yaml`, site(aws.url));
  for (let index = 0; index < 30; index++) {
    await Deno.writeTextFile(`${work}/a blank é/parts/${index}.conf`, "ClusterName=c\nSlurmdTimeuot=3\n");
  }
  await Deno.copyFile(await builtFile(), `${work}/a blank é/slurm-ec2`);
  await Deno.symlink(await hookBundle(), `${work}/a blank é/bundle`);
  await installBuilt(await builtFile(), `${work}/prefix`);
});

/** What programs make in /var/tmp for a user without a home, and was there before these tests. */
const temporary = () =>
  [...Deno.readDirSync("/var/tmp")].map(({ name }) => name).filter((name) =>
    /^slurm-ec2-(?:cache-)?\d+/.test(name)
  );
const before = new Set(temporary());

Deno.test.afterAll(async () => {
  if (work === "") return;
  for (const name of temporary().filter((name) => !before.has(name))) {
    await Deno.remove(`/var/tmp/${name}`, { recursive: true });
  }
  await aws.close();
  await Deno.remove(work, { recursive: true });
});

const PARAMETERS = {
  [`/old/SlurmNodeAmi/Rocky/9/x86_64/${WORLD.region}`]: WORLD.imageIds.x86_64,
  [`/site/SlurmNodeAmi/Rocky/9/x86_64/${WORLD.region}`]: WORLD.imageIds.x86_64,
  [`/site/SlurmNodeEc2KeyPairs/${WORLD.region}`]: WORLD.keyName,
  [`/site/SlurmNodeSecurityGroups/${WORLD.region}`]: WORLD.securityGroupId,
};

function site(url: string): string {
  const endpoints = ["ec2", "ssm", "sts", "pricing"].map((service) => `${service}: "${url}"`).join(", ");
  return `cluster: site
region: ${WORLD.region}
aws: { endpoints: { ${endpoints} } }
stateDir: ${work}/state
logFile: ${work}/log
defaults: { os: { distribution: Rocky, version: "9" }, architecture: x86_64 }
nodeGroups:
  - { name: c, nodes: "c-[0-9]", instanceTypes: [c7i.large], subnets: [${WORLD.subnetIds[0]}] }
partitions:
  - { name: cloud, nodeGroups: [c] }
`;
}

/** The programs that are given away, as they are called; @BLANK@ is a directory with a blank in its name. */
const PROGRAMS = [
  { name: "the portable file", argv: ["@BLANK@/slurm-ec2"], env: () => ({}) },
  { name: "the installed program", argv: ["@WORK@/prefix/bin/slurm-ec2"], env: () => ({}) },
  {
    name: "the hooks' bundle",
    argv: ["@BLANK@/bundle/deno", "run", "-A", "--no-config", "@BLANK@/bundle/main.js"],
    // As the hooks start it: a person who runs Deno without a home hears of that from Deno.
    env: (own: string) => ({ DENO_DIR: `${own}/deno` }),
  },
] as const;

/** What surrounds the program: each occurs with each program. */
const SURROUNDINGS = [
  { umask: "022", home: true },
  { umask: "077", home: false },
  { umask: "027", home: true },
] as const;

for (const [place, program] of PROGRAMS.entries()) {
  for (const [turn, command] of COMMANDS.entries()) {
    // Every command with every program, and in each of the surroundings with one of them.
    const surroundings = SURROUNDINGS[(place + turn) % SURROUNDINGS.length]!;
    const { umask, home } = surroundings;
    testWhere(
      NEEDS,
      `${program.name} runs ${command.argv.slice(0, 2).join(" ")} at a terminal: umask ${umask}, ${
        home ? "" : "no "
      }HOME`,
      () => runs(program, command, surroundings),
    );
  }
  for (const user of [undefined, NOBODY]) {
    testWhere(
      takesRoot(NEEDS ?? missingPrograms("setpriv")),
      `${program.name} runs ssm validate at a terminal as ${
        user === undefined ? "root" : "nobody"
      } without HOME`,
      () =>
        runs(program, COMMANDS.find(({ file }) => file === "ssm/validate.ts")!, {
          umask: "077",
          home: false,
          ...(user !== undefined && { user }),
        }),
    );
  }
}

async function runs(
  { argv, env }: (typeof PROGRAMS)[number],
  command: (typeof COMMANDS)[number],
  { umask, home, user }: { readonly umask: string; readonly home: boolean; readonly user?: string },
): Promise<void> {
  const place = (word: string) => word.replace("@BLANK@", `${work}/a blank é`).replace("@WORK@", work);
  const own = await Deno.makeTempDir({ dir: work, prefix: "own-" });
  if (user !== undefined) await Deno.chown(own, Number(user), Number(user));
  const { code, said } = await atTerminal([...argv, ...command.argv].map(place), {
    umask,
    cwd: `${work}/a blank é`,
    env: {
      AWS_ACCESS_KEY_ID: "a",
      AWS_SECRET_ACCESS_KEY: "b",
      NO_COLOR: "1",
      ...env(own),
      ...(home && { HOME: own }),
    },
    ...(user !== undefined && { user }),
  });
  assertEquals(code, command.code, said.slice(0, 2000));
  assertMatch(said, command.says);
  if (command.bar !== undefined) assertMatch(said, command.bar);
  for (const noise of [/Uncaught|TypeError|Internal error/, /Failed to open cache file/]) {
    assert(!noise.test(said), said.slice(0, 2000));
  }
}

Deno.test("every file that shows a bar is run at a terminal above", () => {
  const showing = [...sources(new URL("../../commands/", import.meta.url))]
    .filter((url) => /\b(?:progressBar|callsBar)\(/.test(Deno.readTextFileSync(url)))
    .map((url) => url.pathname.replace(/^.*\/commands\//, ""))
    .filter((name) => !name.endsWith("/progress.ts"));
  assertEquals(showing.sort(), COMMANDS.map(({ file }) => file).sort());
});

function* sources(directory: URL): Generator<URL> {
  for (const { name, isDirectory } of Deno.readDirSync(directory)) {
    if (isDirectory) yield* sources(new URL(`${name}/`, directory));
    else if (name.endsWith(".ts")) yield new URL(name, directory);
  }
}
