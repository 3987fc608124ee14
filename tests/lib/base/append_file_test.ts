import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { openToAppend, openToAppendSync } from "../../../lib/base/append_file.ts";
import {
  giveToDirectoryOwner,
  giveToDirectoryOwnerSync,
  makeStateDirectory,
  makeStateDirectorySync,
} from "../../../lib/base/directory_owner.ts";
import { takesRoot, testWhere } from "../../test_where.ts";

const NOT_ROOT = takesRoot();
/** SlurmUser's number, for example. */
const OWNER = 64999;

async function withDirectory(use: (directory: string) => Promise<void>, owner?: number): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "slurm-ec2-append-" });
  try {
    if (owner !== undefined) await Deno.chown(directory, owner, owner);
    await use(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

const OPENERS = [
  ["openToAppend", async (path: string) => (await openToAppend(path, 0o640)).close()],
  ["openToAppendSync", (path: string) => Promise.resolve(openToAppendSync(path, 0o640).close())],
] as const;

for (const [name, open] of OPENERS) {
  for (const umask of [0o000, 0o022, 0o077]) {
    Deno.test(`${name}() makes a file of the mode asked for under umask ${umask.toString(8)}`, () =>
      withDirectory(async (directory) => {
        const before = Deno.umask(umask);
        try {
          await open(`${directory}/log`);
        } finally {
          Deno.umask(before);
        }
        assertEquals(Deno.statSync(`${directory}/log`).mode! & 0o7777, 0o640);
      }));
  }

  testWhere(
    NOT_ROOT,
    `${name}() by root makes a file of its directory's owner`,
    () =>
      withDirectory(async (directory) => {
        await open(`${directory}/log`);
        const { uid, gid } = Deno.statSync(`${directory}/log`);
        assertEquals([uid, gid], [OWNER, OWNER]);
      }, OWNER),
  );

  Deno.test(`${name}() leaves a file that is there as it is`, () =>
    withDirectory(async (directory) => {
      await Deno.writeTextFile(`${directory}/log`, "one\n");
      await Deno.chmod(`${directory}/log`, 0o604);
      await open(`${directory}/log`);
      assertEquals(Deno.statSync(`${directory}/log`).mode! & 0o7777, 0o604);
    }));

  testWhere(
    NOT_ROOT,
    `${name}() refuses a link that another user made, and follows root's`,
    () =>
      withDirectory(async (directory) => {
        await Deno.writeTextFile(`${directory}/target`, "");
        await Deno.symlink("target", `${directory}/log`);
        await open(`${directory}/log`);
        for (const link of ["target", "absent"]) {
          await Deno.remove(`${directory}/log`);
          await Deno.symlink(link, `${directory}/log`);
          await new Deno.Command("chown", { args: ["-h", String(OWNER), `${directory}/log`] }).output();
          if (name === "openToAppend") {
            await assertRejects(() => open(`${directory}/log`), Error, "is a link: remove it");
          } else {assertThrows(
              () => openToAppendSync(`${directory}/log`, 0o640),
              Error,
              "is a link: remove it",
            );}
        }
        assertEquals(
          [...Deno.readDirSync(directory)].map(({ name }) => name).sort(),
          ["log", "target"],
        );
      }, OWNER),
  );
}

for (
  const [name, make] of [
    ["makeStateDirectory", makeStateDirectory],
    ["makeStateDirectorySync", (path: string) => Promise.resolve(makeStateDirectorySync(path))],
  ] as const
) {
  Deno.test(`${name}() makes all that is missing for its user and group alone, whatever the umask`, () =>
    withDirectory(async (directory) => {
      const before = Deno.umask(0o002);
      try {
        await make(`${directory}/a/b`);
        await make(`${directory}/a/b`);
      } finally {
        Deno.umask(before);
      }
      for (const path of ["a", "a/b"]) {
        assertEquals(Deno.statSync(`${directory}/${path}`).mode! & 0o7777, 0o750);
      }
    }));

  testWhere(
    NOT_ROOT,
    `${name}() by root makes them their parent's owner's`,
    () =>
      withDirectory(async (directory) => {
        await make(`${directory}/a/b`);
        for (const path of ["a", "a/b"]) assertEquals(Deno.statSync(`${directory}/${path}`).uid, OWNER);
      }, OWNER),
  );

  Deno.test(`${name}() throws where a file is in its place`, () =>
    withDirectory(async (directory) => {
      await Deno.writeTextFile(`${directory}/a`, "");
      await assertRejects(async () => await make(`${directory}/a/b`));
    }));
}

Deno.test("giveToDirectoryOwner() throws nothing where there is nothing", () =>
  withDirectory((directory) => giveToDirectoryOwner(`${directory}/none`)));

testWhere(
  NOT_ROOT,
  "giveToDirectoryOwner() by root gives away no link, no second name, and nothing but what was made",
  () =>
    withDirectory(async (directory) => {
      const make = (name: string) => Deno.openSync(`${directory}/${name}`, { createNew: true, write: true });
      for (const give of [giveToDirectoryOwner, giveToDirectoryOwnerSync]) {
        make("target").close();
        await Deno.symlink("target", `${directory}/link`);
        await Deno.link(`${directory}/target`, `${directory}/second`);
        make("other").close();
        using made = make("made");
        await Deno.remove(`${directory}/made`);
        await Deno.rename(`${directory}/other`, `${directory}/made`);
        await give(`${directory}/link`);
        await give(`${directory}/second`);
        await give(`${directory}/made`, { made, mode: 0o604 });
        for (const name of ["target", "link", "second", "made"]) {
          assertEquals(Deno.lstatSync(`${directory}/${name}`).uid, 0, name);
        }
        assertEquals(Deno.lstatSync(`${directory}/made`).mode! & 0o7777, 0o644);
        await Deno.remove(`${directory}/target`);
        await give(`${directory}/second`);
        assertEquals(Deno.lstatSync(`${directory}/second`).uid, OWNER, "the only name");
        for (const name of ["link", "second", "made"]) await Deno.remove(`${directory}/${name}`);
      }
    }, OWNER),
);

testWhere(
  NOT_ROOT,
  "openToAppend() by root makes a file of the owner of the directory that is named",
  () =>
    withDirectory((owned) =>
      withDirectory(async (directory) => {
        for (const umask of [0o022, 0o077]) {
          const before = Deno.umask(umask);
          try {
            (await openToAppend(`${directory}/a${umask}`, 0o640, owned)).close();
            openToAppendSync(`${directory}/b${umask}`, 0o640, owned).close();
          } finally {
            Deno.umask(before);
          }
          for (const name of [`a${umask}`, `b${umask}`]) {
            const { uid, gid, mode } = Deno.statSync(`${directory}/${name}`);
            assertEquals([uid, gid, mode! & 0o7777], [OWNER, OWNER, 0o640], name);
          }
        }
      }), OWNER),
);
