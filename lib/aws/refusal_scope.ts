import { errorRule, type RefusalScope } from "./error_codes.ts";

/**
 * Codes that speak for more or less than the rest of their class. Without the service-linked role of spot instances
 * nothing can be bought as spot, and all else can
 * (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/service-linked-roles-spot-instance-requests.html). Quotas on
 * volumes, network interfaces and tags are the account's, whatever the instance
 * (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html).
 */
const OF_CODE: Readonly<Record<string, RefusalScope>> = {
  "AuthFailure.ServiceLinkedRoleCreationNotPermitted": "capacity-type",
  "MaxIOPSLimitExceeded": "account",
  "VolumeLimitExceeded": "account",
  "NetworkInterfaceLimitExceeded": "account",
  "ResourceLimitExceeded": "account",
  "TagLimitExceeded": "account",
};

/** What else a refused launch would meet the same answer for, by its code: as its class says, or the code itself. */
export function refusalScope(code: string): RefusalScope {
  return OF_CODE[code.replace(/^(Client|Server)\./, "")] ?? errorRule(code).scope;
}
