import { assertEquals, assertStringIncludes } from "@std/assert";
import { stateTrouble } from "../../../commands/hooks/state_trouble.ts";
import { cannotMount, fill, remount, withSmallDisk } from "../../fixtures/small_disk.ts";
import { takesRoot, testWhere } from "../../test_where.ts";
import { withHookSite } from "./hook_site.ts";

const NEEDS = takesRoot(cannotMount);

/** Puts the site's stateDir onto a small disk. */
const onDisk = (dir: string) => ({
  config: (text: string) => text.replace(/^stateDir: .*$/m, `stateDir: ${dir}`),
});

testWhere(
  NEEDS,
  "stateTrouble() names a full and a read-only disk that SQLite has no words for, and the next step",
  () =>
    withSmallDisk(300_000, (dir) => {
      const vague = new Error("unable to open database file");
      assertEquals(stateTrouble(dir, vague), "unable to open database file");
      const ballast = fill(dir);
      assertEquals(
        stateTrouble(dir, vague),
        `no space left on device; make room there (df -h ${dir}, df -i ${dir}) and run this again`,
      );
      Deno.removeSync(ballast);
      remount(dir, "ro");
      assertEquals(
        stateTrouble(dir, vague),
        `read-only file system; find out why (findmnt -T ${dir}, dmesg), make it writable and run this again`,
      );
      remount(dir, "rw");
      assertEquals([...Deno.readDirSync(dir)], []);
    }),
);

Deno.test("stateTrouble() says what the system said, and who may do it where a permission is missing", () => {
  const denied = Object.assign(new Error("Permission denied (os error 13): mkdir '/s'"), { code: "EACCES" });
  assertEquals(stateTrouble("/s", denied), "permission denied; run this as the user that slurmctld runs as");
  assertStringIncludes(stateTrouble("/s", new Error("database or disk is full")), "make room there");
});

for (const trouble of ["full", "read-only"] as const) {
  testWhere(
    NEEDS,
    `unpause on a ${trouble} disk names the cause, and leaves the pause as it was`,
    () =>
      withSmallDisk(1024 * 1024, (dir) =>
        withHookSite(onDisk(dir), async (site) => {
          assertEquals((await site.run(["pause"])).code, 0);
          const ballast = trouble === "full" ? fill(dir) : undefined;
          if (trouble === "read-only") remount(dir, "ro");
          const words = trouble === "full"
            ? "no space left on device; make room"
            : "read-only file system; find";
          for (
            const [args, otherwise] of [
              [["unpause"], "what is paused stays so"],
              [["reset", "c"], "nothing was reset"],
            ] as const
          ) {
            const { code, stderr } = await site.run(args);
            assertEquals(code, 1, args.join(" "));
            assertStringIncludes(stderr, `State directory ${dir} can't be used, so ${otherwise}: ${words}`);
          }
          if (trouble === "read-only") {
            const { code, stderr } = await site.run(["history", "prune"]);
            assertEquals(code, 1);
            assertStringIncludes(stderr, `Nothing was dropped from the history in ${dir}: ${words}`);
          }
          assertEquals([...Deno.readDirSync(dir)].filter(({ name }) => /aside|room/.test(name)), []);
          if (ballast !== undefined) Deno.removeSync(ballast);
          else remount(dir, "rw");
          const { paused } = JSON.parse((await site.run(["pause", "--json"])).stdout);
          assertEquals(paused.map(({ nodeGroup }: { nodeGroup: string }) => nodeGroup), ["*"]);
          assertEquals(JSON.parse((await site.run(["pause", "--json"])).stdout).changed, false);
          assertEquals((await site.run(["unpause"])).stdout, "Launches of all node groups go on\n");
        })),
  );
}
