import type { Program, Results } from "./results.ts";

/** How it was measured, and every departure from how the programs run on a cluster, as a list in Markdown. */
export function describeDepartures(results: Results): string {
  return [...method(results), ...oursDepartures(results), ...peerDepartures(results)].map((line) =>
    `- ${line}`
  )
    .join("\n");
}

function method({ plan }: Results): string[] {
  return [
    "The endpoint is our own simulator (`slurm-ec2 simulate`) on loopback, without TLS, a new one for every run. In front of its " +
    "model the bench answers what only the peers ask: CreateFleet and launch templates are carried out by the model, " +
    "DescribeInstanceStatus says that all is well, DynamoDB accepts everything. Same port, same latency, same counters. " +
    "Latency is added to every call, DynamoDB's too; EC2's own time for a launch is not modelled.",
    "Every program gets its credentials, its region and the endpoint from the environment, the same nodes, the same " +
    "`SLURM_RESUME_FILE` (one job that needs all nodes, where nothing else is said) and the same `scontrol`.",
    `Programs take turns within a round, another one first each time. Caches are warm for all: ${plan.warmUps} runs that don't count come ` +
    "first (compiled Python, Deno's code cache, the system's files).",
    "Wall time is from spawning the process to its end, CPU and memory are the kernel's own figures (`wait4`), children " +
    "included. A run counts only if every instance runs and Slurm has every address, or every instance is gone.",
    "Minima say what a program takes, medians what else the machine was doing.",
    ...(plan.crowd
      ? [
        "Hooks called at once have a resume file each. Their time ends with the last of them, or with the last node that Slurm has " +
        "heard of; CPU is that of all together.",
      ]
      : []),
  ];
}

function oursDepartures({ programs }: Results): string[] {
  const has = (kind: Program["kind"]) => programs.some((program) => program.kind === kind);
  return [
    ...(programs.some(({ id }) => id === "binary")
      ? [
        "slurm-ec2: `resume` and `stop` in the foreground, as a person calls them: the whole of the work in one process.",
      ]
      : []),
    ...(programs.some(({ id }) => id === "cold")
      ? [
        "slurm-ec2: the installed built file, its hooks called as slurmctld calls them. A hook returns at once, and a worker does the " +
        "work: the time is from the hook's start until Slurm has heard of every node (as old as its last update), or until the answer " +
        "that the last instance ends is on its way. Hook, supervisor and worker are counted together, the worker until it rests " +
        "after that. Image, key pair and security groups come from Parameter Store: one more call than a launch template needs.",
        "slurm-ec2: built for an account with more resource tokens of RunInstances than EC2 gives by default (1,000 at once, 2 more a " +
        "second): otherwise it says at once that one job's 10,000 nodes can't be launched in time, and launches none. The simulated EC2 has " +
        "no such limit.",
        "slurm-ec2, worker cold: the hook starts the worker. Its state directory is that of a cluster at work: a node was up and down before.",
        "slurm-ec2, worker warm: the worker is there, and idle, as within the minutes after another hook; a node of its own is up. " +
        "Its peak of memory is that since the hook was called.",
      ]
      : []),
    ...(has("former")
      ? [
        "slurm-ec2 9139880: the last commit whose hooks did the work themselves, and ended with it; `limits.birthCheckSeconds` is 0, for " +
        "with it a hook stays, idle, after Slurm knows everything.",
      ]
      : []),
  ];
}

function peerDepartures({ programs, clustermgtd }: Results): string[] {
  const lines = programs.some(({ kind }) => kind === "floor")
    ? [
      "boto3 alone: one RunInstances and one `scontrol update`, or one TerminateInstances of ids that it kept. It checks nothing " +
      "and tells nobody what is missing.",
    ]
    : [];
  if (!programs.some(({ kind }) => kind === "peer")) return lines;
  return [
    ...lines,
    "ParallelCluster: `slurm_plugin.resume` with the settings that it ships; only the paths of its logs and files are others. Left " +
    "out in its favour: `sudo` is a script that runs its arguments, there is no Route 53 zone (which takes a call more for each batch), " +
    "`get-compute-fleet-status.sh`, which is not in the package, answers at once and asks nobody.",
    "ParallelCluster with CreateFleet: two instance types in one subnet, as a compute resource needs for CreateFleet to be used; the second has no " +
    "capacity where capacity is short. All others ask for one type.",
    "ParallelCluster powers nodes down in its daemon, clustermgtd; its SuspendProgram calls nothing. Measured is one pass of the daemon, " +
    "warmed by a pass before, in its process: without a start, where ours and boto3 start a process. Its memory is the daemon's." +
    (clustermgtd
      ? ` Left out in its favour: the ${clustermgtd.slept} s that each pass sleeps before it asks EC2, and the wait until the next pass, ` +
        `up to ${clustermgtd.loop} s.`
      : ""),
  ];
}
