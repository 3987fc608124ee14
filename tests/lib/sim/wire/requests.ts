import type { WireAws } from "../../../../lib/sim/wire/server.ts";

/** The part of a signed request's header that the simulator looks at. */
export function authorization(accessKey = "AKIA0000000000EXAMPLE"): string {
  return `AWS4-HMAC-SHA256 Credential=${accessKey}/20260101/us-east-1/ec2/aws4_request, SignedHeaders=host, Signature=0`;
}

/** An answer, read to its end. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

async function read(response: Response): Promise<Answer> {
  return { status: response.status, headers: response.headers, text: await response.text() };
}

/** Sends a query request of EC2, unless it names another version. */
export async function ec2(
  aws: WireAws,
  parameters: Record<string, string>,
  headers?: HeadersInit,
): Promise<Answer> {
  const body = new URLSearchParams({ Version: "2016-11-15", ...parameters });
  return await read(
    await fetch(aws.url, { method: "POST", body, headers: headers ?? { authorization: authorization() } }),
  );
}

/** Sends a JSON request of SSM. */
export async function ssm(
  aws: WireAws,
  operation: string,
  body: unknown,
  headers?: Record<string, string>,
): Promise<Answer> {
  const response = await fetch(aws.url, {
    method: "POST",
    body: typeof body === "string" ? body : JSON.stringify(body),
    headers: { "x-amz-target": `AmazonSSM.${operation}`, ...headers ?? { authorization: authorization() } },
  });
  return await read(response);
}

/** Talks to the simulator's own endpoints. */
export async function control(aws: WireAws, path: string, body?: unknown): Promise<unknown> {
  const response = await fetch(
    `${aws.url}/_sim/${path}`,
    body === undefined ? {} : { method: "POST", body: JSON.stringify(body) },
  );
  return await response.json();
}

/** The texts of an element, wherever it occurs. */
export function texts(xml: string, element: string): string[] {
  return [...xml.matchAll(new RegExp(`<${element}>([^<]*)</${element}>`, "g"))].map((match) => match[1]!);
}

/** Looks again and again until something is so; fails when it never is. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 6_000; tries++) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`Waited two minutes in vain: ${what}`);
}
