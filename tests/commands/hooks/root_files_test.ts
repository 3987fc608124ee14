import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { CommandError } from "../../../commands/base/command.ts";
import { effectivePermissions, type Grants } from "../../../commands/base/effective_permissions.ts";
import type { Permissions } from "../../../commands/base/permissions.ts";
import { HOOK_PERMISSIONS } from "../../../commands/hooks/hook_parts.ts";
import { makeOwnStateDir } from "../../../commands/hooks/own_state_dir.ts";
import { REGISTRY } from "../../../commands/registry.ts";
import { parseConfig } from "../../../lib/config/parse.ts";
import { takesRoot, testWhere } from "../../test_where.ts";

const ROOT = new URL("../../../", import.meta.url).pathname;
const NOT_ROOT = takesRoot();

/** SlurmUser's number, for example. */
const OWNER = 64999;

interface Site {
  readonly dir: string;
  /** What a command that needs this may do here. */
  grants(permissions: Permissions): Grants;
  /** Runs a command with what it may do on this site, and no more. */
  run(
    ...args: string[]
  ): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }>;
}

/** Runs a test where stateDir and the log's directory belong to this user. */
async function withSite(
  owner: number,
  test: (site: Site) => Promise<void>,
  { stateDir = "state", more = "" } = {},
): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "slurm-ec2-root-files-" });
  try {
    const file = `${dir}/slurm-ec2.yaml`;
    const text = `cluster: c
region: eu-west-1
stateDir: ${dir}/${stateDir}
logFile: ${dir}/logs/slurm-ec2.log
defaults: { os: { distribution: Rocky, version: "9" }, architecture: x86_64 }
nodeGroups: [{ name: g, nodes: "g-[0-9]", instanceTypes: [c7i.large], subnets: [subnet-0123456789abcdef0] }]
partitions: [{ name: p, nodeGroups: [g] }]
${more}`;
    await Deno.writeTextFile(file, text);
    await Deno.chmod(dir, 0o755);
    for (const name of ["state", "logs"]) {
      await Deno.mkdir(`${dir}/${name}`, { mode: 0o755 });
      if (Deno.uid() === 0) await Deno.chown(`${dir}/${name}`, owner, owner);
    }
    const config = parseConfig(text, file);
    const grants = (permissions: Permissions) =>
      effectivePermissions(permissions, { config, configFile: file, env: () => undefined });
    await test({
      dir,
      grants,
      async run(...args) {
        const { permissions } = await REGISTRY[args[0]!]!.load();
        const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
          args: [
            ...["run", "--quiet", "--no-prompt", "--no-check", "--cached-only", "--frozen"],
            ...flagsOf(grants(permissions)),
            `${ROOT}main.ts`,
            ...[...args, "--config", file],
          ],
          stdin: "null",
        }).output();
        const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
        return { code, stdout: decode(stdout), stderr: decode(stderr) };
      },
    });
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

function flagsOf(grants: Grants): string[] {
  return Object.entries(grants).filter(([, grant]) => grant !== "none")
    .map(([kind, grant]) => grant === "any" ? `--allow-${kind}` : `--allow-${kind}=${grant}`);
}

/** Everything below a directory and whose it is, without what SQLite makes and removes again. */
function owners(dir: string): Record<string, number> {
  const found: Record<string, number> = {};
  for (const { name, isDirectory } of Deno.readDirSync(dir)) {
    const path = `${dir}/${name}`;
    found[name] = Deno.lstatSync(path).uid!;
    if (isDirectory) {
      for (const [below, uid] of Object.entries(owners(path))) found[`${name}/${below}`] = uid;
    }
  }
  return found;
}

for (const args of [["pause"], ["unpause", "g"], ["reset", "g"]]) {
  testWhere(
    NOT_ROOT,
    `${args[0]} with its own permissions leaves nothing of root's in SlurmUser's directories`,
    () =>
      withSite(OWNER, async ({ dir, run }) => {
        const { code, stderr } = await run(...args);
        assertEquals([code, stderr], [0, ""]);
        const [state, logs] = [owners(`${dir}/state`), owners(`${dir}/logs`)];
        for (const name of ["queue", "state.db", "worker.lock"]) assertEquals(name in state, true, name);
        assertEquals(logs, { "slurm-ec2.log": OWNER });
        assertEquals(Object.entries(state).filter(([, uid]) => uid !== OWNER), []);
        assertEquals(Deno.statSync(`${dir}/logs/slurm-ec2.log`).mode! & 0o7777, 0o640);
      }),
  );
}
testWhere(
  NOT_ROOT,
  "events, queue and log that root writes with a hook's permissions are SlurmUser's",
  () =>
    withSite(OWNER, async ({ dir, grants }) => {
      const script = `
        import { eventWriter } from "${ROOT}lib/events/write.ts";
        import { fileLog } from "${ROOT}lib/base/file_log.ts";
        import { Queue } from "${ROOT}lib/store/queue.ts";
        const [state, log] = Deno.args;
        const fail = (why) => { throw new Error(why); };
        fileLog(log, { ownerOf: state, fallback: fail }).close();
        const none = { uptime: undefined, bootId: undefined, resumeFile: undefined };
        new Queue(state).add({ kind: "stop", hostlist: "g-0", ...none });
        const options = { path: state + "/events.jsonl", run: "r", cluster: "c", now: Date.now, warn: fail };
        const { write, close } = eventWriter(options);
        write({ kind: "pause", nodeGroup: "g" });
        await close();
      `;
      await Deno.writeTextFile(`${dir}/script.ts`, script);
      const { code, stderr } = await new Deno.Command(Deno.execPath(), {
        args: [
          ...["run", "--quiet", "--no-prompt", "--no-check", "--cached-only", "--no-lock"],
          ...[`--config=${ROOT}deno.json`, ...flagsOf(grants(HOOK_PERMISSIONS))],
          ...[`${dir}/script.ts`, `${dir}/state`, `${dir}/logs/slurm-ec2.log`],
        ],
        stdin: "null",
      }).output();
      assertEquals([code, new TextDecoder().decode(stderr)], [0, ""]);
      const all = { ...owners(`${dir}/state`), ...owners(`${dir}/logs`) };
      assertEquals(
        Object.keys(all).map((name) => name.replace(/stop\..*/, "stop")).sort(),
        ["events.jsonl", "queue", "queue/stop", "slurm-ec2.log"],
      );
      assertEquals(Object.entries(all).filter(([, uid]) => uid !== OWNER), []);
    }),
);

testWhere(
  NOT_ROOT,
  "pause with its own permissions writes through no link of SlurmUser's to another's file",
  () =>
    withSite(OWNER, async ({ dir, run }) => {
      await Deno.writeTextFile(`${dir}/secret`, "root's\n", { mode: 0o600 });
      await Deno.symlink(`${dir}/secret`, `${dir}/logs/slurm-ec2.log`);
      await new Deno.Command("chown", { args: ["-h", String(OWNER), `${dir}/logs/slurm-ec2.log`] }).output();
      const { code, stderr } = await run("pause");
      assertEquals(code, 0, stderr);
      assertStringIncludes(stderr, `Can't write the log file "${dir}/logs/slurm-ec2.log"`);
      const { uid, mode } = Deno.statSync(`${dir}/secret`);
      assertEquals([uid, mode! & 0o7777], [0, 0o600]);
      assertEquals(await Deno.readTextFile(`${dir}/secret`), "root's\n");
    }),
);

Deno.test("pause with its own permissions makes files of the user that runs it", () =>
  withSite(Deno.uid()!, async ({ dir, run }) => {
    const { code, stdout, stderr } = await run("pause", "--json");
    assertEquals([code, stderr, JSON.parse(stdout).changed], [0, "", true]);
    const all = [...Object.values(owners(`${dir}/state`)), ...Object.values(owners(`${dir}/logs`))];
    assertEquals(new Set(all), new Set([Deno.uid()]));
  }));

for (const args of [["pause"], ["reset", "g"]]) {
  testWhere(
    NOT_ROOT,
    `${args[0]} makes no stateDir of root's, and says how to make one`,
    () =>
      withSite(OWNER, async ({ dir, run }) => {
        const { code, stdout, stderr } = await run(...args);
        assertEquals([code, stdout], [1, ""]);
        assertStringIncludes(stderr, `State directory ${dir}/none does not exist`);
        assertStringIncludes(stderr, "run slurm-ec2 install");
        assertStringIncludes(stderr, `install -d -m 0750 -o slurm ${dir}/none`);
        assertEquals([...Deno.readDirSync(dir)].map(({ name }) => name).sort(), [
          ...["logs", "slurm-ec2.yaml", "state"],
        ]);
        assertEquals(owners(`${dir}/logs`), {});
      }, { stateDir: "none" }),
  );
}

testWhere(
  NOT_ROOT,
  "pause makes a stateDir of root's where the hooks run as root",
  () =>
    withSite(OWNER, async ({ dir, run }) => {
      const { code, stderr } = await run("pause");
      assertEquals([code, stderr], [0, ""]);
      assertEquals(Deno.statSync(`${dir}/none`).uid, 0);
    }, { stateDir: "none", more: "slurm: { user: root }\n" }),
);

testWhere(
  NOT_ROOT,
  "makeOwnStateDir() leaves nothing of root's, and gives what is in SlurmUser's directory to SlurmUser",
  () =>
    withSite(OWNER, ({ dir }) => {
      const config = (stateDir: string) =>
        ({ stateDir, slurm: { user: "slurm" } }) as Parameters<typeof makeOwnStateDir>[0];
      assertThrows(() => makeOwnStateDir(config(`${dir}/a/b/c`), "nothing is paused"), CommandError);
      assertEquals([...Deno.readDirSync(dir)].some(({ name }) => name === "a"), false);
      makeOwnStateDir(config(`${dir}/state/a/b`), "nothing is paused");
      const { uid, mode } = Deno.statSync(`${dir}/state/a`);
      assertEquals([uid, mode! & 0o7777], [OWNER, 0o750]);
      return Promise.resolve();
    }),
);

Deno.test("pause makes the missing stateDir of the user that the hooks run as", async () => {
  const more = Deno.uid() === 0 ? "slurm: { user: root }\n" : "";
  await withSite(Deno.uid()!, async ({ dir, run }) => {
    const { code, stderr } = await run("pause");
    assertEquals([code, stderr], [0, ""]);
    assertEquals(Deno.statSync(`${dir}/none`).uid, Deno.uid());
  }, { stateDir: "none", more });
});
