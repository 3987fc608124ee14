import { readEnv } from "./read_env.ts";
import { streamCollector } from "@smithy/node-http-handler";
import { checkAnswer, type WireFormat } from "./answer_check.ts";
import { AwsError } from "./aws_error.ts";
import {
  type AwsClientSettings,
  type AwsService,
  credentialSources,
  namesCredentials,
  takesKeysOfEnvironment,
} from "./client_settings.ts";
import { CREDENTIALS_NOT_FOUND } from "./error_codes.ts";
import type { CallOptions } from "./ec2_api.ts";
import { READ_IN_PART } from "./instance_fields.ts";
import { MAX_ATTEMPTS, retryStrategy } from "./retry_strategy.ts";
import { toAwsError } from "./sdk_error.ts";
import { XmlSieve } from "./xml_sieve.ts";

/** Milliseconds until a connection must stand: further away than this, something drops our packets. */
const CONNECTION_TIMEOUT_MS = 5_000;

/**
 * Milliseconds until an answer must have come. A launch of hundreds of instances takes EC2 several seconds; the
 * callers' own deadlines are shorter and end the call by their signal.
 */
const REQUEST_TIMEOUT_MS = 60_000;

/** Connections kept open to one host: the hooks' concurrency stays below it. */
const MAX_SOCKETS = 16;

/** A service as our clients need to know it. */
export interface ServiceTraits {
  /** As settings name it. */
  readonly key: AwsService;
  /** As people write it. */
  readonly title: string;
  /** How its answers look. */
  readonly format: WireFormat;
}

/**
 * What all SDK clients of ours are made with: few and short retries, explicit time limits, connections kept
 * alive, proxies by HTTP_PROXY, HTTPS_PROXY and NO_PROXY, and exactly the credentials that the settings name.
 */
export function clientOptions(service: ServiceTraits, settings: AwsClientSettings) {
  const endpoint = settings.aws.endpoints[service.key];
  const agent = { keepAlive: true, maxSockets: MAX_SOCKETS, ...proxyOptions() };
  return {
    region: settings.region,
    ...(endpoint !== undefined && { endpoint }),
    ...(settings.aws.profile !== undefined && { profile: settings.aws.profile }),
    ...(!takesKeysOfEnvironment(settings, readEnv) && { credentials: credentials(settings) }),
    // The rest of the SDK's defaults would come from files and, in "auto" mode, from the metadata service.
    defaultsMode: "standard" as const,
    retryMode: "standard",
    maxAttempts: MAX_ATTEMPTS,
    retryStrategy: retryStrategy(),
    requestHandler: {
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      throwOnRequestTimeout: true,
      httpAgent: agent,
      httpsAgent: agent,
    },
    streamCollector: async (stream: Parameters<typeof streamCollector>[0]) => {
      const body = service.key === "ec2" ? await sieved(stream) : await streamCollector(stream);
      checkAnswer(body, service.format);
      return body;
    },
  };
}

/** An answer of EC2 without what nobody reads of its instances: the SDK parses a quarter of it. */
async function sieved(stream: Parameters<typeof streamCollector>[0]): Promise<Uint8Array> {
  if (!isChunked(stream)) return await streamCollector(stream);
  const sieve = new XmlSieve(READ_IN_PART);
  for await (const chunk of stream) sieve.push(chunk);
  return sieve.end();
}

function isChunked(stream: unknown): stream is AsyncIterable<Uint8Array> {
  return typeof stream === "object" && stream !== null && Symbol.asyncIterator in stream;
}

/** Where else credentials come from; loaded on demand. */
function credentials(settings: AwsClientSettings): CredentialProvider {
  let provider: Promise<CredentialProvider> | undefined;
  return async (caller) => {
    provider ??= import("./credentials_client.ts").then(({ credentialsOf }) =>
      credentialsOf(settings, () => sdkCredentials(settings))
    );
    return await (await provider)(caller);
  };
}

/** A profile that was asked for by name must not silently become the instance's role: no other source is tried. */
async function sdkCredentials(settings: AwsClientSettings): Promise<CredentialProvider> {
  const { profile, credentialsFile: filepath, configFile: configFilepath, endpoints } = settings.aws;
  // A profile that assumes a role asks STS for it.
  const clientConfig = {
    region: settings.region,
    ...(endpoints.sts !== undefined && { endpoint: endpoints.sts }),
  };
  if (!namesCredentials(settings)) {
    const { defaultProvider } = await import("@aws-sdk/credential-provider-node");
    return defaultProvider({ clientConfig });
  }
  const { fromIni } = await import("@aws-sdk/credential-provider-ini");
  return fromIni({ profile, filepath, configFilepath, clientConfig });
}

type CredentialProvider = ReturnType<
  typeof import("@aws-sdk/credential-provider-ini").fromIni
>;

const PROXY_VARIABLES = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy"];

/**
 * Node's own agents look at the proxy variables only with NODE_USE_ENV_PROXY=1, or by the option `proxyEnv`
 * (https://nodejs.org/api/http.html#built-in-proxy-support).
 */
function proxyOptions(): { readonly proxyEnv?: Record<string, string> } {
  const set = PROXY_VARIABLES.flatMap((name) => {
    const value = readEnv(name);
    return value === undefined || value === "" ? [] : [[name, value] as const];
  });
  return set.length === 0 ? {} : { proxyEnv: Object.fromEntries(set) };
}

/** The part of the SDK's clients that every one of ours uses. */
interface SdkClient {
  readonly middlewareStack: {
    // deno-lint-ignore no-explicit-any -- the SDK's own types ask for it
    add(middleware: (next: any) => any, options: any): void;
    remove(name: string): boolean;
  };
}

/** Runs one SDK call: hands the abort signal down and turns whatever is thrown into an {@link AwsError}. */
export type Caller = <T>(
  operation: string,
  send: (options: { abortSignal?: AbortSignal }) => Promise<T>,
  options?: CallOptions,
) => Promise<T>;

/** The {@link Caller} of one client. */
export function callerOf(client: SdkClient, service: ServiceTraits, settings: AwsClientSettings): Caller {
  // It copies every answer for a log that nobody keeps: an eighth of the processor time of a large launch.
  client.middlewareStack.remove("loggerMiddleware");
  const lastEndpoint = rememberEndpoint(client);
  return async (operation, send, options) => {
    const signal = options?.signal;
    try {
      signal?.throwIfAborted();
      return await untilAborted(send({ abortSignal: signal }), signal);
    } catch (error) {
      const endpoint = lastEndpoint();
      const failure = toAwsError(error, {
        service: service.title,
        operation,
        endpoint,
        credentialSources: credentialSources(settings),
        signal,
      });
      throw failure.code === CREDENTIALS_NOT_FOUND ? withFileTroubles(failure, settings) : failure;
    }
  };
}

/** The SDK's errors do not say where the request went: a last step before the wire notes it down. */
function rememberEndpoint(client: SdkClient): () => string | undefined {
  let endpoint: string | undefined;
  client.middlewareStack.add(
    (next: (args: unknown) => unknown) =>
    (args: { request?: Partial<Record<"protocol" | "hostname" | "port", unknown>> }) => {
      const { protocol, hostname, port } = args.request ?? {};
      if (hostname !== undefined) {
        endpoint = `${protocol}//${hostname}${port === undefined ? "" : `:${port}`}`;
      }
      return next(args);
    },
    { step: "finalizeRequest", priority: "low", name: "rememberEndpoint" },
  );
  return () => endpoint;
}

/** Ends the wait at once: finding credentials, for one, does not listen to signals. */
function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

/** The SDK takes a file that it can't read for an empty one: says which of those named that is. */
function withFileTroubles(failure: AwsError, { aws }: AwsClientSettings): AwsError {
  const troubles = [aws.credentialsFile, aws.configFile].flatMap((path) =>
    path === undefined ? [] : fileTrouble(path)
  );
  if (troubles.length === 0) return failure;
  const { code, operation, cause } = failure;
  return new AwsError({ code, operation, cause, message: `${failure.message}; ${troubles.join("; ")}` });
}

function fileTrouble(path: string): string[] {
  try {
    Deno.openSync(path).close();
    return [];
  } catch (error) {
    return [`"${path}" can't be read: ${error instanceof Error ? error.message : String(error)}`];
  }
}
