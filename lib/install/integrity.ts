import type { Noted } from "./manifest.ts";
import { isReleaseName, type Release, UNFINISHED } from "./release.ts";
import { type Found, isOpen, type Survey } from "./survey_model.ts";

/** Where a release goes: by its name, or next to one of that name that somebody changed. */
export function releasePlace(release: Release, survey: Survey, owners: readonly number[]): string {
  const files = noted(release);
  for (let copy = 0;; copy++) {
    const name = copy === 0 ? release.name : `${release.name}.${copy}`;
    if (!survey.has(`lib/${name}`) || isIntact(`lib/${name}`, files, survey, owners)) return name;
  }
}

/** What a manifest says of a release. */
export function noted({ files, links }: Release): Readonly<Record<string, Noted>> {
  return {
    ...Object.fromEntries(files.map(({ path, sha256, mode }) => [path, { sha256, mode }])),
    ...Object.fromEntries(Object.entries(links).map(([path, target]) => [path, { target }])),
  };
}

/** Whether a directory holds exactly these files and links, and all of it belongs to these users. */
export function isIntact(
  directory: string,
  files: Readonly<Record<string, Noted>>,
  survey: Survey,
  owners: readonly number[],
): boolean {
  return Object.keys(files).every((path) => survey.has(`${directory}/${path}`)) &&
    changedIn(directory, files, survey).length === 0 &&
    [...survey].every(([path, found]) =>
      !(path === directory || path.startsWith(`${directory}/`)) ||
      (owners.includes(found.uid) && !(found.kind === "directory" && isOpen(found.mode)))
    );
}

/** Paths in a release's directory that are not as they were noted, and such as were never noted; missing ones aside. */
export function changedIn(
  directory: string,
  files: Readonly<Record<string, Noted>>,
  survey: Survey,
): readonly string[] {
  return [...survey].filter(([path]) => path.startsWith(`${directory}/`)).filter(([path, found]) => {
    const wanted = files[path.slice(directory.length + 1)];
    if (wanted !== undefined) return !isAsNoted(found, wanted);
    return found.kind !== "directory" || !holdsNoted(path.slice(directory.length + 1), files);
  }).map(([path]) => path);
}

function holdsNoted(directory: string, files: Readonly<Record<string, Noted>>): boolean {
  return Object.keys(files).some((path) => path.startsWith(`${directory}/`));
}

/** Whether what is there is what was noted. */
export function isAsNoted(found: Found | undefined, wanted: Noted): boolean {
  if ("target" in wanted) return found?.kind === "link" && found.target === wanted.target;
  return found?.kind === "file" && found.sha256 === wanted.sha256 && found.mode === wanted.mode;
}

/** Entries of `lib/` that are releases. */
export function releaseNames(survey: Survey): readonly string[] {
  return [...survey].filter(([path, { kind }]) =>
    kind === "directory" && isReleaseName(path.replace(/^lib\//, ""))
  )
    .map(([path]) => path.slice("lib/".length));
}

/** What broken installs left. */
export function unfinished(survey: Survey): readonly string[] {
  return [...survey.keys()].filter((path) =>
    path.startsWith(`lib/${UNFINISHED}`) && path.split("/").length === 2
  );
}

/** Target of a link that points to a release. */
export function linkTarget(found: Found | undefined): string | undefined {
  return found?.kind === "link" && isReleaseName(found.target) ? found.target : undefined;
}
