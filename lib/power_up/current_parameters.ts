import { AwsError } from "../aws/aws_error.ts";
import { patiently } from "../aws/patiently.ts";
import type { Parameter, SsmApi } from "../aws/ssm_api.ts";
import type { HookPorts } from "../cluster/ports.ts";
import { readParameters } from "../cluster/read_parameters.ts";
import { distinctParameterNames } from "../cluster/ssm_parameters.ts";
import type { Config, NodeGroup } from "../config/model.ts";

/**
 * The groups' SSM parameters, each read once; when SSM does not answer, the values that it gave last, with a
 * warning. Throws SSM's {@link AwsError} when there are none.
 */
export async function currentParameters(
  ports: HookPorts & { readonly ssm: Pick<SsmApi, "getParameters"> },
  config: Config,
  groups: readonly NodeGroup[],
): Promise<ReadonlyMap<string, Parameter>> {
  const names = distinctParameterNames(config, groups);
  try {
    const values = await patiently(ports, () => readParameters(ports.ssm, names));
    await ports.state.saveParameters(values);
    return values;
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    const last = await ports.state.lastParameters();
    if (!names.every((name) => last.has(name))) throw error;
    ports.log.warn(`SSM does not answer (${error.code}), using the values it gave last: ${error.message}`);
    return last;
  }
}
