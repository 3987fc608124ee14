import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { compareInstalled } from "../../../lib/install/compare.ts";
import { planInstall, planRollback } from "../../../lib/install/plan.ts";
import { CURRENT, HOOK_NAMES, PREVIOUS } from "../../../lib/install/release.ts";
import type { Found } from "../../../lib/install/survey_model.ts";
import { HOOKS } from "../../../lib/slurm_conf/render/power_save_conf.ts";
import { carriedOut, desired, installed, mustPlan, NOTHING } from "./installations.ts";

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, permissions: "none", fn });
}

const FILE: Found = { kind: "file", mode: 0o644, uid: 0, sha256: "00" };

test("planInstall() writes the release before it switches to it, and hooks last, when nothing is there", async () => {
  const one = await desired("1");
  const { actions, end } = mustPlan(one, NOTHING);
  const at = (path: string) => actions.findIndex((action) => action.path === path);
  assert(at(`lib/${one.release.name}`) > at("lib") && at("lib") > -1);
  assert(at(CURRENT) > at(`lib/${one.release.name}`));
  for (const name of HOOK_NAMES) assert(at(`bin/${name}`) > at(CURRENT), name);
  assertEquals(end.current, one.release.name);
  assertEquals(end.directories, ["", "bin", "lib", "etc"]);
  assertEquals([end.settings, end.state], [["etc/hooks.env"], ["/state"]]);
});

test("planInstall() makes every hook that the rendered configuration names", async () => {
  const { survey } = await installed(await desired("1"));
  for (const path of Object.values(HOOKS)) {
    assertEquals(survey.get(path), { kind: "link", uid: 0, target: "../lib/slurm-ec2/bin/hook" });
  }
});

test("planInstall() does nothing when all is there already, and no difference is left", async () => {
  const one = await desired("1");
  const { survey, manifest } = await installed(one);
  assertEquals(mustPlan(one, { ...NOTHING, survey, manifest }).actions, []);
  assertEquals(compareInstalled(one, survey, manifest), []);
});

test("planInstall() closes a directory of its own that others may write to, and tells of one that others made", async () => {
  const one = await desired("1");
  const { survey, manifest } = await installed(one);
  survey.set("bin", { kind: "directory", mode: 0o775, uid: 0 });
  const { actions, notes } = mustPlan(one, { ...NOTHING, survey, manifest });
  assertEquals([actions, notes], [[{ kind: "set-mode", path: "bin", mode: 0o755 }], []]);
  assertEquals(compareInstalled(one, await carriedOut(one, survey, actions), manifest), []);
  const foreign = { ...manifest, directories: ["", "lib", "etc"] };
  const told = mustPlan(one, { ...NOTHING, survey, manifest: foreign });
  assertEquals(told.actions, []);
  assertEquals(told.notes, [
    "Others may write to bin (mode 0775) and so replace what hooks run: chmod go-w it",
  ]);
});

test("planInstall() keeps the release before and removes the one before that on an upgrade", async () => {
  const [one, two, three] = [await desired("1"), await desired("2"), await desired("3")];
  const { survey, manifest } = await installed(one, two);
  assert(survey.has(`lib/${one.release.name}/main.js`));
  const { actions, end } = mustPlan(three, { ...NOTHING, survey, manifest });
  assertEquals(actions.map(({ kind, path }) => [kind, path]), [
    ["write-release", `lib/${three.release.name}`],
    ["link", PREVIOUS],
    ["link", CURRENT],
    ["remove-tree", `lib/${one.release.name}`],
  ]);
  assertEquals([end.current, end.previous], [three.release.name, two.release.name]);
  assertEquals(Object.keys(end.releases).sort(), [two.release.name, three.release.name].sort());
});

test("planInstall() leads to the same end from wherever an install broke off, and hooks always have a whole release", async () => {
  const [one, two] = [await desired("1"), await desired("2")];
  for (const start of [undefined, one]) {
    const before = start === undefined ? undefined : await installed(start);
    const present = { ...NOTHING, survey: before?.survey ?? new Map(), manifest: before?.manifest };
    const plan = mustPlan(two, present);
    const whole = compareInstalled(two, await carriedOut(two, present.survey, plan.actions), plan.end);
    assertEquals(whole, []);
    for (let count = 0; count <= plan.actions.length; count++) {
      const broken = await carriedOut(two, present.survey, plan.actions.slice(0, count));
      const current = broken.get(CURRENT);
      if (current?.kind === "link") assert(broken.has(`lib/${current.target}/main.js`), `after ${count}`);
      else assertEquals(broken.has("bin/resume"), false, `after ${count}`);
      broken.set("lib/.slurm-ec2-new-1", { kind: "directory", mode: 0o755, uid: 0 });
      const again = mustPlan(two, { ...present, survey: broken, manifest: plan.begin });
      const end = await carriedOut(two, broken, again.actions);
      assertEquals(compareInstalled(two, end, again.end), [], `after ${count}`);
      assertEquals(end.has("lib/.slurm-ec2-new-1"), false);
      assertEquals(again.end.previous, start?.release.name, `after ${count}`);
      assertEquals(again.end.directories, plan.end.directories);
    }
  }
});

test("planInstall() writes a release again next to one that was changed, and never goes back to that", async () => {
  const [one, two] = [await desired("1"), await desired("2")];
  const changes: readonly ((path: string, survey: Map<string, Found>) => void)[] = [
    (path, survey) => survey.set(`${path}/main.js`, FILE),
    (path, survey) =>
      survey.set(`${path}/bin/hook`, { ...survey.get(`${path}/bin/hook`)!, mode: 0o775 } as Found),
    (path, survey) => survey.set(`${path}/main.js`, { ...survey.get(`${path}/main.js`)!, uid: 1234 }),
    (path, survey) => survey.set(`${path}/bin`, { kind: "directory", mode: 0o777, uid: 0 }),
    (path, survey) => survey.set(`${path}/added.js`, FILE),
    (path, survey) => survey.delete(`${path}/node/boot`),
    (path, survey) => survey.set(`${path}/etc`, { kind: "link", uid: 0, target: "/elsewhere" }),
  ];
  for (const [index, change] of changes.entries()) {
    const { survey, manifest } = await installed(one, two);
    change(`lib/${two.release.name}`, survey);
    assertNotEquals(compareInstalled(two, survey, manifest), [], `change ${index}`);
    const plan = mustPlan(two, { ...NOTHING, survey, manifest });
    assertEquals(plan.end.current, `${two.release.name}.1`);
    assertEquals(plan.end.previous, one.release.name, `change ${index}`);
    const after = await carriedOut(two, survey, plan.actions);
    assertEquals(compareInstalled(two, after, plan.end), [], `change ${index}`);
  }
});

test("planInstall() refuses what is not ours in the way, and sets it aside when forced", async () => {
  const one = await desired("1");
  const survey = new Map<string, Found>([
    ["bin/slurm_ec2_resume.py", FILE],
    ["bin/slurm_ec2_resume.py.bak", FILE],
    [CURRENT, { kind: "directory", mode: 0o755, uid: 0 }],
    ["bin/stop", { kind: "link", uid: 0, target: "/opt/other/stop" }],
  ]);
  const refused = planInstall(one, { ...NOTHING, survey });
  assert(refused.kind === "refused");
  assertEquals(refused.problems.map((line) => line.split(" ")[0]), [
    CURRENT,
    "bin/stop",
    "bin/slurm_ec2_resume.py",
  ]);
  const { actions } = mustPlan(one, { ...NOTHING, survey, force: true });
  assertEquals(actions.flatMap((action) => action.kind === "set-aside" ? [[action.path, action.to]] : []), [
    [CURRENT, `${CURRENT}.bak`],
    ["bin/stop", "bin/stop.bak"],
    ["bin/slurm_ec2_resume.py", "bin/slurm_ec2_resume.py.bak1"],
  ]);
});

test("planInstall() never writes settings that are there, and owns only the state that it made", async () => {
  const owner = { uid: 7, gid: 7 };
  const one = { ...await desired("1"), owner };
  const fresh = mustPlan(one, NOTHING).actions;
  assertEquals(fresh.filter(({ kind }) => kind === "own"), [{ kind: "own", path: "/state", uid: 7, gid: 7 }]);
  const survey = new Map<string, Found>([
    ["etc/hooks.env", FILE],
    ["/state", { kind: "directory", mode: 0o755, uid: 33 }],
  ]);
  const { actions, end, notes } = mustPlan(one, { ...NOTHING, survey });
  assertEquals(actions.filter(({ path }) => path === "etc/hooks.env" || path === "/state"), []);
  assertEquals([end.settings, end.state], [[], []]);
  assertEquals(notes, ["/state belongs to user 33 and hooks run as user 7: chown -R 7 /state"]);
});

test("planInstall() makes a shared directory where it is missing, and says nothing of another's", async () => {
  const owner = { uid: 7, gid: 7 };
  const one = { ...await desired("1"), owner, state: [{ path: "/log", mode: 0o750, shared: true }] };
  const { actions, end } = mustPlan(one, NOTHING);
  assertEquals(actions.filter(({ path }) => path === "/log"), [
    { kind: "make-directory", path: "/log", mode: 0o750 },
    { kind: "own", path: "/log", uid: 7, gid: 7 },
  ]);
  assertEquals(end.state, ["/log"]);
  const survey = new Map<string, Found>([["/log", { kind: "directory", mode: 0o775, uid: 0 }]]);
  const there = mustPlan(one, { ...NOTHING, survey });
  assertEquals([there.actions.filter(({ path }) => path === "/log"), there.end.state, there.notes], [
    [],
    [],
    [],
  ]);
  const differences = (state: readonly string[]) =>
    compareInstalled(one, survey, { ...there.end, state }).filter(({ path }) => path === "/log");
  assertEquals([differences([]).length, differences(["/log"]).length > 0], [0, true]);
});

test("planRollback() swaps the releases, and again; it refuses without one before or with a damaged one", async () => {
  const [one, two] = [await desired("1", "1.0.0"), await desired("2", "1.1.0-rc.1")];
  const { survey, manifest } = await installed(one, two);
  const back = planRollback({ survey, manifest });
  assert(back.kind === "plan");
  assertEquals([back.end.current, back.end.previous, back.end.version], [
    one.release.name,
    two.release.name,
    "1.0.0",
  ]);
  const after = await carriedOut(one, survey, back.actions);
  assertEquals(compareInstalled(one, after, back.end), []);
  const forth = planRollback({ survey: after, manifest: back.end });
  assert(forth.kind === "plan");
  assertEquals([forth.end.current, forth.end.version], [two.release.name, "1.1.0-rc.1"]);

  const first = await installed(one);
  assertEquals(planRollback(first).kind, "refused");
  survey.delete(`lib/${one.release.name}/main.js`);
  const damaged = planRollback({ survey, manifest });
  assert(damaged.kind === "refused");
  assertMatch(damaged.problems.join(), /is not as it was installed/);
});
