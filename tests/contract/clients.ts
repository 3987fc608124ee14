import type { AwsClientSettings } from "../../lib/aws/client_settings.ts";
import { ec2Client } from "../../lib/aws/ec2_client.ts";
import { quotasClient } from "../../lib/aws/quotas_client.ts";
import { ssmClient } from "../../lib/aws/ssm_client.ts";
import { stsClient } from "../../lib/aws/sts_client.ts";

/** Real SDK clients, with keys of no account, for everything at one URL. */
export function clientsAt(url: string) {
  const settings: AwsClientSettings = {
    region: "us-east-1",
    aws: { credentialsFile: CREDENTIALS_FILE, endpoints: { ec2: url, ssm: url, sts: url, quotas: url } },
  };
  const ec2 = ec2Client(settings);
  const ssm = ssmClient(settings);
  const sts = stsClient(settings);
  const quotas = quotasClient(settings);
  return {
    ec2,
    ssm,
    sts,
    quotas,
    destroy() {
      for (const client of [ec2, ssm, sts, quotas]) client.destroy();
    },
  };
}

/** Keys that no AWS account has, so that a mistake can't reach one. */
const CREDENTIALS_FILE = new URL("./credentials", import.meta.url).pathname;
