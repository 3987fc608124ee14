/**
 * `deno task notices`: writes THIRD_PARTY_NOTICES.txt, the licences of everything that a copy of this program holds:
 * each npm package of deno.lock, with the licence files that it comes with, and Deno itself. MIT, BSD and Apache-2.0
 * (section 4) ask for their text with every copy.
 */

const ROOT = new URL("../../", import.meta.url);

/** Where the notices stand. */
export const NOTICES = new URL("THIRD_PARTY_NOTICES.txt", ROOT);

/** A package with what its author says of its licence. */
export interface Notice {
  /** `name@version`. */
  readonly name: string;
  /** SPDX expression of its package.json. */
  readonly license: string;
  /** Its licence and notice files; none: the package brings none. */
  readonly texts: readonly string[];
}

/** Packages of a lock file, each once, without what peer dependencies add to the name. */
export function lockedPackages(lock: string): string[] {
  const { npm = {} } = JSON.parse(lock) as { npm?: Record<string, unknown> };
  return [...new Set(Object.keys(npm).map((key) => key.replace(/(?<=.)_.*$/, "")))].sort();
}

/** The file's text: every licence text once, below the packages that come with it. */
export function noticesText(notices: readonly Notice[]): string {
  const packages = new Map<string, string[]>();
  for (const { name, license, texts } of notices) {
    for (
      const text of texts.length === 0
        ? [`(No licence file in the package; its package.json says ${license}.)`]
        : texts
    ) {
      const names = packages.get(text) ?? [];
      packages.set(text, [...names, `${name} (${license})`]);
    }
  }
  const sections = [...packages].map(([text, names]) => `${RULE}\n${names.join("\n")}\n\n${text.trim()}\n`);
  return [
    HEAD,
    ...sections,
    `${RULE}\nDeno (MIT), in the portable file and in compiled binaries\n\n${DENO_LICENSE}`,
  ].join("\n");
}

const RULE = "=".repeat(80);
const HEAD = `Third-party notices of slurm-ec2

slurm-ec2 itself is licensed under Apache-2.0: see LICENSE. Its copies hold the following, each under its own licence.
`;

/** https://github.com/denoland/deno/blob/main/LICENSE.md */
const DENO_LICENSE = `MIT License

Copyright 2018-2026 the Deno authors

Permission is hereby granted, free of charge, to any person obtaining a copy of
this software and associated documentation files (the "Software"), to deal in
the Software without restriction, including without limitation the rights to
use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of
the Software, and to permit persons to whom the Software is furnished to do so,
subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS
FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER
IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN
CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
`;

/** Reads a package from Deno's cache, where `deno install` has put it. */
async function readNotice(cache: string, name: string): Promise<Notice> {
  const at = name.lastIndexOf("@");
  const folder = `${cache}/${name.slice(0, at)}/${name.slice(at + 1)}`;
  const files = [...Deno.readDirSync(folder)]
    .filter((entry) => /^(?:licen[cs]e|notice|copying)/i.test(entry.name))
    .flatMap(({ name: file, isDirectory }) =>
      isDirectory
        ? [...Deno.readDirSync(`${folder}/${file}`)].map((entry) => `${file}/${entry.name}`)
        : [file]
    ).sort();
  const { license = "not said" } = JSON.parse(await Deno.readTextFile(`${folder}/package.json`));
  const texts = await Promise.all(files.map((file) => Deno.readTextFile(`${folder}/${file}`)));
  return { name, license: String(license), texts: texts.map((text) => text.replaceAll("\r\n", "\n")) };
}

async function npmCache(): Promise<string> {
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).output();
  const { npmCache } = JSON.parse(new TextDecoder().decode(stdout)) as { npmCache: string };
  const [registry] = [...Deno.readDirSync(npmCache)].filter(({ isDirectory }) => isDirectory);
  return `${npmCache}/${registry!.name}`;
}

if (import.meta.main) {
  const cache = await npmCache();
  const names = lockedPackages(await Deno.readTextFile(new URL("deno.lock", ROOT)));
  await Deno.writeTextFile(
    NOTICES,
    noticesText(await Promise.all(names.map((name) => readNotice(cache, name)))),
  );
}
