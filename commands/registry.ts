import type { Command, LoadCommands } from "./base/command.ts";

/** Under which heading the overview shows a command. */
export type Group = "hooks" | "see" | "configuration" | "aws" | "install" | "try";

/** The headings in the overview's order. */
export const GROUPS: readonly { readonly group: Group; readonly title: string }[] = [
  { group: "hooks", title: "Hooks" },
  { group: "see", title: "See what happens" },
  { group: "configuration", title: "Configuration" },
  { group: "aws", title: "AWS" },
  { group: "install", title: "Install" },
  { group: "try", title: "Try it" },
];

/** A command as the registry knows it: its name, and how to load the rest when it is asked for. */
export interface Entry {
  readonly group: Group;
  /** Short enough for one line of 80 characters in the overview. */
  readonly summary: string;
  /** Imported on demand, so that `config lint` never loads the AWS SDK. */
  readonly load: () => Promise<Command>;
}

/** Every command by the words that are typed for it. */
export const REGISTRY: Readonly<Record<string, Entry>> = {
  "resume": {
    group: "hooks",
    summary: "Power nodes up (ResumeProgram)",
    load: async () => (await import("./hooks/resume.ts")).resume,
  },
  "stop": {
    group: "hooks",
    summary: "Power nodes down (SuspendProgram)",
    load: async () => (await import("./hooks/stop.ts")).stop,
  },
  "resume-fail": {
    group: "hooks",
    summary: "End nodes that did not register in time (ResumeFailProgram)",
    load: async () => (await import("./hooks/resume_fail.ts")).resumeFailCommand,
  },
  "status": {
    group: "hooks",
    summary: "Show nodes next to instances, and what goes on",
    load: async () => (await import("./hooks/status.ts")).status,
  },
  "reconcile": {
    group: "hooks",
    summary: "Compare Slurm's nodes with EC2's instances now",
    load: async () => (await import("./hooks/reconcile.ts")).reconcile,
  },
  "reset": {
    group: "hooks",
    summary: "Let a node group launch again after failed boots",
    load: async () => (await import("./hooks/reset.ts")).reset,
  },
  "plan": {
    group: "hooks",
    summary: "Show what launching nodes would take and cost",
    load: async () => (await import("./hooks/plan.ts")).plan,
  },
  "pause": {
    group: "hooks",
    summary: "Launch nothing more, for one node group or all",
    load: async () => (await import("./hooks/pause.ts")).pause,
  },
  "unpause": {
    group: "hooks",
    summary: "Let launches go on that pause has stopped",
    load: async () => (await import("./hooks/pause.ts")).unpause,
  },
  "worker": {
    group: "hooks",
    summary: "Serve what the hooks have asked for (they start it)",
    load: async () => (await import("./hooks/worker.ts")).worker,
  },
  "why": {
    group: "see",
    summary: "Say why a job waits, or a node is not up",
    load: async () => (await import("./see/why.ts")).why,
  },
  "cost": {
    group: "see",
    summary: "Show what instances have cost, and who had them",
    load: async () => (await import("./see/cost.ts")).cost,
  },
  "report": {
    group: "see",
    summary: "Show what happened: boots, refusals, money; as a page, too",
    load: async () => (await import("./see/report.ts")).report,
  },
  "metrics": {
    group: "see",
    summary: "Print or write figures for Prometheus",
    load: async () => (await import("./see/metrics.ts")).metrics,
  },
  "notify": {
    group: "see",
    summary: "Run notify.command for what has happened",
    load: async () => (await import("./see/notify.ts")).notify,
  },
  "history prune": {
    group: "see",
    summary: "Drop what of the history is too old",
    load: async () => (await import("./see/history_prune.ts")).historyPrune,
  },
  "config init": {
    group: "configuration",
    summary: "Write a commented configuration file to begin with",
    load: async () => (await import("./config/init.ts")).configInit,
  },
  "config check": {
    group: "configuration",
    summary: "Check the configuration file and show what it says",
    load: async () => (await import("./config/check.ts")).configCheck,
  },
  "config schema": {
    group: "configuration",
    summary: "Print the configuration file's JSON Schema, for editors",
    load: async () => (await import("./config/schema.ts")).configSchema,
  },
  "config lint": {
    group: "configuration",
    summary: "Check slurm.conf and gres.conf for what breaks power saving",
    load: async () => (await import("./config/lint.ts")).configLint,
  },
  "config migrate": {
    group: "configuration",
    summary: "Turn the legacy plugin's files into a configuration",
    load: async () => (await import("./config/migrate.ts")).configMigrate,
  },
  "config render": {
    group: "configuration",
    summary: "Render the slurm.conf fragments that power nodes up and down",
    load: async () => (await import("./config/render.ts")).configRender,
  },
  "config prices": {
    group: "configuration",
    summary: "Show or write the prices that cost limits go by",
    load: async () => (await import("./config/prices.ts")).configPrices,
  },
  "ssm validate": {
    group: "aws",
    summary: "Check every SSM parameter, and what it names, against EC2",
    load: async () => (await import("./ssm/validate.ts")).ssmValidate,
  },
  "ssm put": {
    group: "aws",
    summary: "Write the SSM parameters of this configuration",
    load: async () => (await import("./ssm/put.ts")).ssmPut,
  },
  "ssm diff": {
    group: "aws",
    summary: "Compare the SSM parameters with a file or another prefix",
    load: async () => (await import("./ssm/diff.ts")).ssmDiff,
  },
  "doctor": {
    group: "aws",
    summary: "Check everything that the set-up guide asks for",
    load: async () => (await import("./doctor/doctor.ts")).doctor,
  },
  "iam policy": {
    group: "aws",
    summary: "Print the least-privilege IAM policy of this configuration",
    load: async () => (await import("./iam/policy.ts")).iamPolicy,
  },
  "install": {
    group: "install",
    summary: "Put hooks, program and node files below one prefix",
    load: async () => (await import("./install/install.ts")).installCommand(loadCommands),
  },
  "uninstall": {
    group: "install",
    summary: "Remove what install put there",
    load: async () => (await import("./install/uninstall.ts")).uninstall,
  },
  "simulate": {
    group: "try",
    summary: "Run a simulated AWS on this host",
    load: async () => (await import("./simulate/simulate.ts")).simulate,
  },
  "demo": {
    group: "try",
    summary: "Show the whole story on a simulated EC2",
    load: async () => (await import("./simulate/demo.ts")).demo,
  },
  "self check": {
    group: "install",
    summary: "Say what this program is made of, and check it",
    load: async () => (await import("./self_check.ts")).selfCheck,
  },
  "schema": {
    group: "install",
    summary: "Print the JSON Schema of what a command prints with --json",
    load: async () => (await import("./schema.ts")).schema,
  },
  "completion": {
    group: "install",
    summary: "Print the script with which bash or zsh completes commands",
    load: async () => (await import("./completion/completion.ts")).completionCommand(loadCommands),
  },
  "version": {
    group: "install",
    summary: "Print the version",
    load: async () => (await import("./version.ts")).version,
  },
};

/** Every command, in the registry's order. */
export const loadCommands: LoadCommands = () =>
  Promise.all(Object.values(REGISTRY).map(({ load }) => load()));
