import { changedIn, isAsNoted, linkTarget, unfinished } from "./integrity.ts";
import type { Manifest } from "./manifest.ts";
import type { Action } from "./plan.ts";
import { CURRENT, LOCK, MANIFEST, PREVIOUS } from "./release.ts";
import type { Unpacked } from "./unpacked.ts";
import type { Survey } from "./survey_model.ts";

/** What an uninstall was asked for. */
export interface UninstallOptions {
  /** Remove the site's settings and state that install made, too. */
  readonly purge: boolean;
  /** Remove what install put there although it was changed since. */
  readonly force: boolean;
  /** With purge: what this installation's programs unpacked outside the prefix. */
  readonly unpacked?: readonly Unpacked[];
}

/** What is to be removed, in this order, or why nothing may be. */
export type UninstallPlan =
  | { readonly kind: "plan"; readonly actions: readonly Action[]; readonly notes: readonly string[] }
  | { readonly kind: "refused"; readonly problems: readonly string[] };

/**
 * What to remove: what the manifest says that install put there, and nothing else. Hooks go first, so that slurmctld
 * finds none rather than one without its program.
 */
export function planUninstall(manifest: Manifest, survey: Survey, options: UninstallOptions): UninstallPlan {
  const changed = changedByHand(manifest, survey);
  if (changed.length > 0 && !options.force) {
    return {
      kind: "refused",
      problems: changed.map((path) =>
        `${path} is not as install left it: keep a copy and give --force, or restore it`
      ),
    };
  }
  const links = [...Object.keys(manifest.links), CURRENT, PREVIOUS].filter((path) => survey.has(path));
  const releases = Object.keys(manifest.releases).map((name) => `lib/${name}`).filter((path) =>
    survey.has(path)
  );
  const settings = manifest.settings.filter((path) => survey.has(path));
  const state = manifest.state.filter((path) => survey.has(path));
  // What lies in a state directory goes with it.
  const unpacked = (options.unpacked ?? []).filter(({ path }) =>
    !state.some((one) => path.startsWith(`${one}/`))
  );
  const around = new Set(unpacked.flatMap(({ around }) => around ?? []));
  return {
    kind: "plan",
    actions: [
      ...links.map((path): Action => ({ kind: isTree(path, survey) ? "remove-tree" : "remove", path })),
      ...[...releases, ...unfinished(survey)].map((path): Action => ({ kind: "remove-tree", path })),
      ...(options.purge ? settings : []).map((path): Action => ({ kind: "remove", path })),
      ...(options.purge ? outermost(state) : []).map((path): Action => ({ kind: "remove-tree", path })),
      ...unpacked.map(({ path }): Action => ({ kind: "remove-tree", path })),
      ...[...around].map((path): Action => ({ kind: "remove-directory-if-empty", path })),
      { kind: "remove", path: MANIFEST },
      { kind: "remove", path: LOCK },
      ...manifest.directories.toReversed().map((path): Action => ({
        kind: "remove-directory-if-empty",
        path,
      })),
    ],
    notes: options.purge || settings.length + state.length === 0
      ? []
      : [`Kept: ${[...settings, ...outermost(state)].join(", ")}; --purge removes them too`],
  };
}

/** What install put there and somebody changed since, and what somebody put into a release. */
function changedByHand({ releases, links }: Manifest, survey: Survey): readonly string[] {
  return [
    ...Object.entries(links).filter(([path, target]) =>
      survey.has(path) && !isAsNoted(survey.get(path), { target })
    ).map(([path]) => path),
    ...[CURRENT, PREVIOUS].filter((path) => survey.has(path) && linkTarget(survey.get(path)) === undefined),
    ...Object.entries(releases).flatMap(([name, files]) => changedIn(`lib/${name}`, files, survey)),
  ];
}

function isTree(path: string, survey: Survey): boolean {
  return survey.get(path)?.kind === "directory";
}

/** Those that lie in no other of them. */
function outermost(paths: readonly string[]): readonly string[] {
  return paths.filter((path) => !paths.some((other) => path.startsWith(`${other}/`)));
}
