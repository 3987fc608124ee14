import { assertEquals } from "@std/assert";
import { archiveOf, archivesOf, findUnpacked } from "../../../lib/install/unpacked.ts";

const ARCHIVE = "0123456789abcdef";
const OTHER = "fedcba9876543210";

/** As a launcher makes it below a base, but for what a test changes. */
async function unpack(base: string, name: string, mode = 0o700): Promise<string> {
  const directory = `${base}/${name}`;
  await Deno.mkdir(`${directory}/app`, { recursive: true });
  await Deno.chmod(directory, mode);
  for (const file of ["main.js", "deno"]) await Deno.writeTextFile(`${directory}/app/${file}`, "");
  return directory;
}

async function withBase(test: (base: string, uid: number) => Promise<void>): Promise<void> {
  const base = await Deno.makeTempDir({ prefix: "slurm-ec2-unpacked-" });
  try {
    await test(base, Deno.statSync(base).uid!);
  } finally {
    await Deno.remove(base, { recursive: true });
  }
}

Deno.test("findUnpacked() finds a user's program in a shared place and in the user's own cache", () =>
  withBase(async (base, uid) => {
    const shared = await unpack(base, `slurm-ec2-${uid}-${ARCHIVE}`);
    const own = await unpack(`${base}/home/.cache/slurm-ec2`, `slurm-ec2-${uid}-${ARCHIVE}`);
    assertEquals(findUnpacked([ARCHIVE], [{ uid, home: `${base}/home` }], [base, `${base}/nothing`]), [
      { path: shared },
      { path: own, around: `${base}/home/.cache/slurm-ec2` },
    ]);
  }));

const LEFT_ALONE: Readonly<Record<string, (base: string, uid: number) => Promise<unknown>>> = {
  "of another archive": (base, uid) => unpack(base, `slurm-ec2-${uid}-${OTHER}`),
  "that others may enter": (base, uid) => unpack(base, `slurm-ec2-${uid}-${ARCHIVE}`, 0o755),
  "that holds no program": async (base, uid) => {
    const directory = await unpack(base, `slurm-ec2-${uid}-${ARCHIVE}`);
    await Deno.remove(`${directory}/app/main.js`);
  },
  "that is a link": async (base, uid) => {
    const directory = await unpack(base, "elsewhere");
    await Deno.symlink(directory, `${base}/slurm-ec2-${uid}-${ARCHIVE}`);
  },
  "named for a user that it doesn't belong to": (base, uid) =>
    unpack(base, `slurm-ec2-${uid + 1}-${ARCHIVE}`),
};

for (const [what, make] of Object.entries(LEFT_ALONE)) {
  Deno.test(`findUnpacked() leaves a directory alone ${what}`, () =>
    withBase(async (base, uid) => {
      await make(base, uid);
      const users = [uid, uid + 1].map((uid) => ({ uid, home: undefined }));
      assertEquals(findUnpacked([ARCHIVE], users, [base]), []);
    }));
}

Deno.test("archivesOf() reads them from the launchers of releases", () =>
  withBase(async (base) => {
    const launcher = Deno.readTextFileSync(
      new URL("../../../deploy/build/portable/launcher", import.meta.url),
    );
    await Deno.mkdir(`${base}/lib/one/bin`, { recursive: true });
    await Deno.writeTextFile(`${base}/lib/one/bin/slurm-ec2`, launcher.replace("@ID@", ARCHIVE));
    assertEquals(archivesOf(base, ["one", "two"]), [ARCHIVE]);
    assertEquals(archiveOf("#!/bin/sh\n"), undefined);
  }));
