import { assert, assertEquals, assertRejects } from "@std/assert";
import { runHelper } from "../../../lib/aws/helper_process.ts";

const ANSWER = '{"Version":1,"AccessKeyId":"AKID","SecretAccessKey":"s3cret","SessionToken":"%s"}';

/** A helper as a real program, in a directory whose name takes quotes. */
async function withHelper(script: string, use: (path: string) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "slurm-ec2 helper's-" });
  try {
    await Deno.writeTextFile(`${directory}/helper`, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    await use(`${directory}/helper`);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

Deno.test("runHelper() hands the words on as they are, and no shell reads them", () =>
  withHelper(`printf '${ANSWER}' "$#|$1|$2|$3"`, async (path) => {
    const credentials = await runHelper(`"${path}" plain "two words" '$(touch x);*'`);
    assertEquals(credentials.sessionToken, "3|plain|two words|$(touch x);*");
  }));

for (
  const [says, script, message] of [
    ["that a helper fails, with its first words", "echo s3cret; echo no cert >&2; echo more >&2; exit 7", [
      /^credential helper \/\S+ helper's-\S+: exit status 7; it said: no cert$/,
    ]],
    ["that a helper prints garbage", "echo s3cret", [/: what it printed is not JSON$/]],
    ["that a helper prints without end", "exec yes s3cret", [/: it printed more than 100 KB, ended$/]],
    [
      "that a helper hangs, though a child of it holds its output open",
      "echo waiting for the HSM >&2; sleep 3 & sleep 3",
      [/: no answer within 0\.5 s, ended; it said: waiting for the HSM$/],
    ],
    [
      "that what a helper gives has expired",
      `printf '%s' '${ANSWER.replace("%s", '","Expiration":"2020-01-01T00:00:00Z').replaceAll("'", "")}'`,
      [/: its credentials have expired at 2020-01-01T00:00:00\.000Z$/],
    ],
  ] as const
) {
  Deno.test(`runHelper() says ${says}, and nothing of what it printed`, () =>
    withHelper(script, async (path) => {
      const error = await assertRejects(() => runHelper(`"${path}"`, { timeLimit: 500 }), Error);
      for (const pattern of message) assert(pattern.test(error.message), error.message);
      assert(!error.message.includes("s3cret"), error.message);
    }));
}

Deno.test("runHelper() says which program it can't run", async () => {
  await assertRejects(
    () => runHelper("/nonexistent/helper x"),
    Error,
    "can't run credential helper /nonexistent/helper: ",
  );
  await assertRejects(
    () => runHelper("helper"),
    Error,
    `credential_process can't be run: "helper" is not an absolute path`,
  );
});

Deno.test({
  name: "runHelper() runs nothing that was not granted",
  permissions: { run: ["/bin/true"] },
  async fn() {
    const error = await assertRejects(
      () => runHelper("/bin/sh -c true"),
      Error,
      "can't run credential helper /bin/sh: ",
    );
    assert(error.cause instanceof Deno.errors.NotCapable);
    assert(error.message.includes("SLURM_EC2_RUN"));
    // Granted, it runs: that it prints nothing is another matter.
    await assertRejects(() => runHelper("/bin/true"), Error, "is not JSON");
  },
});
