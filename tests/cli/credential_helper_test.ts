import { assertEquals, assertMatch } from "@std/assert";
import { type HookSite, makeHookSite } from "../fixtures/hook_site.ts";

/** A site whose credentials come from a `credential_process` line. */
async function withHelper(
  line: (helper: string) => string,
  script: string,
  use: (site: HookSite) => Promise<void>,
): Promise<void> {
  await using site = await makeHookSite({
    nodes: "c[0-9]",
    credentials: (dir) => [`AWS_CONFIG_FILE=${dir}/aws-config`, "AWS_EC2_METADATA_DISABLED=true"],
  });
  await Deno.mkdir(`${site.dir}/my helpers`);
  const helper = `${site.dir}/my helpers/sign`;
  await Deno.writeTextFile(helper, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  await Deno.writeTextFile(`${site.dir}/aws-config`, `[default]\ncredential_process = ${line(helper)}\n`);
  await use(site);
}

const ANSWER = `echo '{"Version":1,"AccessKeyId":"AKIDHELPER","SecretAccessKey":"s","SessionToken":"t"}'`;

Deno.test("hooks launch and terminate with the keys of a credential helper, started with their real permissions", () =>
  withHelper(
    (helper) => `"${helper}" credential-process --role 'a b'`,
    `echo "$#" >>"\${0%/*}/runs"; ${ANSWER}`,
    async (site) => {
      assertEquals(await site.call("resume", "c[0-1]"), { assigned: 2 }, site.log());
      assertEquals([...site.live().keys()].sort(), ["c0", "c1"]);
      assertEquals(await site.call("stop", "c[0-1]"), { terminated: 2 }, site.log());
      assertEquals(site.live().size, 0);
      // One worker serves both.
      assertEquals(Deno.readTextFileSync(`${site.dir}/my helpers/runs`), "3\n");
    },
  ));

for (
  const [says, line, script, message] of [
    [
      "a helper that fails",
      (helper: string) => `"${helper}"`,
      "echo no certificate >&2; exit 4",
      /credential helper \/\S+\/my helpers\/sign: exit status 4; it said: no certificate/,
    ],
    [
      "a line that takes a shell",
      (helper: string) => `"${helper}" | cat`,
      ANSWER,
      /credential_process can't be run: It has \| in it, which takes a shell/,
    ],
    ["a relative path", () => "sign", ANSWER, /sign is not an absolute path/],
    [
      "a path that the hook doesn't understand",
      (helper: string) => helper.replaceAll(" ", "\\ "),
      ANSWER,
      /can't run credential helper .*SLURM_EC2_RUN in etc\/hooks\.env/,
    ],
  ] as const
) {
  Deno.test(`hooks give nodes back and say why with ${says} as credential_process`, () =>
    withHelper(line, script, async (site) => {
      assertEquals(await site.call("resume", "c0"), { down: 1 }, site.log());
      const { base, reason } = site.slurmctld.nodes.get("c0")!;
      assertEquals(base, "DOWN");
      assertMatch(reason, /credential/i);
      assertMatch(site.log(), message);
      assertEquals(site.live().size, 0);
    }));
}
