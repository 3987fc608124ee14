import { assertEquals, assertMatch } from "@std/assert";
import { ExitCode } from "../../../commands/base/exit_code.ts";
import { doctor } from "../../../commands/doctor/doctor.ts";
import { SITE_SECTIONS } from "../../../commands/doctor/site.ts";
import type { CheckResult } from "../../../lib/preflight/check_result.ts";
import { runFake } from "../fake_host.ts";

const CONFIG = `cluster: c
region: eu-west-1
defaults: { os: { distribution: Rocky, version: "9" }, architecture: x86_64 }
nodeGroups: [{ name: g, nodes: "g-[0-9]", instanceTypes: [c7i.large], subnets: [subnet-0123456789abcdef0] }]
`;

const USAGE: readonly (readonly [args: readonly string[], says: RegExp])[] = [
  [
    ["--resolver", "dns.site.example"],
    /^Flag --resolver takes an IP address, e.g. 10.0.0.2, got "dns.site.example"/,
  ],
  [["--against", "nowhere.json"], /^Can't read --against nowhere.json: No such file/],
  [
    ["--against", "other.json"],
    /^--against other.json holds no facts: make it on the controller by slurm-ec2 doctor --json/,
  ],
  [["--against", "null.json"], /^--against null.json holds no facts/],
  [["--against", "broken.json"], /^Can't read --against broken.json/],
  [["--credential", "--check-credential", "-"], /^--credential and --check-credential exclude each other/],
  [["--only", "mount"], /^Unknown value of --only: "mount" \(did you mean mounts\?\)/],
];

for (const [args, says] of USAGE) {
  Deno.test(`doctor ${args.join(" ")} is reported before anything is examined`, async () => {
    const { exit, stderr, stdout } = await runFake(doctor, ["--config", "c.yaml", ...args], {
      files: { "c.yaml": CONFIG, "other.json": '{"findings":[]}', "null.json": "null", "broken.json": "{" },
    });
    assertEquals([exit, stdout], [ExitCode.Usage, ""]);
    assertMatch(stderr, says);
  });
}

Deno.test("doctor of a program that may only read says of everything else that it can't tell", async () => {
  const dir = await Deno.makeTempDir({ prefix: "slurm-ec2-doctor-" });
  try {
    await Deno.writeTextFile(
      `${dir}/c.yaml`,
      `${CONFIG}fileSystems: [{ source: "10.0.0.1:/home", mount: /home, type: nfs4 }]\n`,
    );
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--quiet", "--frozen", "--cached-only", "--no-check", "--no-prompt", "--allow-read"],
        ...[
          new URL("../../../main.ts", import.meta.url).pathname,
          "doctor",
          "--json",
          "--config",
          `${dir}/c.yaml`,
        ],
        ...["--resolver", "10.0.0.2", ...SITE_SECTIONS.flatMap(({ name }) => ["--only", name])],
      ],
    }).output();
    assertEquals(code, 3, new TextDecoder().decode(stderr));
    const { findings } = JSON.parse(new TextDecoder().decode(stdout)) as { findings: readonly CheckResult[] };
    assertEquals(findings.filter(({ status, code }) => status !== "can't tell" || code === "Internal"), []);
    const refused = findings.filter(({ code }) => code === "NotCapable").map(({ check }) => check);
    assertEquals([...new Set(refused)], [
      "dns",
      "ports",
      "mounts",
      "users",
      "clock",
      "munge",
      "slurm",
      "hooks",
      "timer",
      "limits",
    ]);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
