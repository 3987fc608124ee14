/**
 * `capacity_bench_run.ts TREE CASE`: plays a case of {@link CASES} with the power-up of a checkout, this one or an older one
 * that has tests/fixtures/rig.ts, and prints what came of it as one line of JSON. All times are of the rig's clock.
 */
const [tree = "", wanted = ""] = Deno.args;

/** What both checkouts' rigs have in common. */
interface Rig {
  readonly aws: {
    readonly ec2: { runInstances(...args: unknown[]): Promise<readonly { readonly instanceId: string }[]> };
    readonly simulator: {
      call(action: string, request: object): unknown;
      instances(): readonly {
        readonly state: string;
        readonly instanceType: string;
        readonly clientToken?: string;
      }[];
    };
  };
  readonly clock: { now: number };
  ports(changes?: object): object;
  resume(hostlist: string, jobs?: readonly object[], ports?: object): Promise<unknown>;
}

/** A launch under EC2's limits, and how many instances its buckets could give at most. */
interface Case {
  readonly nodes: number;
  readonly aws: object;
  readonly bound: number;
  /** Seconds of ResumeTimeout. */
  readonly resumeTimeout?: number;
  /** Instances that somebody else launches a moment before. */
  readonly others?: number;
  readonly types?: readonly string[];
  readonly subnets?: readonly string[];
  readonly trials?: number;
}

const TOKENS = { policies: undefined, requestTokens: true, resourceTokens: true, latencyMs: 150 };
const WINDOW = 420;
/** One subnet of the world has 8,187 addresses. */
const SUBNETS = ["subnet-0a000000000000001", "subnet-0b000000000000002", "subnet-0c000000000000003"];

const CASES: Readonly<Record<string, Case>> = {
  "2,000 nodes, full bucket": { nodes: 2_000, aws: TOKENS, bound: 1_000 + 2 * WINDOW },
  "2,000 nodes, bucket found nearly empty": {
    nodes: 2_000,
    aws: TOKENS,
    bound: 100 + 2 * WINDOW,
    others: 900,
  },
  "10,000 nodes, long ResumeTimeout": {
    nodes: 10_000,
    aws: TOKENS,
    bound: 10_000,
    resumeTimeout: 6_000,
    subnets: SUBNETS,
  },
  "1,000 nodes, half in a second pool": {
    nodes: 1_000,
    aws: { ...TOKENS, capacity: { "c7i.large:us-east-1a": 500 } },
    bound: 1_000,
    types: ["c7i.large", "c6i.large"],
  },
  "10 nodes, eight throttles in a row": {
    nodes: 10,
    aws: { latencyMs: 150, faults: [{ kind: "throttle", action: "RunInstances", times: 8 }] },
    bound: 10,
    trials: 101,
  },
};

/** xorshift32: the same chance in every run. */
function chance(seed: number): () => number {
  let x = seed * 2654435761 >>> 0 || 1;
  return () => {
    x ^= x << 13;
    x >>>= 0;
    x ^= x >>> 17;
    x ^= x << 5;
    x >>>= 0;
    return x / 4294967296;
  };
}

if (wanted === "") console.log(JSON.stringify(Object.keys(CASES)));
else console.log(JSON.stringify(await played(CASES[wanted]!)));

async function played(one: Case) {
  const runs = [];
  for (let trial = 1; trial <= (one.trials ?? 1); trial++) runs.push(await run(one, trial));
  const median = runs.toSorted((a, b) => a.seconds - b.seconds)[Math.floor(runs.length / 2)]!;
  return {
    ...median,
    worst: Math.min(...runs.map(({ launched }) => launched)),
    bound: one.bound,
    nodes: one.nodes,
  };
}

async function run(one: Case, seed: number) {
  const { makeRig } = await import(`${tree}/tests/fixtures/rig.ts`);
  const { testConfig } = await import(`${tree}/tests/fixtures/test_config.ts`);
  const base = testConfig();
  const { types, subnets } = one;
  const nodeGroups = base.nodeGroups.map((group: { name: string }) =>
    group.name === "c"
      ? { ...group, ...(types && { instanceTypes: types }), ...(subnets && { subnets }) }
      : group
  );
  const random = chance(seed);
  const { resumeTimeout = 600 } = one;
  await using rig: Rig & AsyncDisposable = await makeRig({
    aws: one.aws,
    config: { nodeGroups },
    random,
    resumeTimeout,
  });
  if (one.others !== undefined) {
    rig.aws.simulator.call("RunInstances", {
      ImageId: "ami-08664000000000001",
      InstanceType: "c7i.large",
      MinCount: one.others,
      MaxCount: one.others,
      SubnetId: "subnet-0b000000000000002",
    });
  }
  const calls = { made: 0, throttled: 0 };
  const perType: Record<string, number> = {};
  const began = rig.clock.now;
  let last = began;
  const { ec2 } = rig.aws;
  const launch = ec2.runInstances;
  ec2.runInstances = async (...args) => {
    calls.made++;
    const type = (args[0] as { InstanceType: string }).InstanceType;
    perType[type] = (perType[type] ?? 0) + 1;
    try {
      const instances = await launch(...args);
      last = rig.clock.now;
      return instances;
    } catch (error) {
      if ((error as { code?: string }).code === "RequestLimitExceeded") calls.throttled++;
      throw error;
    }
  };
  // The older rig takes its limits with its ports.
  const launchDeadline = began + (resumeTimeout - 180) * 1_000;
  const deadline = began + (resumeTimeout - 10) * 1_000;
  const wall = performance.now();
  await rig.resume(
    `c[0-${one.nodes - 1}]`,
    [],
    rig.ports({ random, resumeTimeout, deadline, launchDeadline }),
  );
  const ours = rig.aws.simulator.instances().filter(({ state, clientToken }) =>
    clientToken !== undefined && (state === "pending" || state === "running")
  );
  return {
    launched: ours.length,
    calls: calls.made,
    throttled: calls.throttled,
    perType,
    seconds: Math.round((last - began) / 100) / 10,
    realSeconds: Math.round((performance.now() - wall) / 100) / 10,
  };
}
