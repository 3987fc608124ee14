import type { SimInstance } from "../instances.ts";
import type { Simulator } from "../simulator.ts";

/** What runs on the simulated instances. */
export interface GuestOptions {
  /** Program and arguments, started once for every boot of an instance; no shell. */
  readonly command: readonly string[];
  /** Environment besides what the simulator sets itself. */
  readonly env?: Readonly<Record<string, string>>;
  /**
   * Whether guests start just after a full second: Slurm compares boot times in whole seconds, and a slurmd
   * that started within the second of its power-up request would seem to have booted before it.
   */
  readonly align: boolean;
  /** Milliseconds from SIGTERM to SIGKILL. */
  readonly graceMs: number;
}

/** The processes that stand for the guests of running instances. */
export interface Guests {
  pidOf(instanceId: string): number | undefined;
  /** Looks at the world: starts guests that are due, ends those whose instance doesn't run any more. */
  update(): void;
  /** Ends every guest and waits until all are gone. */
  close(): Promise<void>;
}

/** Milliseconds after the full second: enough that no clock rounds it back. */
const AFTER_SECOND = 50;

/** When a guest that may boot at `bootsAt` is started, milliseconds since 1970 UTC. */
export function startTime(bootsAt: number, align: boolean): number {
  return align ? bootsAt + 1000 + AFTER_SECOND - (bootsAt % 1000) : bootsAt;
}

type Timer = ReturnType<typeof setTimeout>;

interface Guest {
  readonly run: number;
  readonly child: Deno.ChildProcess;
  readonly gone: Promise<void>;
  ending: boolean;
}

/** Runs a guest for every running instance of a simulator, until closed. */
export function guests(
  simulator: Simulator,
  options: GuestOptions & { readonly imdsUrl: (instanceId: string) => string },
): Guests {
  const running = new Map<string, Guest>();
  const waiting = new Map<string, { readonly run: number; readonly timer: Timer }>();
  /** Which run of an instance had its guest already: a guest that ended is not started again. */
  const begun = new Map<string, number>();
  let closed = false;

  const wanted = (instanceId: string, run: number) => {
    const instance = simulator.world.instances.get(instanceId);
    return instance?.state === "running" && instance.run === run;
  };

  const start = (instance: SimInstance) => {
    const { instanceId, run } = instance;
    const before = running.get(instanceId);
    if (before !== undefined && !closed && wanted(instanceId, run)) {
      // EC2 starts an instance only once its operating system has ended: two would answer for one node.
      signal(before.child, "SIGKILL");
      before.gone.then(() => start(instance));
      return;
    }
    if (waiting.get(instanceId)?.run === run) waiting.delete(instanceId);
    if (closed || begun.get(instanceId) === run || !wanted(instanceId, run)) return;
    begun.set(instanceId, run);
    const child = spawn(simulator, instance, options);
    if (!child) return simulator.powerOff(instanceId);
    const guest: Guest = { run, child, ending: false, gone: watch(simulator, instanceId, child) };
    running.set(instanceId, guest);
    guest.gone.then(() => {
      if (running.get(instanceId) === guest) running.delete(instanceId);
      if (!closed && wanted(instanceId, run)) simulator.powerOff(instanceId);
    });
  };

  return {
    pidOf: (instanceId) => running.get(instanceId)?.child.pid,
    update() {
      if (closed) return;
      for (const [id, { run, timer }] of waiting) {
        if (wanted(id, run)) continue;
        clearTimeout(timer);
        waiting.delete(id);
      }
      for (const [id, guest] of running) if (!wanted(id, guest.run)) end(guest, options.graceMs);
      for (const instance of simulator.world.instances.values()) {
        const { instanceId, run, bootsAt } = instance;
        if (bootsAt === undefined || begun.get(instanceId) === run || waiting.has(instanceId)) continue;
        const delay = Math.max(0, startTime(bootsAt, options.align) - simulator.now());
        waiting.set(instanceId, { run, timer: setTimeout(() => start(instance), delay) });
      }
    },
    async close() {
      closed = true;
      for (const { timer } of waiting.values()) clearTimeout(timer);
      const all = [...running.values()];
      for (const guest of all) end(guest, options.graceMs);
      await Promise.all(all.map(({ gone }) => gone));
    },
  };
}

function spawn(
  simulator: Simulator,
  { instanceId, amiLaunchIndex, instanceType }: SimInstance,
  { command: [program = "", ...args], env, imdsUrl }: GuestOptions & {
    readonly imdsUrl: (id: string) => string;
  },
): Deno.ChildProcess | undefined {
  const url = imdsUrl(instanceId);
  try {
    return new Deno.Command(program, {
      args,
      clearEnv: true,
      env: {
        PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        SLURM_EC2_IMDS: url,
        AWS_EC2_METADATA_SERVICE_ENDPOINT: url,
        INSTANCE_ID: instanceId,
        INSTANCE_TYPE: instanceType,
        AMI_LAUNCH_INDEX: String(amiLaunchIndex),
        ...env,
      },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      // A process group of its own, so that whatever it starts ends with it.
      detached: true,
    }).spawn();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    simulator.writeConsole(instanceId, `simulate: Boot command "${program}" can't be started: ${why}\n`);
    return undefined;
  }
}

/** Copies what a guest prints to the console; done when the guest is gone. */
async function watch(simulator: Simulator, instanceId: string, child: Deno.ChildProcess): Promise<void> {
  const readers = [child.stdout, child.stderr].map((stream) => stream.getReader());
  const copied = readers.map(async (reader) => {
    const decoder = new TextDecoder();
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
      simulator.writeConsole(instanceId, decoder.decode(chunk.value, { stream: true }));
    }
  });
  const status = await child.status;
  signal(child, "SIGKILL");
  await settledWithin(Promise.all(copied), OUTPUT_GRACE);
  await Promise.all(readers.map((reader) => reader.cancel()));
  await Promise.all(copied);
  const how = status.signal === null ? `with exit status ${status.code}` : `by ${status.signal}`;
  simulator.writeConsole(instanceId, `simulate: Boot command ended ${how}\n`);
}

/** Milliseconds for the last output of a guest that is gone; a process that left its group may hold the pipe. */
const OUTPUT_GRACE = 200;

async function settledWithin(promise: Promise<unknown>, milliseconds: number): Promise<void> {
  let timer: Timer | undefined;
  const late = new Promise((resolve) => timer = setTimeout(resolve, milliseconds));
  await Promise.race([promise, late]);
  clearTimeout(timer);
}

function end(guest: Guest, graceMs: number): void {
  if (guest.ending) return;
  guest.ending = true;
  signal(guest.child, "SIGTERM");
  const timer = setTimeout(() => signal(guest.child, "SIGKILL"), graceMs);
  guest.gone.finally(() => clearTimeout(timer));
}

/**
 * Signals a guest and everything that stayed in its process group. Deno lets a group be signalled only by who may
 * run every program; with less, the guest alone is signalled.
 */
function signal(child: Deno.ChildProcess, name: Deno.Signal): void {
  try {
    Deno.kill(-child.pid, name);
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return signalAlone(child, name);
    // Gone already: nothing is left to signal. macOS says EPERM for a group of zombies.
    if (!(error instanceof Deno.errors.NotFound) && !(error instanceof Deno.errors.PermissionDenied)) {
      throw error;
    }
  }
}

function signalAlone(child: Deno.ChildProcess, name: Deno.Signal): void {
  try {
    child.kill(name);
  } catch (error) {
    // A child that has ended can't be signalled, which is as good.
    if (!(error instanceof TypeError) && !(error instanceof Deno.errors.NotFound)) throw error;
  }
}
