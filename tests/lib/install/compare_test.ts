import { assertEquals } from "@std/assert";
import { compareInstalled } from "../../../lib/install/compare.ts";
import { CURRENT } from "../../../lib/install/release.ts";
import type { Found } from "../../../lib/install/survey_model.ts";
import { desired, installed } from "./installations.ts";

const rows = async (
  change: (survey: Map<string, Found>, place: string) => void,
  owner?: { uid: number; gid: number },
) => {
  const one = { ...await desired("1"), ...(owner && { owner }) };
  const { survey, manifest } = await installed(one);
  change(survey, `lib/${one.release.name}`);
  return compareInstalled(one, survey, manifest).map((
    { path, what, wanted, found },
  ) => [path, what, wanted, found]);
};

const TABLE: readonly (readonly [string, (survey: Map<string, Found>, place: string) => void, string[]])[] = [
  [
    "a group-writable hook, which slurmctld refuses",
    (survey, place) =>
      survey.set(`${place}/bin/hook`, { ...survey.get(`${place}/bin/hook`)!, mode: 0o775 } as Found),
    [`${CURRENT}/bin/hook`, "mode", "0755", "0775"],
  ],
  [
    "a hook that is gone",
    (survey) => survey.delete("bin/stop"),
    ["bin/stop", "missing", "a link to ../lib/slurm-ec2/bin/hook", "nothing"],
  ],
  [
    "a hook that is somebody's file",
    (survey) => survey.set("bin/stop", { kind: "file", mode: 0o755, uid: 0, sha256: "" }),
    ["bin/stop", "kind", "a link to ../lib/slurm-ec2/bin/hook", "a file"],
  ],
  [
    "a file put into the release",
    (survey, place) => survey.set(`${place}/x.js`, { kind: "file", mode: 0o644, uid: 0, sha256: "" }),
    [`${CURRENT}/x.js`, "surplus", "nothing", "a file"],
  ],
  [
    "settings that others may write",
    (survey) => survey.set("etc/hooks.env", { kind: "file", mode: 0o666, uid: 0, sha256: "" }),
    ["etc/hooks.env", "mode", "0644", "0666"],
  ],
  [
    "a directory that others may write",
    (survey) => survey.set("bin", { kind: "directory", mode: 0o775, uid: 0 }),
    ["bin", "mode", "0755", "0775"],
  ],
  [
    "state that is gone",
    (survey) => survey.delete("/state"),
    ["/state", "missing", "a directory", "nothing"],
  ],
];

for (const [name, change, row] of TABLE) {
  Deno.test({
    name: `compareInstalled() finds ${name}`,
    permissions: "none",
    fn: async () => assertEquals(await rows(change), [row]),
  });
}

Deno.test({
  name: "compareInstalled() finds files and state of a wrong owner, but changed settings are the site's",
  permissions: "none",
  async fn() {
    assertEquals(
      await rows((survey, place) => {
        survey.set(`${place}/main.js`, { ...survey.get(`${place}/main.js`)!, uid: 9 });
        survey.set("/state", { kind: "directory", mode: 0o750, uid: 9 });
        survey.set("etc/hooks.env", { kind: "file", mode: 0o640, uid: 9, sha256: "changed" });
      }, { uid: 7, gid: 7 }).then((found) =>
        found.map(([path, what, , have]) => [path!.replace(/.*\/(?=main)/, ""), what, have])
      ),
      [["/state", "owner", "user 9"], ["main.js", "owner", "user 9"]],
    );
  },
});

Deno.test({
  name: "compareInstalled() tells another version by its release, not by every part of its program",
  permissions: "none",
  async fn() {
    const [one, two] = [await desired("1"), await desired("2", "2.0.0")];
    const { survey, manifest } = await installed(one);
    assertEquals(
      compareInstalled(two, survey, manifest).map(({ path, what }) => [path, what]),
      [[CURRENT, "release"], [`${CURRENT}/VERSION`, "content"]],
    );
    assertEquals(compareInstalled(one, new Map(), undefined).every(({ what }) => what === "missing"), true);
  },
});
