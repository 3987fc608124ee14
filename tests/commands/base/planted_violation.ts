// A main of its own: gives up what main.ts would give up before a command, then does what it must not.
// Arguments: DIRECTORY (to write to) and the command line; SLURM_EC2_TEST_KEEP=1 gives nothing up.
import { parseFlags } from "../../../commands/base/command.ts";
import { USUAL_SCONTROLS } from "../../../commands/base/effective_permissions.ts";
import { realHost } from "../../../commands/base/real_host.ts";
import { REGISTRY } from "../../../commands/registry.ts";
import { grantsFor } from "../../../commands/base/restrict.ts";
import { usualHosts } from "../../../commands/base/revocations.ts";

const [directory, keep, ...argv] = Deno.args;
const name = [argv.slice(0, 2).join(" "), argv[0]!].find((words) => Object.hasOwn(REGISTRY, words))!;
const command = await REGISTRY[name]!.load();
const flags = parseFlags(command, argv.slice(name.split(" ").length));
const host = realHost();
const grants = await grantsFor(host, command, flags);
if (keep !== "keep") await host.keepOnly!(grants);

const isGranted = (permission: Deno.PermissionDescriptor) =>
  Deno.permissions.querySync(permission).state === "granted";

const violations: Readonly<Record<string, () => unknown>> = {
  net: () => Deno.connect({ hostname: "127.0.0.1", port: 1 }),
  otherRegion: () => Deno.connect({ hostname: "ec2.ap-southeast-7.amazonaws.com", port: 443 }),
  run: () => new Deno.Command("/bin/true").output(),
  shell: () => new Deno.Command("/bin/sh", { args: ["-c", "true"] }).output(),
  otherScontrol: () => new Deno.Command("/opt/slurm/bin/scontrol").output(),
  write: () => Deno.writeTextFile(`${directory}/planted`, ""),
  env: () => Deno.env.get("HOME"),
  sys: () => Deno.osRelease(),
  ffi: () => Deno.dlopen("libc.so.6", {}),
};

const outcome: Record<string, string> = {};
for (const [name, violate] of Object.entries(violations)) {
  try {
    await violate();
    outcome[name] = "done";
  } catch (error) {
    outcome[name] = (error as Error).name;
  }
}
console.log(JSON.stringify({
  outcome,
  grants,
  whole: (["net", "run", "write", "read", "env", "sys", "ffi"] as const).filter((name) =>
    isGranted({ name })
  ),
  hosts: usualHosts().filter((host) => isGranted({ name: "net", host })),
  scontrols: USUAL_SCONTROLS.filter((command) => isGranted({ name: "run", command })),
}));
