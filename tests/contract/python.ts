import { motoServerPath } from "./moto_server.ts";

/**
 * A Python that has boto3: SLURM_EC2_BOTO3_PYTHON, or the one next to moto's server, which depends on it.
 */
export function pythonWithBoto3(): string | undefined {
  return Deno.env.get("SLURM_EC2_BOTO3_PYTHON") ?? motoServerPath()?.replace(/[^/]+$/, "python3");
}
