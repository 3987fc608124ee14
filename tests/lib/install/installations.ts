import type { Manifest } from "../../../lib/install/manifest.ts";
import {
  type Action,
  type Desired,
  type Plan,
  planInstall,
  type Present,
} from "../../../lib/install/plan.ts";
import { makeRelease, sha256Hex, textFile } from "../../../lib/install/release.ts";
import type { Found, Survey } from "../../../lib/install/survey_model.ts";

/** A small installation: the program is one line. */
export async function desired(program: string, version = "1.0.0"): Promise<Desired> {
  const files = await Promise.all([
    textFile("bin/hook", 0o755, "#!/bin/sh\n"),
    textFile("bin/slurm-ec2", 0o755, "#!/bin/sh\n"),
    textFile("main.js", 0o644, program),
    textFile("node/boot", 0o755, "#!/bin/sh\n"),
    textFile("VERSION", 0o644, `${version}\n`),
  ]);
  return {
    release: await makeRelease(version, files),
    settings: [{ path: "etc/hooks.env", text: "# settings\n", mode: 0o644 }],
    state: [{ path: "/state", mode: 0o750 }],
  };
}

/** Nothing there. */
export const NOTHING: Present = { survey: new Map(), manifest: undefined, uid: 0, force: false };

/** The plan of an install that must not be refused. */
export function mustPlan(desired: Desired, present: Present): Extract<Plan, { readonly kind: "plan" }> {
  const plan = planInstall(desired, present);
  if (plan.kind === "refused") throw new Error(plan.problems.join("\n"));
  return plan;
}

/** What is there after a number of a plan's actions, as a file system would have it; by default after all of them. */
export async function carriedOut(
  desired: Desired,
  before: Survey,
  actions: readonly Action[],
): Promise<Map<string, Found>> {
  const found = new Map(before);
  const below = (path: string) =>
    [...found.keys()].filter((one) =>
      one === path || one.startsWith(`${path}/`) || (path === "" && !one.startsWith("/"))
    );
  for (const action of actions) {
    const { kind, path } = action;
    if (kind === "make-directory") found.set(path, { kind: "directory", mode: action.mode, uid: 0 });
    else if (kind === "link") found.set(path, { kind: "link", uid: 0, target: action.target });
    else if (kind === "set-mode") {
      found.set(path, { ...found.get(path)!, mode: action.mode } as Found);
    } else if (kind === "own") found.set(path, { ...found.get(path)!, uid: action.uid });
    else if (kind === "set-aside") {
      found.set(action.to, found.get(path)!);
      found.delete(path);
    } else if (kind === "write-settings") {
      const { text, mode } = desired.settings.find((one) => one.path === path)!;
      const sha256 = await sha256Hex(new TextEncoder().encode(text));
      found.set(path, { kind: "file", mode, uid: 0, sha256 });
    } else if (kind === "write-release") {
      for (const [name, one] of releaseEntries(desired, path)) found.set(name, one);
    } else if (kind === "remove") found.delete(path);
    else if (kind === "remove-tree") below(path).forEach((one) => found.delete(one));
    else if (below(path).length === 1) found.delete(path);
  }
  return found;
}

function releaseEntries({ release }: Desired, place: string): [string, Found][] {
  const directories = new Set(
    release.files.filter(({ path }) => path.includes("/")).map(({ path }) =>
      path.slice(0, path.indexOf("/"))
    ),
  );
  return [
    [place, { kind: "directory", mode: 0o755, uid: 0 }],
    ...[...directories].map((
      name,
    ): [string, Found] => [`${place}/${name}`, { kind: "directory", mode: 0o755, uid: 0 }]),
    ...release.files.map(({ path, mode, sha256 }): [string, Found] => [
      `${place}/${path}`,
      { kind: "file", mode, uid: 0, sha256 },
    ]),
    ...Object.entries(release.links).map(([path, target]): [string, Found] => [
      `${place}/${path}`,
      { kind: "link", uid: 0, target },
    ]),
  ];
}

/** An installation after these programs were installed one after the other. */
export async function installed(
  ...programs: readonly Desired[]
): Promise<{ survey: Map<string, Found>; manifest: Manifest }> {
  let survey = new Map<string, Found>();
  let manifest: Manifest | undefined;
  for (const one of programs) {
    const plan = mustPlan(one, { ...NOTHING, survey, manifest });
    survey = await carriedOut(one, survey, plan.actions);
    manifest = plan.end;
  }
  return { survey, manifest: manifest! };
}
