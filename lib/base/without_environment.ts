import process from "node:process";

/**
 * The YAML library asks the environment for its debug switches (LOG_TOKENS, LOG_STREAM) at every token, which a
 * command without that permission may not do, and which would print into a hook's output. Only synchronous work
 * may run inside, so that nobody else sees the environment gone.
 */
export function withoutEnvironment<T>(work: () => T): T {
  const environment = process.env;
  process.env = {};
  try {
    return work();
  } finally {
    process.env = environment;
  }
}
