import type { Parameter, SsmApi } from "../aws/ssm_api.ts";
import { chunk } from "../base/chunk.ts";

/** Names that one GetParameters call takes: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html */
const NAMES_PER_CALL = 10;

/** Reads SSM parameters, each name once; names that don't exist are absent from the answer. */
export async function readParameters(
  ssm: Pick<SsmApi, "getParameters">,
  names: readonly string[],
): Promise<Map<string, Parameter>> {
  const answers = await Promise.all(
    chunk(names, NAMES_PER_CALL).map((Names) => ssm.getParameters({ Names, WithDecryption: true })),
  );
  return new Map(
    answers.flatMap(({ parameters }) => parameters.map((parameter) => [parameter.name, parameter])),
  );
}
