import { assert, assertEquals } from "@std/assert";
import { planUninstall } from "../../../lib/install/plan_uninstall.ts";
import { MANIFEST } from "../../../lib/install/release.ts";
import type { Found } from "../../../lib/install/survey_model.ts";
import { carriedOut, desired, installed } from "./installations.ts";

const THEIRS: Found = { kind: "file", mode: 0o644, uid: 0, sha256: "theirs" };

async function leftOver(
  options: { readonly purge: boolean; readonly force: boolean },
  change: (survey: Map<string, Found>, place: string) => void = () => {},
): Promise<string[] | readonly string[]> {
  const [one, two] = [await desired("1"), await desired("2")];
  const { survey, manifest } = await installed(one, two);
  survey.set(MANIFEST, THEIRS);
  survey.set("bin/squeue", THEIRS);
  change(survey, `lib/${two.release.name}`);
  const plan = planUninstall(manifest, survey, options);
  if (plan.kind === "refused") return plan.problems.map((line) => `refused: ${line.split(" ")[0]}`);
  return [...(await carriedOut(two, survey, plan.actions)).keys()].sort();
}

Deno.test({
  name: "planUninstall() removes what install put there and keeps settings, state and others' files",
  permissions: "none",
  async fn() {
    assertEquals(await leftOver({ purge: false, force: false }), [
      "",
      "/state",
      "bin",
      "bin/squeue",
      "etc",
      "etc/hooks.env",
    ]);
    assertEquals(await leftOver({ purge: true, force: false }), ["", "bin", "bin/squeue"]);
  },
});

Deno.test({
  name: "planUninstall() refuses what was changed manually unless forced",
  permissions: "none",
  async fn() {
    const change = (survey: Map<string, Found>, place: string) => {
      survey.set(`${place}/main.js`, THEIRS);
      survey.set(`${place}/notes.txt`, THEIRS);
      survey.set("bin/resume", THEIRS);
    };
    const refused = await leftOver({ purge: false, force: false }, change);
    assertEquals(refused.map((line) => line.replace(/lib\/.*\//, "")), [
      "refused: bin/resume",
      "refused: main.js",
      "refused: notes.txt",
    ]);
    assertEquals(await leftOver({ purge: true, force: true }, change), ["", "bin", "bin/squeue"]);
  },
});

Deno.test({
  name: "planUninstall() goes on where one broke off: hooks go first, the manifest last",
  permissions: "none",
  async fn() {
    const one = await desired("1");
    const { survey, manifest } = await installed(one);
    survey.set(MANIFEST, THEIRS);
    const plan = planUninstall(manifest, survey, { purge: true, force: false });
    assert(plan.kind === "plan");
    const last = plan.actions.findIndex(({ path }) => path === MANIFEST);
    for (let count = 0; count <= last; count++) {
      const broken = await carriedOut(one, survey, plan.actions.slice(0, count));
      if (broken.has("bin/resume")) assert(broken.has(`lib/${one.release.name}/main.js`));
      const again = planUninstall(manifest, broken, { purge: true, force: false });
      assert(again.kind === "plan", `after ${count}`);
      assertEquals([...(await carriedOut(one, broken, again.actions)).keys()], [], `after ${count}`);
    }
  },
});

Deno.test({
  name:
    "planUninstall() removes what was unpacked outside the prefix, once, and the directory around it where that is empty",
  permissions: "none",
  async fn() {
    const { survey, manifest } = await installed(await desired("1"));
    const unpacked = [
      { path: "/state/slurm-ec2-1-a" },
      { path: "/home/slurm/.cache/slurm-ec2/slurm-ec2-1-a", around: "/home/slurm/.cache/slurm-ec2" },
    ];
    const plan = planUninstall(manifest, survey, { purge: true, force: false, unpacked });
    assert(plan.kind === "plan");
    const outside = plan.actions.filter(({ path }) => path.startsWith("/"));
    assertEquals(outside, [
      { kind: "remove-tree", path: "/state" },
      { kind: "remove-tree", path: "/home/slurm/.cache/slurm-ec2/slurm-ec2-1-a" },
      { kind: "remove-directory-if-empty", path: "/home/slurm/.cache/slurm-ec2" },
    ]);
  },
});
