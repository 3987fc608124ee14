/** Credentials for a limited or unlimited time. */
export interface HelperCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
}

/**
 * What a credential helper printed, as credentials
 * (https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html).
 * @param now milliseconds since 1970 UTC
 * @throws {SyntaxError} that says what is wrong with it and repeats nothing of it: it may hold secrets.
 */
export function parseHelperAnswer(text: string, now: number): HelperCredentials {
  const answer = parseObject(text);
  if (answer.Version !== 1) throw new SyntaxError('it printed no "Version": 1');
  const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = answer;
  if (!isText(AccessKeyId) || !isText(SecretAccessKey)) {
    throw new SyntaxError("it printed no AccessKeyId and SecretAccessKey");
  }
  const expiration = isText(Expiration) ? new Date(Expiration) : undefined;
  if (expiration !== undefined && Number.isNaN(expiration.getTime())) {
    throw new SyntaxError("its Expiration is not a time");
  }
  if (expiration !== undefined && expiration.getTime() <= now) {
    throw new SyntaxError(`its credentials have expired at ${expiration.toISOString()}`);
  }
  return {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    ...(isText(SessionToken) && { sessionToken: SessionToken }),
    ...(expiration !== undefined && { expiration }),
  };
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new SyntaxError("what it printed is not JSON");
  }
  if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  throw new SyntaxError("what it printed is not a JSON object");
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}
