import { changedIn, isAsNoted, linkTarget, noted } from "./integrity.ts";
import type { Manifest, Noted } from "./manifest.ts";
import type { Desired } from "./plan.ts";
import { CURRENT, prefixLinks } from "./release.ts";
import { type Found, isOpen, modeText, type Survey } from "./survey_model.ts";

/** One thing that is not as installing would leave it. */
export interface Difference {
  /** Below the prefix, or absolute for what is outside it. */
  readonly path: string;
  readonly what: "missing" | "content" | "mode" | "owner" | "release" | "surplus" | "kind";
  readonly wanted: string;
  readonly found: string;
}

/** All differences between what is there and what would be installed; none: installing would change nothing. */
export function compareInstalled(
  desired: Desired,
  survey: Survey,
  manifest: Manifest | undefined,
): readonly Difference[] {
  return [
    ...directories(survey),
    ...releaseDifferences(desired, survey),
    ...Object.entries(prefixLinks(desired.release)).flatMap(([path, target]) =>
      entryDifference(path, { target }, survey.get(path))
    ),
    ...settings(desired, survey),
    ...state(desired, survey, manifest),
    ...owners(survey, manifest),
  ];
}

function directories(survey: Survey): Difference[] {
  return ["", "bin", "lib", "etc"].flatMap((path) => {
    const found = survey.get(path);
    const name = path === "" ? "." : path;
    if (found === undefined) {
      return [{ path: name, what: "missing", wanted: "a directory", found: "nothing" }];
    }
    if (found.kind === "link") return [];
    if (found.kind !== "directory") {
      return [{ path: name, what: "kind", wanted: "a directory", found: kindText(found) }];
    }
    return openDifference(name, found.mode);
  });
}

function openDifference(path: string, mode: number): Difference[] {
  const wanted = modeText(mode & ~0o022);
  return isOpen(mode) ? [{ path, what: "mode", wanted, found: modeText(mode) }] : [];
}

function releaseDifferences({ release }: Desired, survey: Survey): Difference[] {
  const current = linkTarget(survey.get(CURRENT));
  if (current === undefined) {
    const found = survey.get(CURRENT);
    const what = found === undefined ? "missing" : "kind";
    return [{ path: CURRENT, what, wanted: `a link to ${release.name}`, found: kindText(found) }];
  }
  const files = noted(release);
  const place = `lib/${current}`;
  const isSame = current === release.name || current.startsWith(`${release.name}.`);
  const different: Difference[] = [
    ...[...survey].filter(([path]) => path === place || path.startsWith(`${place}/`)).flatMap((
      [path, found],
    ) => found.kind === "directory" ? openDifference(CURRENT + path.slice(place.length), found.mode) : []),
    ...Object.entries(files).flatMap(([path, wanted]) =>
      entryDifference(`${CURRENT}/${path}`, wanted, survey.get(`${place}/${path}`))
    ),
    ...changedIn(place, files, survey).filter((path) => files[path.slice(place.length + 1)] === undefined)
      .map((path): Difference => ({
        path: CURRENT + path.slice(place.length),
        what: "surplus",
        wanted: "nothing",
        found: kindText(survey.get(path)),
      })),
  ];
  if (isSame) return different;
  // Another version: that its program differs is one difference, not one for each of its parts.
  return [
    { path: CURRENT, what: "release", wanted: release.name, found: current },
    ...different.filter(({ path }) => !path.endsWith(".js")),
  ];
}

function entryDifference(path: string, wanted: Noted, found: Found | undefined): Difference[] {
  if (isAsNoted(found, wanted)) return [];
  if ("target" in wanted) {
    const what = found === undefined ? "missing" : found.kind === "link" ? "content" : "kind";
    return [{ path, what, wanted: `a link to ${wanted.target}`, found: kindText(found) }];
  }
  if (found?.kind !== "file") {
    const what = found === undefined ? "missing" : "kind";
    return [{ path, what, wanted: "a file", found: kindText(found) }];
  }
  const differences: Difference[] = [];
  if (found.sha256 !== wanted.sha256) {
    const [want, have] = [wanted.sha256, found.sha256].map((sum) => `sha256 ${sum.slice(0, 12)}`);
    differences.push({ path, what: "content", wanted: want!, found: have! });
  }
  if (found.mode !== wanted.mode) {
    differences.push({ path, what: "mode", wanted: modeText(wanted.mode), found: modeText(found.mode) });
  }
  return differences;
}

/** The site may change their content, but nobody else may: hooks take settings from there. */
function settings(desired: Desired, survey: Survey): Difference[] {
  return desired.settings.flatMap(({ path }): Difference[] => {
    const found = survey.get(path);
    if (found === undefined) return [{ path, what: "missing", wanted: "a file", found: "nothing" }];
    return found.kind === "file" ? openDifference(path, found.mode) : [];
  });
}

function state({ state, owner }: Desired, survey: Survey, manifest: Manifest | undefined): Difference[] {
  return state.flatMap(({ path, shared }): Difference[] => {
    const found = survey.get(path);
    if (found === undefined) return [{ path, what: "missing", wanted: "a directory", found: "nothing" }];
    if (found.kind !== "directory" || (shared === true && !manifest?.state.includes(path))) return [];
    const wrongOwner = owner !== undefined && found.uid !== owner.uid;
    return [
      ...(wrongOwner
        ? [{ path, what: "owner", wanted: `user ${owner.uid}`, found: `user ${found.uid}` } as const]
        : []),
      ...openDifference(path, found.mode),
    ];
  });
}

/** Who may change the program of a hook runs code as SlurmUser. */
function owners(survey: Survey, manifest: Manifest | undefined): Difference[] {
  const current = linkTarget(survey.get(CURRENT));
  if (manifest === undefined || current === undefined) return [];
  const { uid } = manifest;
  const ours = [...Object.keys(manifest.links), CURRENT, `lib/${current}`];
  return [...survey].filter(([path, found]) =>
    (ours.includes(path) || path.startsWith(`lib/${current}/`)) && found.uid !== uid && found.uid !== 0
  ).map(([path, found]) => ({ path, what: "owner", wanted: `user ${uid}`, found: `user ${found.uid}` }));
}

function kindText(found: Found | undefined): string {
  if (found === undefined) return "nothing";
  return found.kind === "link"
    ? `a link to ${found.target}`
    : found.kind === "other"
    ? "no file"
    : `a ${found.kind}`;
}
