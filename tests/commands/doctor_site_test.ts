import { assertEquals, assertMatch } from "@std/assert";
import { ExitCode } from "../../commands/exit_code.ts";
import { doctor } from "../../commands/doctor.ts";
import { runFake } from "./fake_host.ts";

const CONFIG = `cluster: c
region: eu-west-1
defaults: { os: { distribution: Rocky, version: "9" }, architecture: x86_64 }
nodeGroups: [{ name: g, nodes: "g-[0-9]", instanceTypes: [c7i.large], subnets: [subnet-0123456789abcdef0] }]
`;

const USAGE: readonly (readonly [args: readonly string[], says: RegExp])[] = [
  [
    ["--resolver", "dns.site.example"],
    /^Not an address: --resolver "dns.site.example"; e.g. --resolver 10.0.0.2/,
  ],
  [["--against", "nowhere.json"], /^Can't read --against nowhere.json: No such file/],
  [
    ["--against", "other.json"],
    /^--against other.json holds no facts: make it on the controller by slurm-ec2 doctor --json/,
  ],
  [["--against", "null.json"], /^--against null.json holds no facts/],
  [["--against", "broken.json"], /^Can't read --against broken.json/],
  [["--credential", "--check-credential", "-"], /^--credential and --check-credential exclude each other/],
  [["--only", "mount"], /^Unknown section: --only mount \(did you mean mounts\?\)/],
];

for (const [args, says] of USAGE) {
  Deno.test(`doctor ${args.join(" ")} is told before anything is examined`, async () => {
    const { exit, stderr, stdout } = await runFake(doctor, ["--config", "c.yaml", ...args], {
      files: { "c.yaml": CONFIG, "other.json": '{"findings":[]}', "null.json": "null", "broken.json": "{" },
    });
    assertEquals([exit, stdout], [ExitCode.Usage, ""]);
    assertMatch(stderr, says);
  });
}
