import { assert, assertEquals, assertMatch } from "@std/assert";
import { ConfigWatch } from "../../../commands/hooks/config_watch.ts";
import type { Log } from "../../../lib/base/log.ts";
import { parseConfig } from "../../../lib/config/parse.ts";

const pure = { permissions: "none" } as const;
const FILE = "etc/slurm-ec2.yaml";
const TEXT = `cluster: test
region: us-east-1
stateDir: /s
logFile: /l
defaults: { os: { distribution: Rocky, version: "9" }, architecture: x86_64 }
limits: { cooldown: 300 }
nodeGroups:
  - { name: c, nodes: "c[0-9]", instanceTypes: [c7i.large], subnets: [subnet-0123456789abcdef0] }
`;

/** A file that a test writes, as whoever edits it does; `stamp` is its number. */
function watched() {
  const disk: { text: string | undefined; stamp: number; reads: number } = { text: TEXT, stamp: 1, reads: 0 };
  const lines: string[] = [];
  const say = (message: string) => void lines.push(message);
  const log: Log = { debug: say, info: say, warn: say, error: say, close() {} };
  const files = {
    stamp: () => disk.text === undefined ? undefined : String(disk.stamp),
    read: () => {
      disk.reads++;
      if (disk.text === undefined) throw new Deno.errors.NotFound("No such file");
      return new TextEncoder().encode(disk.text);
    },
  };
  const watch = new ConfigWatch(files, { file: FILE, config: parseConfig(TEXT, FILE) }, log);
  return {
    watch,
    disk,
    lines,
    edit(change: (text: string) => string | undefined) {
      disk.text = change(disk.text ?? TEXT);
      disk.stamp++;
    },
  };
}

Deno.test("ConfigWatch.changed() reads nothing while the file is as it was", pure, () => {
  const { watch, disk } = watched();
  assertEquals([watch.changed(), watch.changed(), disk.reads], [undefined, undefined, 0]);
});

Deno.test(
  "ConfigWatch.changed() takes a new limit and a new node group up at once, and says so once",
  pure,
  () => {
    const { watch, edit, lines } = watched();
    edit((text) => text.replace("cooldown: 300", "cooldown: 60"));
    const changed = watch.changed();
    assert(typeof changed === "object");
    assertEquals([changed.limits.cooldown, watch.config.limits.cooldown, watch.changed()], [
      60,
      60,
      undefined,
    ]);
    edit((text) =>
      `${text}  - { name: d, nodes: d1, instanceTypes: [c7i.large], subnets: [subnet-0123456789abcdef1] }\n`
    );
    watch.changed();
    assertEquals(watch.config.nodeGroups.map(({ name }) => name), ["c", "d"]);
    assertEquals(lines.map((line) => line.replace(/\).*/, ")")), [
      `${FILE} has changed (limits)`,
      `${FILE} has changed (nodeGroups)`,
    ]);
  },
);

Deno.test(
  "ConfigWatch.changed() says nothing of a file that was written again with the same words",
  pure,
  () => {
    const { watch, edit, lines, disk } = watched();
    edit((text) => `# a comment\n${text}`);
    assertEquals([watch.changed(), disk.reads, lines], [undefined, 1, []]);
  },
);

for (
  const [what, change] of [
    ["broken YAML", (text: string) => `${text}  - {`],
    ["an unknown key", (text: string) => `${text}speed: 11\n`],
    ["half of the file", (text: string) => text.slice(0, 60)],
    ["no file", () => undefined],
  ] as const
) {
  Deno.test(
    `ConfigWatch.changed() keeps what it has with ${what}, says one line, and takes the repair`,
    pure,
    () => {
      const { watch, edit, lines } = watched();
      edit(change);
      assertEquals([watch.changed(), watch.changed(), watch.config.limits.cooldown], [
        undefined,
        undefined,
        300,
      ]);
      assertEquals(lines.length, 1);
      assertMatch(lines[0]!, /^etc\/slurm-ec2\.yaml has changed and can't be used, going on with .*: \S/);
      edit(() => TEXT.replace("cooldown: 300", "cooldown: 61"));
      watch.changed();
      assertEquals(watch.config.limits.cooldown, 61);
    },
  );
}

for (
  const [from, to] of [
    ["cluster: test", "cluster: other"],
    ["region: us-east-1", "region: eu-west-1"],
    ["stateDir: /s", "stateDir: /other"],
    ["logFile: /l", "logFile: /other"],
    ["logFile: /l", "logFile: /l\naws: { profile: other }"],
    ["logFile: /l", "logFile: /l\nslurm: { binDir: /other }"],
    ["instanceTypes: [c7i.large]", "instanceTypes: [c7i.large], threadsPerCore: 1"],
  ] as const
) {
  Deno.test(
    `ConfigWatch.changed() asks for a new start when it says ${to.replaceAll("\n", " ")}`,
    pure,
    () => {
      const { watch, edit } = watched();
      edit((text) => text.replace(from, to));
      assertEquals(watch.changed(), "restart");
    },
  );
}
