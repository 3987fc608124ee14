import type { Command } from "./command.ts";

/** A command as the registry knows it: its name, and how to load the rest when it is asked for. */
export interface Entry {
  readonly summary: string;
  /** Imported on demand, so that `config lint` never loads the AWS SDK. */
  readonly load: () => Promise<Command>;
}

/** Every command by the words that are typed for it. */
export const REGISTRY: Readonly<Record<string, Entry>> = {
  "resume": {
    summary: "Power nodes up (ResumeProgram)",
    load: async () => (await import("./resume.ts")).resume,
  },
  "stop": {
    summary: "Power nodes down (SuspendProgram)",
    load: async () => (await import("./stop.ts")).stop,
  },
  "resume-fail": {
    summary: "End nodes that did not register in time (ResumeFailProgram)",
    load: async () => (await import("./resume_fail.ts")).resumeFailCommand,
  },
  "config init": {
    summary: "Write a commented configuration file to begin with",
    load: async () => (await import("./config_init.ts")).configInit,
  },
  "config check": {
    summary: "Check the configuration file and show what it says",
    load: async () => (await import("./config_check.ts")).configCheck,
  },
  "config schema": {
    summary: "Print the configuration file's JSON Schema, for editors",
    load: async () => (await import("./config_schema.ts")).configSchema,
  },
  "config lint": {
    summary: "Check slurm.conf and gres.conf for what breaks power saving",
    load: async () => (await import("./config_lint.ts")).configLint,
  },
  "config migrate": {
    summary: "Turn the files of the legacy plugin into a configuration with the same node names",
    load: async () => (await import("./config_migrate.ts")).configMigrate,
  },
  "config render": {
    summary: "Render the slurm.conf fragments that power nodes up and down",
    load: async () => (await import("./config_render.ts")).configRender,
  },
  "ssm validate": {
    summary: "Check every SSM parameter, and what it names, against EC2",
    load: async () => (await import("./ssm_validate.ts")).ssmValidate,
  },
  "ssm put": {
    summary: "Write the SSM parameters of this configuration",
    load: async () => (await import("./ssm_put.ts")).ssmPut,
  },
  "ssm diff": {
    summary: "Compare the SSM parameters with a file or another prefix",
    load: async () => (await import("./ssm_diff.ts")).ssmDiff,
  },
  "doctor": {
    summary: "Check everything that the set-up guide asks for",
    load: async () => (await import("./doctor.ts")).doctor,
  },
  "iam policy": {
    summary: "Print the least-privilege IAM policy of this configuration",
    load: async () => (await import("./iam_policy.ts")).iamPolicy,
  },
  "install": {
    summary: "Put hooks, program and node files below one prefix",
    load: async () => (await import("./install.ts")).install,
  },
  "uninstall": {
    summary: "Remove what install put there",
    load: async () => (await import("./uninstall.ts")).uninstall,
  },
  "simulate": {
    summary: "Run a simulated AWS on this host",
    load: async () => (await import("./simulate.ts")).simulate,
  },
  "reset": {
    summary: "Let a node group be launched again after failed boots",
    load: async () => (await import("./reset.ts")).reset,
  },
  "demo": {
    summary: "Show the whole story on a simulated EC2",
    load: async () => (await import("./demo.ts")).demo,
  },
  "self check": {
    summary: "Say what this program is made of, and check it",
    load: async () => (await import("./self_check.ts")).selfCheck,
  },
  "version": {
    summary: "Print the version",
    load: async () => (await import("./version.ts")).version,
  },
};
