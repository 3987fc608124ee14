import type { AwsClientSettings, AwsService } from "../../../lib/aws/client_settings.ts";

/** A loopback server that gives the same answers to whatever is asked, in turn; the last one stays. */
export interface CannedServer extends AsyncDisposable {
  readonly url: string;
  /** Bodies of the requests so far. */
  readonly requests: string[];
}

/** Starts a {@link CannedServer} on a free port. */
export function cannedServer(...answers: (() => Response | Promise<Response>)[]): CannedServer {
  const requests: string[] = [];
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, async (request) => {
    requests.push(await request.text());
    return await answers[Math.min(requests.length, answers.length) - 1]!();
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    requests,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** An EC2 error as it comes over the wire. */
export function ec2Error(code: string, status: number, message = `${code} it is`): () => Response {
  const body = `<?xml version="1.0" encoding="UTF-8"?><Response><Errors><Error><Code>${code}</Code>` +
    `<Message>${message}</Message></Error></Errors><RequestID>req-1</RequestID></Response>`;
  return () =>
    new Response(body, { status, headers: { "content-type": "text/xml", "x-amzn-requestid": "req-1" } });
}

/** An EC2 answer as it comes over the wire. */
export function ec2Answer(operation: string, content: string): () => Response {
  const body = `<?xml version="1.0" encoding="UTF-8"?><${operation}Response ` +
    `xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>req-2</requestId>${content}</${operation}Response>`;
  return () => new Response(body, { headers: { "content-type": "text/xml", "x-amzn-requestid": "req-2" } });
}

/** Settings for one service at a URL; the keys come from {@link withKeys}. */
export function settingsFor(service: AwsService, url: string): AwsClientSettings {
  return { region: "us-east-1", aws: { endpoints: { [service]: url } } };
}

/** Runs with the given environment variables, every other AWS_ and proxy variable unset, and puts all back. */
export async function withEnv<T>(env: Readonly<Record<string, string>>, run: () => Promise<T>): Promise<T> {
  const before = Deno.env.toObject();
  for (const name of Object.keys(before)) {
    if (/^(AWS_|HTTPS?_PROXY$|NO_PROXY$)/i.test(name)) Deno.env.delete(name);
  }
  for (const [name, value] of Object.entries(env)) Deno.env.set(name, value);
  try {
    return await run();
  } finally {
    for (const name of Object.keys(env)) Deno.env.delete(name);
    for (const [name, value] of Object.entries(before)) Deno.env.set(name, value);
  }
}

/** Runs with static keys in the environment and no other source of credentials. */
export function withKeys<T>(run: () => Promise<T>): Promise<T> {
  return withEnv({
    AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
    AWS_SECRET_ACCESS_KEY: "secret",
    AWS_EC2_METADATA_DISABLED: "true",
  }, run);
}
