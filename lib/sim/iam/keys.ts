/** How many values a condition key has in a request. */
export type KeyKind = "one" | "several";

/**
 * The condition keys that the simulator gives, wherever IAM gives them
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html, and the Service
 * Authorization Reference of EC2, IAM and KMS). A key ending in a slash is followed by a tag's key.
 */
const KEYS: Readonly<Record<string, KeyKind>> = {
  "aws:PrincipalAccount": "one",
  "aws:PrincipalArn": "one",
  "aws:RequestTag/": "one",
  "aws:RequestedRegion": "one",
  "aws:ResourceAccount": "one",
  "aws:ResourceTag/": "one",
  "aws:TagKeys": "several",
  "ec2:CreateAction": "one",
  "ec2:InstanceMarketType": "one",
  "ec2:InstanceProfile": "one",
  "ec2:InstanceType": "one",
  "ec2:MetadataHttpTokens": "one",
  "ec2:Region": "one",
  "ec2:ResourceTag/": "one",
  "iam:AWSServiceName": "one",
  "iam:PassedToService": "one",
  "kms:GrantIsForAWSResource": "one",
  "kms:ResourceAliases": "several",
  "kms:ViaService": "one",
};

/** Whether the simulator knows a condition key, and how many values it has; names ignore case. */
export function keyKind(key: string): KeyKind | undefined {
  const name = key.toLowerCase();
  return Object.entries(KEYS).find(([known]) =>
    known.endsWith("/")
      ? name.startsWith(known.toLowerCase()) && name.length > known.length
      : name === known.toLowerCase()
  )?.[1];
}

/** Names of all condition keys that the simulator knows. */
export function knownKeys(): string[] {
  return Object.keys(KEYS);
}
