import { type Command, CommandError, parseFlags, UsageError } from "../../commands/base/command.ts";
import { ExitCode } from "../../commands/base/exit_code.ts";
import { checkJson } from "./check_output.ts";
import type { Host } from "../../commands/base/host.ts";

/** A file that can't be read, and the error that says so. */
export type Unreadable = Error;

/** What a test gives a command. */
export interface FakeWorld {
  readonly env?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string | Uint8Array | Unreadable>>;
  readonly programPath?: string;
}

/** What a command did. */
export interface Ran {
  readonly exit: ExitCode;
  readonly stdout: string;
  readonly stderr: string;
  /** All files afterwards. */
  readonly files: ReadonlyMap<string, string | Uint8Array | Unreadable>;
}

/** Runs a command on a made-up process; usage and command errors become output as in the real one. */
export async function runFake(
  command: Command,
  args: readonly string[],
  world: FakeWorld = {},
): Promise<Ran> {
  const printed = { stdout: "", stderr: "" };
  const files = new Map(Object.entries(world.files ?? {}));
  const host = fakeHost(world, files, printed);
  try {
    const exit = await command.run(host, parseFlags(command, args));
    checkJson([...command.name.split(" "), ...args], printed.stdout);
    return { exit, ...printed, files };
  } catch (error) {
    const exit = error instanceof UsageError
      ? ExitCode.Usage
      : error instanceof CommandError
      ? ExitCode.Failed
      : undefined;
    if (exit === undefined) throw error;
    return { exit, stdout: printed.stdout, stderr: `${(error as Error).message}\n`, files };
  }
}

/** A process with these files and variables and nothing else; all that touches AWS, Slurm or time throws. */
export function fakeHost(
  world: FakeWorld,
  files: Map<string, string | Uint8Array | Unreadable> = new Map(Object.entries(world.files ?? {})),
  printed: { stdout: string; stderr: string } = { stdout: "", stderr: "" },
): Host {
  const output = (name: "stdout" | "stderr") => ({
    write: (text: string) => void (printed[name] += text),
    isTerminal: false,
    columns: 80,
  });
  const get = (path: string): string | Uint8Array => {
    const content = files.get(path);
    if (content === undefined) throw new Deno.errors.NotFound(`No such file: ${path}`);
    if (content instanceof Error) throw content;
    return content;
  };
  const never = () => {
    throw new Error("This command is not meant to do that");
  };
  const host: Partial<Host> = {
    env: (name) => world.env?.[name],
    stdout: output("stdout"),
    stderr: output("stderr"),
    readStdin: never,
    files: {
      read: (path) => {
        const content = get(path);
        return typeof content === "string" ? new TextEncoder().encode(content) : content;
      },
      readText: (path) => {
        const content = get(path);
        return typeof content === "string" ? content : new TextDecoder().decode(content);
      },
      writeText: (path, text) => {
        const before = files.get(path);
        if (before instanceof Error) throw before;
        files.set(path, text);
      },
      list: (path) =>
        [...files.keys()].filter((name) => name.startsWith(`${path}/`)).map((name) =>
          name.slice(path.length + 1)
        ).sort(),
      exists: (path) => files.has(path),
      stamp: (path) => files.has(path) ? String(files.get(path)) : undefined,
      mkdir: () => {},
    },
    now: never,
    sleep: never,
    interrupted: new AbortController().signal,
    onInterrupt: never,
    programPath: world.programPath,
    configs: new Map(),
    connect: new Proxy({}, { get: () => never }) as Host["connect"],
  };
  return host as Host;
}
