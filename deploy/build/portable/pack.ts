import type { Command } from "../../../commands/base/command.ts";
import { placesPart } from "../../../lib/install/places_part.ts";

/** What becomes one portable file. */
export interface PackInput {
  /** Directory with everything that is to be extracted: deno, main.js and its chunks. */
  readonly program: string;
  /** The file to write. */
  readonly file: string;
  readonly version: string;
  /** As `uname -m` says it. */
  readonly architecture: string;
  /** gzip's, 1 to 9. */
  readonly level: number;
  readonly commands: readonly Command[];
  /** Lists of hosts, programs, variables and system facts, as Deno's flags take them. */
  readonly grants: Readonly<Record<"net" | "run" | "env" | "sys", readonly string[]>>;
}

/** Every file of the archive has this time (2020-01-01 UTC): two builds are the same, and a change shows. */
const MTIME = 1_577_836_800;

/** Modes, with the bits for a regular file as `stat -c %f` shows them. */
const RUNNABLE = 0o100500;
const READABLE = 0o100400;

const LAUNCHER = new URL("./launcher", import.meta.url);
const HOOK = new URL("../../hooks/hook", import.meta.url);
const DIFFERENCES = new URL("../../install/differences.sh", import.meta.url);

/**
 * Packs a program into one file that is its own launcher, the same bytes whenever it is done.
 * @throws {Error} when tar or gzip fails; its message holds their words.
 */
export async function packPortable(input: PackInput): Promise<void> {
  const names = [...Deno.readDirSync(input.program)].map(({ name }) => name).sort();
  const modes = new Map(names.map((name) => [name, name === "deno" ? RUNNABLE : READABLE]));
  for (const [name, mode] of modes) Deno.chmodSync(`${input.program}/${name}`, mode & 0o777);
  const archive = `${input.file}.archive`;
  try {
    await makeArchive(input, names, archive);
    const launcher = fillIn(await Deno.readTextFile(LAUNCHER), {
      VERSION: input.version,
      ARCH: input.architecture,
      SIZE: String(Deno.statSync(archive).size),
      ...await sums(input, archive),
      FILES: names.map((name) => fileLine(input.program, name, modes.get(name)!)).join(""),
      MEGABYTES: String(Math.ceil(totalSize(input.program, names) / 1e6)),
      NET: word(input.grants.net),
      // Hooks never ask sacct: only the command that does may run it.
      RUN: word(input.grants.run.filter((path) => !path.endsWith("/sacct"))),
      SACCTS: word(input.grants.run.filter((path) => path.endsWith("/sacct"))),
      ENV: word(input.grants.env),
      SYS: word(input.grants.sys),
      COMMANDS: input.commands.map(commandCase).join("\n"),
      PLACES: placesPart(await Deno.readTextFile(HOOK), await Deno.readTextFile(DIFFERENCES)),
    });
    await writeWhole(input.file, launcher, archive);
  } finally {
    await Deno.remove(archive).catch(() => {});
  }
}

async function makeArchive({ program, level }: PackInput, names: readonly string[], archive: string) {
  const script = 'set -e; tar --format=ustar --sort=name --mtime="@$1" --owner=0 --group=0 --numeric-owner ' +
    '-cf - -C "$2" -- $5 >"$4.tar"; gzip -n "-$3" <"$4.tar" >"$4"; rm -f "$4.tar"';
  const { success, stderr } = await new Deno.Command("sh", {
    args: ["-c", script, "sh", String(MTIME), program, String(level), archive, names.join(" ")],
    env: { LC_ALL: "C" },
  }).output();
  await Deno.remove(`${archive}.tar`).catch(() => {});
  if (!success) throw new Error(`Can't pack ${program}: ${new TextDecoder().decode(stderr).trim()}`);
}

async function sums({ program }: PackInput, archive: string) {
  const sum = await sha256(archive);
  return { SUM: sum, ID: sum.slice(0, 16), MAIN_SUM: await sha256(`${program}/main.js`) };
}

/** SHA-256 of a file in hexadecimal. */
export async function sha256(file: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", await Deno.readFile(file));
  return new Uint8Array(digest).toHex();
}

function fileLine(program: string, name: string, mode: number): string {
  return `${mode.toString(16)} ${Deno.statSync(`${program}/${name}`).size} ${MTIME} ${name}\n`;
}

function totalSize(program: string, names: readonly string[]): number {
  return names.reduce((sum, name) => sum + Deno.statSync(`${program}/${name}`).size, 0);
}

/**
 * A list as one word of the launcher.
 * @throws {RangeError} where an entry isn't what a host, path or name looks like.
 */
function word(list: readonly string[]): string {
  for (const entry of list) {
    if (!/^[\w.:*/[\]@+-]+$/.test(entry)) {
      throw new RangeError(`Can't grant "${entry}": it is not a host, path or name`);
    }
  }
  return `'${list.join(",")}'`;
}

/** Places that the site's configuration, or the program itself, names: the launcher's variable for each. */
const PLACES: Readonly<Record<string, string>> = {
  config: "$config",
  state: "$state",
  log: "$log",
  aws: "$aws",
  program: "$app${file:+,$file}",
  parts: "$app",
};

/** The launcher's line for one command: what Deno is started with, in full. */
export function commandCase({ name, permissions }: Pick<Command, "name" | "permissions">): string {
  const { net, write, read, env } = permissions;
  const asksAws = net.some((one) => one !== "loopback");
  const flags = [
    ...(net.length === 0 ? [] : [netFlag(net), '--allow-sys="$sys"']),
    ...runFlags(permissions, asksAws),
    ...pathFlags("write", write),
    ...readFlags(read),
    ...(env ? ['--allow-env="$env"', "--ignore-env"] : []),
  ];
  const pattern = name.includes(" ") ? `'${name}'` : `'${name} '*`;
  const words = [...flags, '"$app/main.js" "$first" "$@"'].join(" ");
  const ofSite = asksAws || /\$(?:config|state|log|aws|(?:own_)?scontrol|sacct)\b/.test(words);
  return `  ${pattern}) ${ofSite ? "site; " : ""}set -- ${words} ;;`;
}

/** The launcher's list of hosts: prices and quotas come from hosts that the hooks don't ask; a site's own, only it knows. */
function netFlag(net: Command["permissions"]["net"]): string {
  if (net.includes("site")) return "--allow-net";
  if (net.includes("loopback")) return '--allow-net="$loopback"';
  // What asks for prices alone gets no endpoint of the site's own.
  if (net.includes("pricing") && !net.includes("ec2")) return '--allow-net="$outside"';
  return `--allow-net="$${net.includes("pricing") || net.includes("quotas") ? "net" : "hosts"}"`;
}

function runFlags({ run }: Command["permissions"], asksAws: boolean): string[] {
  if (run.includes("tools")) return ["--allow-run"];
  if (run.includes("notify")) return ['${notify_program:+"--allow-run=$notify_program"}'];
  if (run.includes("sacct")) return ['--allow-run="$sacct"'];
  if (run.includes("scontrol")) {
    const others = run.filter((name) => name !== "scontrol").map((name) => `,${name}`);
    // Credential helpers are for those that ask AWS.
    return [`--allow-run="$${asksAws ? "scontrol" : "own_scontrol"}${others.join("")}"`];
  }
  if (run.length > 0) return ["--allow-run"];
  return asksAws ? ['${helpers:+"--allow-run=$helpers"}'] : [];
}

/** Every command reads its own parts of the program. */
function readFlags(read: Command["permissions"]["read"]): string[] {
  if (read.length === 0) return ['--allow-read="$app"'];
  return pathFlags("read", read.includes("program") ? read : [...read, "parts"]);
}

/** Exact paths where the site decides them, all where the command line does. */
function pathFlags(kind: "read" | "write", places: readonly string[]): string[] {
  if (places.length === 0) return [];
  const paths = places.map((place) => PLACES[place]);
  return paths.includes(undefined)
    ? [`--allow-${kind}`]
    : [`--allow-${kind}="${paths.join(",")}$more_${kind}"`];
}

function fillIn(template: string, values: Readonly<Record<string, string>>): string {
  // A placeholder for whole lines is a comment in the template.
  return template.replace(/(?:^ *#)?@([A-Z_]+)@/gm, (_, key: string) => {
    const value = values[key];
    if (value === undefined) throw new Error(`The launcher asks for an unknown value: ${key}`);
    return value;
  });
}

/** Written next to the target and renamed: a file that is being started meanwhile is the old one or the new one. */
async function writeWhole(target: string, launcher: string, archive: string): Promise<void> {
  const temporary = `${target}.new`;
  await Deno.writeTextFile(temporary, launcher);
  using source = await Deno.open(archive);
  const file = await Deno.open(temporary, { append: true });
  await source.readable.pipeTo(file.writable);
  await Deno.chmod(temporary, 0o755);
  await Deno.rename(temporary, target);
}
