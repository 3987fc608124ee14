import { AwsError } from "../../aws/aws_error.ts";
import { type Patience, patiently } from "../../aws/patiently.ts";
import type { SsmApi } from "../../aws/ssm_api.ts";
import { deadlineFrom } from "./run.ts";
import type { Write } from "./put_plan.ts";

/** What became of one write. */
export interface Written {
  readonly name: string;
  /** Absent where it failed. */
  readonly version?: number;
  readonly error?: AwsError;
}

/**
 * Writes one parameter after the other, since Parameter Store takes three writes a second
 * (https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-throughput.html). A failed one keeps
 * no other from being written.
 */
export async function writeParameters(
  ports: Omit<Patience, "deadline"> & { readonly ssm: Pick<SsmApi, "putParameter" | "getParameters"> },
  writes: readonly Write[],
): Promise<Written[]> {
  const written: Written[] = [];
  for (const write of writes) {
    if (write.action !== "create" && write.action !== "change") continue;
    try {
      const patience = { ...ports, deadline: deadlineFrom(ports.now()) };
      written.push({ name: write.name, version: await put(ports.ssm, patience, write) });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      written.push({ name: write.name, error });
    }
  }
  return written;
}

async function put(
  ssm: Pick<SsmApi, "putParameter" | "getParameters">,
  patience: Patience,
  { name, value, action }: Write,
): Promise<number> {
  try {
    // A change keeps the parameter's type.
    const how = action === "change" ? { Overwrite: true } : { Type: "String" as const };
    const input = { Name: name, Value: value, ...how };
    return (await patiently(patience, () => ssm.putParameter(input))).version;
  } catch (error) {
    if (!(error instanceof AwsError) || error.code !== "ParameterAlreadyExists") throw error;
    const version = await ownVersion(ssm, name, value);
    if (version === undefined) throw error;
    return version;
  }
}

/** Our own write is there already if its answer was lost and it was tried again. */
async function ownVersion(
  ssm: Pick<SsmApi, "getParameters">,
  name: string,
  value: string,
): Promise<number | undefined> {
  try {
    const { parameters } = await ssm.getParameters({ Names: [name] });
    return parameters.find((parameter) => parameter.value === value)?.version;
  } catch (error) {
    if (error instanceof AwsError) return undefined;
    throw error;
  }
}
