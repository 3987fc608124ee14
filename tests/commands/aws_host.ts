import { type Command, CommandError, parseFlags, UsageError } from "../../commands/base/command.ts";
import { ExitCode } from "../../commands/base/exit_code.ts";
import type { Host } from "../../commands/base/host.ts";
import { AwsError } from "../../lib/aws/aws_error.ts";
import type { PricingApi } from "../../lib/aws/pricing_api.ts";
import type { InMemoryAws } from "../../lib/sim/in_memory.ts";
import { checkJson } from "./check_output.ts";
import { fakeHost, type Ran } from "./fake_host.ts";

/** What a test gives a command that talks to AWS. */
export interface AwsWorld {
  readonly aws: Pick<InMemoryAws, "ec2" | "ssm" | "sts"> & Partial<Pick<InMemoryAws, "quotas">>;
  /** The price list; without it nobody may ask for prices. */
  readonly pricing?: PricingApi;
  readonly files: Readonly<Record<string, string>>;
  /** Milliseconds since 1970 UTC; sleeping moves it. */
  readonly clock?: { now: number };
  readonly env?: Readonly<Record<string, string>>;
  /** What else of the process is not as everywhere: its user, the person at the terminal, an interrupt. */
  readonly process?: Partial<Pick<Host, "uid" | "mayRead" | "ask" | "interrupted" | "onInterrupt">>;
}

/** Runs a command on a made-up process whose AWS is the simulated one; its errors become output as in the real one. */
export async function runWithAws(command: Command, args: readonly string[], world: AwsWorld): Promise<Ran> {
  const printed = { stdout: "", stderr: "" };
  const files = new Map<string, string | Uint8Array | Error>(Object.entries(world.files));
  const clock = world.clock ?? { now: Date.UTC(2026, 0, 1) };
  const bare = fakeHost({ env: world.env }, files, printed);
  const host: Host = {
    ...bare,
    ...world.process,
    now: () => clock.now,
    sleep: (milliseconds) => {
      clock.now += milliseconds;
      return Promise.resolve();
    },
    connect: {
      ...bare.connect,
      ec2: () => Promise.resolve(world.aws.ec2),
      ssm: () => Promise.resolve(world.aws.ssm),
      sts: () => Promise.resolve(world.aws.sts),
      quotas: (config) =>
        world.aws.quotas === undefined ? bare.connect.quotas(config) : Promise.resolve(world.aws.quotas),
      ...(world.pricing && { pricing: () => Promise.resolve(world.pricing!) }),
    },
  };
  try {
    const exit = await command.run(host, parseFlags(command, args));
    checkJson([...command.name.split(" "), ...args], printed.stdout);
    return { exit, ...printed, files };
  } catch (error) {
    const isUsage = error instanceof UsageError || (error as Error).name === "ProblemError";
    if (!isUsage && !(error instanceof CommandError) && !(error instanceof AwsError)) throw error;
    const exit = isUsage ? ExitCode.Usage : ExitCode.Failed;
    return { exit, stdout: printed.stdout, stderr: `${printed.stderr}${(error as Error).message}\n`, files };
  }
}
