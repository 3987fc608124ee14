import { clientsAt } from "./clients.ts";
import type { Implementation } from "./contract.ts";

/** Path of moto's server: SLURM_EC2_MOTO, or from PATH; undefined where there is none. */
export function motoServerPath(): string | undefined {
  const named = Deno.env.get("SLURM_EC2_MOTO");
  if (named !== undefined) return named;
  const directories = (Deno.env.get("PATH") ?? "").split(":").filter((directory) => directory !== "");
  return directories.map((directory) => `${directory}/moto_server`).find(isFile);
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/** Checks that moto leaves to its users to switch on (http://docs.getmoto.org/en/latest/docs/configuration/). */
const VALIDATION = {
  MOTO_ENABLE_AMI_VALIDATION: "1",
  MOTO_EC2_ENABLE_INSTANCE_TYPE_VALIDATION: "1",
  MOTO_ENABLE_KEYPAIR_VALIDATION: "1",
};

/** Starts moto's server on a free port and prepares an account in it; disposing ends the process. */
export async function startMoto(path: string): Promise<Implementation> {
  const process = new Deno.Command(path, {
    args: ["-H", "127.0.0.1", "-p", "0"],
    env: { ...VALIDATION, PYTHONUNBUFFERED: "1" },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const { url, drained } = await listening(process.stderr);
  const clients = clientsAt(url);
  return {
    fixture: { ...clients, ...await prepareAccount(url, clients) },
    async [Symbol.asyncDispose]() {
      clients.destroy();
      process.kill("SIGKILL");
      await process.status;
      await drained;
    },
  };
}

/** Waits for the line that names the port, then reads on so that the pipe never fills. */
async function listening(
  stderr: ReadableStream<Uint8Array>,
): Promise<{ url: string; drained: Promise<void> }> {
  const reader = stderr.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>)
    .getReader();
  let text = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`moto_server ended at once: ${text}`);
    text += value;
    const url = /Running on (http:\/\/[\d.]+:\d+)/.exec(text)?.[1];
    if (url !== undefined) return { url, drained: drain(reader) };
  }
}

async function drain(reader: ReadableStreamDefaultReader<string>): Promise<void> {
  while (!(await reader.read()).done) { /* thrown away */ }
}

type Clients = ReturnType<typeof clientsAt>;

/** Finds what moto's account has from the start, and makes the key pair that it lacks. */
async function prepareAccount(url: string, { ec2 }: Clients) {
  const keyName = "contract-key";
  await createKeyPair(url, keyName);
  const { items: images } = await ec2.describeImages({
    Filters: [{ Name: "architecture", Values: ["x86_64"] }],
  });
  const { items: subnets } = await ec2.describeSubnets({});
  const { items: groups } = await ec2.describeSecurityGroups({});
  return {
    imageId: images.find(({ state }) => state === "available")!.imageId,
    subnetId: subnets[0]!.subnetId,
    keyName,
    securityGroupId: groups[0]!.groupId,
  };
}

/** The port has no operation for this. moto does not check signatures, but takes the service's name from them. */
async function createKeyPair(url: string, name: string): Promise<void> {
  const answer = await fetch(url, {
    method: "POST",
    headers: {
      authorization: "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/us-east-1/ec2/aws4_request, " +
        "SignedHeaders=host, Signature=0",
    },
    body: new URLSearchParams({ Action: "CreateKeyPair", Version: "2016-11-15", KeyName: name }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`moto made no key pair: ${text}`);
}
