/** What this program was built as: main.ts from a checkout, one bundle of it, or a single file with Deno in it. */
export type BuildKind = "source" | "bundle" | "portable" | "compiled";

/** What the build wrote into the program about itself. */
export interface Build {
  readonly kind: BuildKind;
  /** Hosts that it was built to reach and programs that it was built to run, beyond those of every build. */
  readonly net: readonly string[];
  readonly run: readonly string[];
  /** The rest of a portable file's program by name: SHA-256 of each file, main.js itself left out. */
  readonly files: Readonly<Record<string, string>>;
}

/** Where deploy/build/compile.ts puts it, in front of the bundle's own code. */
export const BUILD_KEY = "slurm-ec2 build";

/** What this process runs. */
export function currentBuild(): Build {
  const baked = (globalThis as Record<symbol, unknown>)[Symbol.for(BUILD_KEY)] as Build | undefined;
  if (baked !== undefined) return baked;
  const isBundle = !import.meta.url.endsWith("/commands/base/build.ts");
  return { kind: isBundle ? "bundle" : "source", net: [], run: [], files: {} };
}
