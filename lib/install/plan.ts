import type { Manifest } from "./manifest.ts";
import {
  changedIn,
  isAsNoted,
  isIntact,
  linkTarget,
  noted,
  releaseNames,
  releasePlace,
  unfinished,
} from "./integrity.ts";
import { CURRENT, isReleaseName, MANIFEST, prefixLinks, PREVIOUS, type Release } from "./release.ts";
import { isOpen, modeText, type Survey } from "./survey_model.ts";

/** A file that is the site's own once it is there. */
export interface SettingsFile {
  /** Below the prefix. */
  readonly path: string;
  readonly text: string;
  readonly mode: number;
  /** Group that may read it, where others may not. */
  readonly gid?: number;
}

/** A directory outside the prefix that hooks need, belonging to SlurmUser. */
export interface StateDirectory {
  /** Absolute. */
  readonly path: string;
  readonly mode: number;
  /** Other programs may use it, as they do /var/log: where it is there already, its owner is as it should be. */
  readonly shared?: boolean;
}

/** What an installation consists of. */
export interface Desired {
  readonly release: Release;
  readonly settings: readonly SettingsFile[];
  /** Outer ones first. */
  readonly state: readonly StateDirectory[];
  /** SlurmUser, where it is known; owns the state directories. */
  readonly owner?: { readonly uid: number; readonly gid: number };
}

/** One step of an install or uninstall; paths are below the prefix unless they are absolute. */
export type Action =
  | { readonly kind: "make-directory"; readonly path: string; readonly mode: number }
  | { readonly kind: "set-mode"; readonly path: string; readonly mode: number }
  | { readonly kind: "own"; readonly path: string; readonly uid: number; readonly gid: number }
  | { readonly kind: "write-release"; readonly path: string }
  | { readonly kind: "write-settings"; readonly path: string }
  /** Something that is not ours is in the way: it is kept next to its place. */
  | { readonly kind: "set-aside"; readonly path: string; readonly to: string }
  | { readonly kind: "link"; readonly path: string; readonly target: string }
  | { readonly kind: "remove"; readonly path: string }
  | { readonly kind: "remove-tree"; readonly path: string }
  | { readonly kind: "remove-directory-if-empty"; readonly path: string };

/** What is to be done, in this order, or why nothing may be. */
export type Plan =
  | {
    readonly kind: "plan";
    readonly actions: readonly Action[];
    /** Before the first action: what may be there from then on, should it break off. */
    readonly begin: Manifest;
    /** After the last action. */
    readonly end: Manifest;
    readonly notes: readonly string[];
  }
  | { readonly kind: "refused"; readonly problems: readonly string[] };

/** What the plan of an install goes by besides what is wanted. */
export interface Present {
  readonly survey: Survey;
  readonly manifest: Manifest | undefined;
  /** Numeric user who installs, so that files will belong to. */
  readonly uid: number;
  /** Whether what is not ours may be set aside. */
  readonly force: boolean;
  /** Directories below the prefix that were made already, for the lock to be somewhere. */
  readonly made?: readonly string[];
}

/**
 * How to get from what is there to what is wanted. The new release is complete in a directory of its own before
 * one link is switched to it; the one before stays for what is still running and for going back.
 */
export function planInstall(desired: Desired, present: Present): Plan {
  const { survey, manifest, force } = present;
  const { release } = desired;
  const name = releasePlace(release, survey, trustedOwners(present));
  const links = prefixLinks(release);
  const foreign = [CURRENT, PREVIOUS, ...Object.keys(links)].filter((path) => isForeign(path, present));
  if (foreign.length > 0 && !force) return { kind: "refused", problems: foreign.map(inTheWay) };

  const previous = previousRelease(name, present);
  const kept = new Set([name, previous, linkTarget(survey.get(CURRENT))]);
  const surplus = releaseNames(survey).filter((one) => !kept.has(one) && isKnownRelease(one, present));
  const left = Object.entries(manifest?.releases ?? {}).filter(([one]) =>
    survey.has(`lib/${one}`) && !surplus.includes(one)
  );
  const directories = missingDirectories(desired, survey);
  const settings = desired.settings.filter(({ path }) => !survey.has(path));
  const end: Manifest = {
    format: 1,
    version: release.version,
    current: name,
    uid: present.uid,
    ...(previous !== undefined && { previous }),
    releases: { ...Object.fromEntries(left), [name]: noted(release) },
    links,
    settings: union(manifest?.settings, settings.map(({ path }) => path)),
    directories: union(manifest?.directories, [
      ...present.made ?? [],
      ...directories.below.map(({ path }) => path),
    ]),
    state: union(manifest?.state, directories.outside.map(({ path }) => path)),
  };
  return {
    kind: "plan",
    actions: [
      ...unfinished(survey).map((path): Action => ({ kind: "remove-tree", path })),
      ...directories.below.map((action): Action => ({ kind: "make-directory", ...action })),
      ...openDirectories(survey).filter(({ path }) => manifest?.directories.includes(path))
        .map(({ path, mode }): Action => ({ kind: "set-mode", path, mode: mode & ~0o022 })),
      ...foreign.map((path): Action => ({ kind: "set-aside", path, to: asidePath(path, survey) })),
      ...settings.map(({ path }): Action => ({ kind: "write-settings", path })),
      ...directories.outside.map((action): Action => ({ kind: "make-directory", ...action })),
      ...ownership(desired, present),
      ...(survey.has(`lib/${name}`) ? [] : [{ kind: "write-release", path: `lib/${name}` } as const]),
      ...linkActions(previous === undefined ? {} : { [PREVIOUS]: previous }, survey),
      ...linkActions({ [CURRENT]: name }, survey),
      ...linkActions(links, survey),
      ...linksOfOld(manifest, links, survey),
      ...surplus.map((one): Action => ({ kind: "remove-tree", path: `lib/${one}` })),
    ],
    begin: {
      ...end,
      releases: { ...manifest?.releases, ...end.releases },
      links: { ...manifest?.links, ...end.links },
    },
    end,
    notes: [...foreignState(desired, present), ...foreignOpen(present)],
  };
}

/** Who may own the program of a hook: root, and the user that installs. */
function trustedOwners({ uid, manifest }: Present): readonly number[] {
  return [0, uid, ...(manifest === undefined ? [] : [manifest.uid])];
}

/** The release to go back to: the one in use now, unless somebody changed it. */
function previousRelease(name: string, present: Present): string | undefined {
  const { survey, manifest } = present;
  return [CURRENT, PREVIOUS].map((path) => linkTarget(survey.get(path))).find((one) => {
    const files = one === undefined ? undefined : manifest?.releases[one];
    return files !== undefined && one !== name &&
      isIntact(`lib/${one}`, files, survey, trustedOwners(present));
  });
}

/** How to go back to the release before. */
export function planRollback({ survey, manifest }: Pick<Present, "survey" | "manifest">): Plan {
  const [current, previous] = [linkTarget(survey.get(CURRENT)), linkTarget(survey.get(PREVIOUS))];
  const files = previous === undefined ? undefined : manifest?.releases[previous];
  if (manifest === undefined || previous === undefined || current === undefined || files === undefined) {
    return { kind: "refused", problems: ["There is no release before this one to go back to"] };
  }
  if (!isIntact(`lib/${previous}`, files, survey, [0, manifest.uid])) {
    const changed = changedIn(`lib/${previous}`, files, survey);
    const which = changed.length === 0 ? "" : `: ${changed.join(", ")}`;
    return {
      kind: "refused",
      problems: [`lib/${previous} is not as it was installed${which}; install the version you want again`],
    };
  }
  const version = /^slurm-ec2-(.+)-[0-9a-f]{12}(?:\.[0-9]+)?$/.exec(previous)?.[1] ?? manifest.version;
  const end: Manifest = { ...manifest, version, current: previous, previous: current };
  return {
    kind: "plan",
    actions: [
      ...linkActions({ [CURRENT]: previous }, survey),
      ...linkActions({ [PREVIOUS]: current }, survey),
    ],
    begin: manifest,
    end,
    notes: [],
  };
}

/** Actions for links that don't point where they should. */
function linkActions(links: Readonly<Record<string, string>>, survey: Survey): Action[] {
  return Object.entries(links).filter(([path, target]) => {
    const found = survey.get(path);
    return !(found?.kind === "link" && found.target === target);
  }).map(([path, target]) => ({ kind: "link", path, target }));
}

/** Links of the release before that this one has no use for. */
function linksOfOld(
  manifest: Manifest | undefined,
  links: Readonly<Record<string, string>>,
  survey: Survey,
): Action[] {
  return Object.entries(manifest?.links ?? {}).filter(([path, target]) =>
    links[path] === undefined && isAsNoted(survey.get(path), { target })
  ).map(([path]) => ({ kind: "remove", path }));
}

/** Whether something is there that install never put there. */
function isForeign(path: string, { survey, manifest }: Present): boolean {
  const found = survey.get(path);
  if (found === undefined) return false;
  if (found.kind !== "link") return true;
  if (path === CURRENT || path === PREVIOUS) return !isReleaseName(found.target);
  return found.target !== manifest?.links[path] &&
    !found.target.replace(/^(\.\.\/)+/, "").startsWith(`${CURRENT}/`);
}

/** A release's name alone does not make it ours: its files are noted, or its own manifest is lost with all others. */
function isKnownRelease(name: string, { manifest, survey }: Present): boolean {
  const files = manifest?.releases[name];
  return files !== undefined && changedIn(`lib/${name}`, files, survey).length === 0;
}

function inTheWay(path: string): string {
  return `${path} is not slurm-ec2's: move it away, or give --force to have it kept as ${path}.bak`;
}

/** Names next to a path for what is set aside. */
function asidePaths(path: string): readonly string[] {
  return [path, `${path}.bak`, ...Array.from({ length: 9 }, (_, index) => `${path}.bak${index + 1}`)];
}

/** A free one of them; the last where none is. */
function asidePath(path: string, survey: Survey): string {
  const names = asidePaths(path).slice(1);
  return names.find((name) => !survey.has(name)) ?? names.at(-1)!;
}

interface NewDirectory {
  readonly path: string;
  readonly mode: number;
}

function missingDirectories(
  { state }: Desired,
  survey: Survey,
): { readonly below: readonly NewDirectory[]; readonly outside: readonly NewDirectory[] } {
  const below = ["", "bin", "lib", "etc"].filter((path) => !survey.has(path));
  return {
    below: below.map((path) => ({ path, mode: 0o755 })),
    outside: state.filter(({ path }) => !survey.has(path)).map(({ path, mode }) => ({ path, mode })),
  };
}

/** Directories of the prefix in which others could put a program of their own in the place of a hook. */
function openDirectories(survey: Survey): NewDirectory[] {
  return ["bin", "lib", "etc"].flatMap((path) => {
    const found = survey.get(path);
    return found?.kind === "directory" && isOpen(found.mode) ? [{ path, mode: found.mode }] : [];
  });
}

/** What others made may be open for a reason: a person decides. */
function foreignOpen({ survey, manifest }: Present): string[] {
  return openDirectories(survey).filter(({ path }) => !manifest?.directories.includes(path)).map((
    { path, mode },
  ) => `Others may write to ${path} (mode ${modeText(mode)}) and so replace what hooks run: chmod go-w it`);
}

function ownership({ state, owner }: Desired, { survey, manifest }: Present): Action[] {
  if (owner === undefined) return [];
  // What others made may hold more than ours: its owner is a person's business.
  return state.filter(({ path }) => !survey.has(path) || manifest?.state.includes(path))
    .filter(({ path }) => survey.get(path)?.uid !== owner.uid)
    .map(({ path }) => ({ kind: "own", path, ...owner }));
}

function foreignState({ state, owner }: Desired, { survey, manifest }: Present): string[] {
  if (owner === undefined) return [];
  return state.filter(({ path, shared }) => !shared && !manifest?.state.includes(path)).flatMap(
    ({ path }) => {
      const uid = survey.get(path)?.uid;
      if (uid === undefined || uid === owner.uid) return [];
      return [
        `${path} belongs to user ${uid} and hooks run as user ${owner.uid}: chown -R ${owner.uid} ${path}`,
      ];
    },
  );
}

function union(before: readonly string[] | undefined, more: readonly string[]): readonly string[] {
  return [...new Set([...before ?? [], ...more])];
}

/** Paths that a survey for these purposes must look at, releases aside. */
export function pathsToSurvey(
  desired: Pick<Desired, "release" | "settings" | "state"> | undefined,
  manifest: Manifest | undefined,
): readonly string[] {
  return [
    ...new Set([
      ...["", "bin", "lib", "etc", CURRENT, PREVIOUS, MANIFEST],
      ...(desired === undefined ? [] : Object.keys(prefixLinks(desired.release)).flatMap(asidePaths)),
      ...[CURRENT, PREVIOUS].flatMap(asidePaths),
      ...(desired?.settings ?? []).map(({ path }) => path),
      ...(desired?.state ?? []).map(({ path }) => path),
      ...Object.keys(manifest?.links ?? {}),
      ...manifest?.settings ?? [],
      ...manifest?.directories ?? [],
      ...manifest?.state ?? [],
    ]),
  ];
}
