import { type Build, type BuildKind, currentBuild } from "./base/build.ts";
import { defineCommand, JSON_FLAG } from "./base/command.ts";
import type { Flag, Flags } from "./base/flag.ts";
import { ExitCode } from "./base/exit_code.ts";
import type { Host } from "./base/host.ts";
import { painter } from "./base/painter.ts";
import { NO_PERMISSIONS } from "./base/permissions.ts";
import { grantedBy } from "./base/revocations.ts";
import { errorText } from "../lib/base/error_text.ts";
import { filePath } from "../lib/base/file_path.ts";
import type { Paint } from "../lib/base/paint.ts";
import { textTable } from "../lib/base/text_table.ts";
import { VERSION } from "../lib/base/version.ts";

const FLAGS = [JSON_FLAG] as const satisfies readonly Flag[];
type Given = Flags<typeof FLAGS>;

/** `slurm-ec2 self check`. */
export const selfCheck = defineCommand({
  name: "self check",
  summary: "Say what this slurm-ec2 is made of, and check that it is as it was built.",
  flags: FLAGS,
  examples: [
    { command: "slurm-ec2 self check", says: "Versions, checksums and permissions of this program" },
    {
      command: "slurm-ec2 self check --json",
      says: "Every file of it as data",
    },
  ],
  notes:
    "Compare the file's checksum with the one that was published with it: the rest is checked against the file.",
  exits: { [ExitCode.Partly]: "a file is missing, or is not as it was built" },
  permissions: { ...NO_PERMISSIONS, read: ["program"], env: true },
  run: async (host, flags) => await runSelfCheck(host, flags),
});

/** One file that the program consists of. */
export interface Part {
  readonly name: string;
  /** SHA-256 in hexadecimal; absent where the file can't be read. */
  readonly sha256?: string;
  /** What it must be; absent where the build does not say. */
  readonly wanted?: string;
  /** Why it can't be read. */
  readonly trouble?: string;
}

/** What this process is made of. */
export interface SelfReport {
  readonly version: string;
  readonly deno: string;
  readonly v8: string;
  readonly target: string;
  readonly kind: BuildKind;
  /** The one file that was started; absent for sources and plain bundles. */
  readonly file?: Part;
  /** Where the running program lies. */
  readonly directory: string;
  readonly parts: readonly Part[];
  /** What this process holds: `all` of a kind, what is `listed` by name, or `none`. */
  readonly permissions: Readonly<Record<string, string>>;
  /** Hosts and programs that this build was made to reach beyond those of every build. */
  readonly site: { readonly net: readonly string[]; readonly run: readonly string[] };
}

async function runSelfCheck(host: Host, flags: Given): Promise<ExitCode> {
  const report = await inspectSelf(host);
  const problems = problemsOf(report);
  if (flags.has("json")) host.stdout.write(`${JSON.stringify({ ...report, problems }, undefined, 2)}\n`);
  else host.stdout.write(reportText(report, problems, await painter(host, host.stdout)));
  return problems.length === 0 ? ExitCode.Done : ExitCode.Partly;
}

/** Everything about a program that doesn't match, one sentence each. */
export function problemsOf({ file, parts }: Pick<SelfReport, "file" | "parts">): string[] {
  return [...(file === undefined ? [] : [file]), ...parts].flatMap(({ name, sha256, wanted, trouble }) => {
    if (trouble !== undefined) return [`${name} can't be read: ${trouble}`];
    if (wanted === undefined || wanted === sha256) return [];
    return [`${name} has the checksum ${sha256}, built with ${wanted}: extract or fetch it again`];
  });
}

async function inspectSelf(host: Host): Promise<SelfReport> {
  const build = currentBuild();
  const directory = filePath(new URL(".", Deno.mainModule)).replace(/\/$/, "");
  const file = build.kind === "compiled" ? Deno.execPath() : build.kind === "portable"
    // Empty where an installation holds what the file was made of.
    ? host.env("SLURM_EC2_FILE") || undefined
    : undefined;
  const wanted = new Map(Object.entries(build.files));
  const main = host.env("SLURM_EC2_MAIN_SUM");
  if (build.kind === "portable" && main !== undefined) wanted.set("main.js", main);
  const names = build.kind === "portable" ? [...wanted.keys()].sort() : [];
  return {
    version: VERSION,
    deno: Deno.version.deno,
    v8: Deno.version.v8,
    target: Deno.build.target,
    kind: build.kind,
    ...(file === undefined ? {} : { file: await part(file, file, undefined) }),
    directory,
    parts: await Promise.all(names.map((name) => part(name, `${directory}/${name}`, wanted.get(name)))),
    permissions: heldPermissions(build),
    site: { net: build.net, run: build.run },
  };
}

async function part(name: string, path: string, wanted: string | undefined): Promise<Part> {
  const expected = wanted === undefined ? {} : { wanted };
  try {
    return { name, sha256: await sha256(path), ...expected };
  } catch (error) {
    return { name, ...expected, trouble: errorText(error) };
  }
}

async function sha256(path: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", await Deno.readFile(path));
  return new Uint8Array(digest).toHex();
}

/** By kind: all of it, what was listed by name, or none. */
function heldPermissions(build: Build): Record<string, string> {
  const { net, run } = grantedBy(build);
  const listed: Readonly<Record<string, readonly Deno.PermissionDescriptor[]>> = {
    net: net.map((host) => ({ name: "net", host })),
    run: run.map((command) => ({ name: "run", command })),
    env: ["AWS_REGION", "HOME", "SLURM_EC2_CONFIG"].map((variable) => ({ name: "env", variable })),
    sys: [{ name: "sys", kind: "osRelease" }],
  };
  return Object.fromEntries(KINDS.map((name) => {
    if (isGranted({ name })) return [name, "all"];
    return [name, listed[name]?.some(isGranted) ? "listed" : "none"];
  }));
}

const KINDS = ["net", "run", "write", "read", "env", "sys", "ffi"] as const;

function isGranted(permission: Deno.PermissionDescriptor): boolean {
  return Deno.permissions.querySync(permission).state === "granted";
}

function reportText(report: SelfReport, problems: readonly string[], paint: Paint): string {
  const { file, parts, permissions, site } = report;
  const rows = [
    ["slurm-ec2", report.version],
    ["Deno", `${report.deno}, V8 ${report.v8}`],
    ["Target", report.target],
    ["Kind", report.kind],
    ["Directory", report.directory],
    ...(file === undefined ? [] : [["File", `${file.name}, sha256 ${file.sha256 ?? "unknown"}`]]),
    ...parts.filter(({ name }) => ["deno", "main.js"].includes(name)).map(({ name, sha256 }) => [
      name,
      `sha256 ${sha256 ?? "unknown"}`,
    ]),
    ["Permissions", Object.entries(permissions).map(([kind, state]) => `${kind} ${state}`).join(", ")],
    ...(site.net.length > 0 ? [["Site's hosts", site.net.join(", ")]] : []),
    ...(site.run.length > 0 ? [["Site's programs", site.run.join(", ")]] : []),
  ];
  const verdict = problems.length > 0
    ? problems.map((problem) => `${paint("bad", problem)}\n`).join("")
    : parts.length > 0
    ? `${paint("good", `All ${parts.length} files are as they were built`)}\n`
    : "";
  return `${textTable(rows[0]!, rows.slice(1))}${verdict}`;
}
