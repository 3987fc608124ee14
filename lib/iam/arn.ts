/** Where ARNs of a policy point to. */
export interface ArnScope {
  /** `aws`, `aws-cn`, … or a placeholder that CloudFormation fills in. */
  readonly partition: string;
  /** AWS Region. */
  readonly region: string;
  /** Twelve digits, `*`, or a placeholder. */
  readonly account: string;
}

/**
 * ARNs of EC2 resources. Subnets, security groups, images and reservations may belong to another account that
 * shares them, and their ids are unique, so those ARNs leave the account open; an image's has none.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html#amazonec2-resources-for-iam-policies
 */
export function ec2Arn({ partition, region, account }: ArnScope, resource: string): string {
  const [type, id] = [resource.slice(0, resource.indexOf("/")), resource.slice(resource.indexOf("/") + 1)];
  const owner = type === "image" ? "" : SHARED.has(type) && id !== "*" ? "*" : account;
  return `arn:${partition}:ec2:${region}:${owner}:${type}/${id === "*" ? id : literal(id)}`;
}

const SHARED: ReadonlySet<string> = new Set(["subnet", "security-group", "capacity-reservation"]);

/** ARN of the SSM parameters that match a path, which begins with a slash and may have wildcards. */
export function parameterArn({ partition, region, account }: ArnScope, path: string): string {
  return `arn:${partition}:ssm:${region}:${account}:parameter${path}`;
}

/** ARN of a role by name, path included; an ARN stays what it is. */
export function roleArn({ partition, account }: ArnScope, role: string): string {
  return role.startsWith("arn:") ? role : `arn:${partition}:iam::${account}:role/${literal(role)}`;
}

/**
 * A name in which nothing is a wildcard.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-specialchars
 */
function literal(name: string): string {
  return name.replace(/[*?$]/g, "${$&}");
}
