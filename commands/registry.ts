import type { Command } from "./command.ts";

/** A command as the registry knows it: its name, and how to load the rest when it is asked for. */
export interface Entry {
  readonly summary: string;
  /** Imported on demand, so that `config lint` never loads the AWS SDK. */
  readonly load: () => Promise<Command>;
}

/** Every command by the words that are typed for it. */
export const REGISTRY: Readonly<Record<string, Entry>> = {
  "version": {
    summary: "Print the version",
    load: async () => (await import("./version.ts")).version,
  },
};
