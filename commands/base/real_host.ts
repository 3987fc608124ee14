import { sleep } from "../../lib/base/sleep.ts";
import { eventWriter } from "../../lib/events/write.ts";
import { currentBuild } from "./build.ts";
import type { Connections } from "./connections.ts";
import type { Grants } from "./effective_permissions.ts";
import type { Files, Host, Output } from "./host.ts";
import { grantedBy, revocations } from "./revocations.ts";

/** Loaded as the registry loads a command: in a bundle, only where it is asked for. */
const CONNECTIONS = { load: async () => (await import("./connections.ts")).connections };

/** The real process as a {@link Host}. */
export function realHost(): Host {
  const interrupt = new AbortController();
  let made: Promise<Connections> | undefined;
  const clients = () => made ??= CONNECTIONS.load().then((connections) => connections(readEnv));
  return {
    env: readEnv,
    stdout: output(Deno.stdout),
    stderr: output(Deno.stderr),
    noColor: Deno.noColor,
    uid: ownUid,
    mayRead: (path) => Deno.permissions.querySync({ name: "read", path }).state === "granted",
    ask: askTerminal,
    readStdin: async () => new Uint8Array(await new Response(Deno.stdin.readable).arrayBuffer()),
    files,
    now: Date.now,
    sleep,
    interrupted: interrupt.signal,
    onInterrupt: () => {
      for (const signal of ["SIGINT", "SIGTERM"] as const) {
        Deno.addSignalListener(signal, () => interrupt.abort());
      }
    },
    async keepOnly(keep) {
      // Before the permission to load them goes: a bundle's parts are files. What asks nobody doesn't need them.
      if (keep.net !== "none" || keep.run !== "none") await clients();
      dropPermissions(keep);
    },
    programPath: readEnv("SLURM_EC2_PROGRAM") ?? (Deno.build.standalone ? Deno.execPath() : undefined),
    configs: new Map(),
    connect: {
      ec2: async (config) => (await clients()).ec2(config),
      ssm: async (config) => (await clients()).ssm(config),
      sts: async (config) => (await clients()).sts(config),
      pricing: async (config) => (await clients()).pricing(config),
      quotas: async (config) => (await clients()).quotas(config),
      scontrol: async (config, options) => (await clients()).scontrol(config, options),
      sacct: async (config, timeLimit) => (await clients()).sacct(config, timeLimit),
      machine: async () => (await clients()).machine(),
      log: async ({ logFile, stateDir }) => {
        const { fileLog } = await import("../../lib/base/file_log.ts");
        // The hooks run as stateDir's owner. Looking at the log's own directory would take reading all that is in it.
        return fileLog(logFile, { ownerOf: stateDir });
      },
      events: (config, warn) =>
        eventWriter({
          path: `${config.stateDir}/events.jsonl`,
          run: crypto.randomUUID(),
          cluster: config.cluster,
          now: Date.now,
          warn,
        }),
    },
  };
}

/** Gives up what this process holds beyond `keep`, for good: nothing in Deno brings a revoked permission back. */
function dropPermissions(keep: Grants): void {
  const build = currentBuild();
  for (const permission of revocations(keep, grantedBy(build))) Deno.permissions.revokeSync(permission);
  // From sources, modules that a command loads later may still have to come from a registry's cache.
  if (build.kind !== "source") Deno.permissions.revokeSync({ name: "import" });
}

/** A variable that we were not allowed to read counts as unset: commands run with few permissions. */
function readEnv(name: string): string | undefined {
  try {
    // Asking for a value would make Deno ask a person at a terminal for the permission.
    if (Deno.permissions.querySync({ name: "env", variable: name }).state === "prompt") return undefined;
    return Deno.env.get(name);
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return undefined;
    throw error;
  }
}

function ownUid(): number | undefined {
  if (Deno.permissions.querySync({ name: "sys", kind: "uid" }).state !== "granted") return undefined;
  return Deno.uid() ?? undefined;
}

/** The question goes to standard error, since standard output may be a file that a program reads. */
function askTerminal(question: string): string | undefined {
  if (!Deno.stdin.isTerminal()) return undefined;
  Deno.stderr.writeSync(new TextEncoder().encode(question));
  const byte = new Uint8Array(1);
  const line: number[] = [];
  while (Deno.stdin.readSync(byte) === 1 && byte[0] !== 0x0a) line.push(byte[0]!);
  return new TextDecoder().decode(new Uint8Array(line)).trim();
}

function output(stream: typeof Deno.stdout | typeof Deno.stderr): Output {
  const encoder = new TextEncoder();
  // Now, since most commands give up reading variables before they print; nobody watches a hook, which reads none.
  const isTerminal = stream.isTerminal() && readEnv("TERM") !== "dumb";
  return {
    write(text) {
      for (let bytes = encoder.encode(text); bytes.length > 0;) {
        bytes = bytes.subarray(stream.writeSync(bytes));
      }
    },
    isTerminal,
    get columns() {
      try {
        return Deno.consoleSize().columns;
      } catch {
        return 80;
      }
    },
  };
}

const files: Files = {
  read: (path) => Deno.readFileSync(path),
  readText: (path) => Deno.readTextFileSync(path),
  writeText(path, text, options) {
    const target = existing(path);
    const temporary = `${target.path}.${crypto.randomUUID()}.tmp`;
    try {
      const kept = (options?.modeOf === undefined ? target.mode : existing(options.modeOf).mode) ??
        options?.newMode;
      Deno.writeTextFileSync(temporary, text, { mode: options?.mode ?? kept });
      // The mode above is cut by umask.
      if (options?.mode === undefined && kept !== undefined) Deno.chmodSync(temporary, kept);
      Deno.renameSync(temporary, target.path);
    } catch (error) {
      try {
        Deno.removeSync(temporary);
      } catch { /* it was never made, or the disk is gone: the first error is the one to tell */ }
      throw error;
    }
  },
  list: (path) => [...Deno.readDirSync(path)].map((entry) => entry.name).sort(),
  exists(path) {
    try {
      Deno.statSync(path);
      return true;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return false;
      throw error;
    }
  },
  stamp(path) {
    try {
      const { dev, ino, size, mtime } = Deno.statSync(path);
      return `${dev} ${ino} ${size} ${mtime?.getTime()}`;
    } catch {
      return undefined;
    }
  },
  mkdir(path, mode) {
    const missing = mode === undefined ? [] : missingDirectories(path);
    Deno.mkdirSync(path, { recursive: true });
    for (const made of missing) Deno.chmodSync(made, mode!);
  },
};

/** What a file to be replaced is: a link's target is written, not the link, and its mode is kept. */
function existing(path: string): { readonly path: string; readonly mode?: number } {
  try {
    const real = Deno.realPathSync(path);
    const { mode } = Deno.statSync(real);
    return { path: real, ...(mode === null ? {} : { mode: mode & 0o7777 }) };
  } catch {
    // Not there yet, or not to be looked at: it is written by the name it has.
    return { path };
  }
}

/** The directory and those above it that are not there. */
function missingDirectories(path: string): string[] {
  const parts = path.split("/");
  return parts.map((_part, index) => parts.slice(0, index + 1).join("/"))
    .filter((directory) => directory !== "" && !files.exists(directory));
}
