/** Machines that a release has programs for. */
export const ARCHITECTURES = ["x86_64", "aarch64"] as const;

/** One of {@link ARCHITECTURES}. */
export type Architecture = typeof ARCHITECTURES[number];

/** A file of a release, and how it comes about; `missing`: it can't be built here, and why. */
export type ReleaseItem =
  | {
    readonly kind: "program";
    readonly file: string;
    /** Arguments of deploy/build/compile.ts, without `--out`. */
    readonly args: readonly string[];
    /** Whether the release goes on without it: what it takes may not be to be had. */
    readonly optional: boolean;
  }
  | { readonly kind: "text"; readonly file: string; readonly text: string }
  | { readonly kind: "missing"; readonly file: string; readonly why: string };

/** What is known before anything is built. */
export interface ReleaseFacts {
  readonly version: string;
  /** The machine that builds. */
  readonly machine: string;
  /** Version of Deno that builds, which the other machine's must be, too. */
  readonly deno: string;
  /** Deno executables of other machines that were named. */
  readonly denos: Readonly<Partial<Record<Architecture, string>>>;
  /** Whether programs are to be built: they take minutes. */
  readonly programs: boolean;
  /** Files that are text: name below the release to content. */
  readonly texts: Readonly<Record<string, string>>;
}

/** All files of a release but the list of their checksums, in the order in which they are built. */
export function planRelease({ version, machine, deno, denos, programs, texts }: ReleaseFacts): ReleaseItem[] {
  const files = ARCHITECTURES.flatMap((architecture): ReleaseItem[] => {
    const name = `slurm-ec2-${version}-${architecture}`;
    const target = ["--target", architecture];
    if (!programs) {
      const why = "--without-programs was given";
      return [{ kind: "missing", file: `${name}-portable`, why }, { kind: "missing", file: name, why }];
    }
    const named = denos[architecture];
    const portable: ReleaseItem = named === undefined && architecture !== machine
      ? {
        kind: "missing",
        file: `${name}-portable`,
        why: `it takes Deno ${deno} for ${architecture}: --deno-${architecture} FILE`,
      }
      : {
        kind: "program",
        file: `${name}-portable`,
        args: ["--portable", ...target, ...(named === undefined ? [] : ["--deno", named])],
        optional: false,
      };
    return [portable, { kind: "program", file: name, args: target, optional: true }];
  });
  const other = Object.entries(texts).map(([file, text]): ReleaseItem => ({ kind: "text", file, text }));
  return [...other, ...files];
}
