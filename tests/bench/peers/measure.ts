import type { Contestant } from "./contestants.ts";
import type { Endpoint } from "./endpoint.ts";
import { type Invocation, measuredProcess } from "./measured_process.ts";
import { watchOthers } from "./others_busy.ts";
import { scontrolCalls } from "./scontrol_log.ts";
import { type Session, startSession } from "./session.ts";
import type { Site } from "./site.ts";

/** Figures of one run: seconds and MiB. */
export interface Sample {
  readonly wall: number;
  /** Absent where the process lived before what is measured. */
  readonly first?: number;
  readonly cpu: number;
  readonly peakMiB: number;
  readonly actions: Readonly<Record<string, number>>;
  readonly scontrol: number;
  /** Processors that anything else kept busy meanwhile. */
  readonly others: number;
}

/** Where and with what it is measured. */
export interface Rig {
  readonly site: Site;
  /** Path of the Python that measures. */
  readonly python: string;
}

/** What is measured. */
export interface Asked {
  /** Called side by side. */
  readonly invocations: readonly Invocation[];
  readonly endpoint: Endpoint;
  /**
   * When the work was done, seconds since 1970, or undefined as long as it is not: asked where a process that has ended
   * leaves it to a worker.
   */
  doneAt(): Promise<number | undefined>;
  /** Whether an exit status is as expected; by default 0 is. */
  allowed?(code: number): boolean;
  /** Before what is measured, where a worker is to be there already: ends when it has nothing to do. */
  prime?(session: Session): Promise<void>;
  /** What the world looks like when the measurement begins, made after `prime`. */
  begin(): Promise<void>;
}

/** Seconds after which work is given up. */
const PATIENCE = 300;
/** Milliseconds between two looks whether it is done. */
const POLL = 5;

/** Runs a program until its work is done, and says what that took. */
export async function measure(rig: Rig, contestant: Contestant, asked: Asked): Promise<Sample> {
  const session = contestant.worker || asked.invocations.length > 1 ? startSession(rig.python) : undefined;
  try {
    if (contestant.worker?.warm && session) await asked.prime?.(session);
    await asked.begin();
    asked.endpoint.reset();
    const others = watchOthers();
    const taken = session
      ? await inSession(rig.site, session, contestant, asked)
      : await alone(rig, contestant, asked);
    const { codes, started, ...figures } = taken;
    const wrong = codes.find((code) => !(asked.allowed ?? success)(code));
    if (wrong !== undefined) throw new Error(`${contestant.name} ended with ${wrong}`);
    const first = asked.endpoint.first();
    return { ...figures, ...(first !== undefined && { first: first / 1000 - started }), others: others() };
  } finally {
    await session?.close();
  }
}

const success = (code: number) => code === 0;

type Taken = Omit<Sample, "first" | "others"> & {
  readonly started: number;
  readonly codes: readonly number[];
};

/** One program whose end is the end of the work. */
async function alone({ python, site }: Rig, { name }: Contestant, asked: Asked): Promise<Taken> {
  const [invocation] = asked.invocations;
  if (invocation === undefined) throw new Error(`${name}: nothing to run`);
  const { started, wall, cpu, peakMiB, code } = await measuredProcess(python, invocation);
  return { started, wall, cpu, peakMiB, codes: [code], ...await counts(site, asked.endpoint) };
}

async function inSession(
  site: Site,
  session: Session,
  contestant: Contestant,
  asked: Asked,
): Promise<Taken> {
  const { started, ended, codes } = await session.run(asked.invocations);
  const done = contestant.worker ? await settled(contestant, asked) : ended;
  const counted = await counts(site, asked.endpoint);
  return { started, wall: done - started, codes, ...await session.end(), ...counted };
}

async function settled({ name }: Contestant, { doneAt }: Asked): Promise<number> {
  const end = Date.now() + PATIENCE * 1_000;
  while (Date.now() < end) {
    const done = await doneAt();
    if (done !== undefined) return done;
    await new Promise((resolve) => setTimeout(resolve, POLL));
  }
  throw new Error(`${name}: not done within ${PATIENCE} s`);
}

async function counts(site: Site, endpoint: Endpoint): Promise<Pick<Sample, "actions" | "scontrol">> {
  const calls = scontrolCalls(await Deno.readTextFile(site.files.scontrolLog));
  return { actions: { ...endpoint.actions() }, scontrol: calls.length };
}
