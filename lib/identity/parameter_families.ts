/**
 * What lies below an SSM prefix of ours: images in both spellings, key pairs, security groups. Whatever else is there,
 * such as the munge key, is read by nobody who may list or read these.
 */
export const PARAMETER_FAMILIES = [
  "SlurmNodeAmi",
  "SlurmNodeAmis",
  "SlurmNodeEc2KeyPairs",
  "SlurmNodeSecurityGroups",
] as const;
