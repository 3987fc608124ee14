import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import {
  type HostRole,
  hostRole,
  isInCharge,
  roleOfText,
  roleText,
  whyNotOne,
} from "../../../lib/controller_run/in_charge.ts";
import { parseShowConfig } from "../../../lib/slurm/node_state.ts";
import { ScontrolError } from "../../../lib/slurm/scontrol_api.ts";

const pure = { permissions: "none" } as const;

/** As `scontrol show config` prints it. */
const config = (...hosts: readonly string[]) =>
  parseShowConfig(`Configuration data as of 2026-11-30T12:00:00
AuthInfo                = socket=/run/munge/sock
AuthType                = auth/munge
ClusterName             = rig
PluginDir               = (null)
SlurmUser               = slurm(64030)
${hosts.map((host, index) => `SlurmctldHost[${index}]        = ${host}`).join("\n")}
SlurmctldPort           = 6817-6819
SlurmctldTimeout        = 120 sec
`);

const CASES: readonly (readonly [
  hosts: readonly string[],
  hostname: string | undefined,
  line: string | HostRole["kind"],
])[] = [
  [["ctl1"], "ctl1", "alone"],
  [["ctl1"], "elsewhere", "alone"],
  [["ctl1(10.0.0.1)"], undefined, "alone"],
  [[], "ctl1", "alone"],
  [["ctl1", "ctl2"], "ctl2", "SlurmctldHost=ctl2"],
  [["ctl1(10.0.0.1)", "ctl2(10.0.0.2)"], "ctl1", "SlurmctldHost=ctl1(10.0.0.1)"],
  [["ctl1(10.0.0.1)", "ctl2(10.0.0.2)"], "ctl2", "SlurmctldHost=ctl2(10.0.0.2)"],
  [["ctl1.hpc.example", "ctl2.hpc.example"], "ctl2", "SlurmctldHost=ctl2.hpc.example"],
  [["ctl1", "ctl2"], "ctl2.hpc.example", "SlurmctldHost=ctl2"],
  [["ctl.a", "ctl.b"], "ctl.b", "SlurmctldHost=ctl.b"],
  [["ctl1", "ctl2", "ctl3"], "ctl3", "SlurmctldHost=ctl3"],
  [["ctl1", "ctl2"], "login1", "not-one"],
  [["ctl1", "ctl2"], "ctl", "not-one"],
  [["ctl1", "ctl2"], undefined, "not-one"],
  [["ctl1", "ctl2"], "", "not-one"],
];

for (const [hosts, hostname, expected] of CASES) {
  Deno.test(
    `hostRole() of ${hostname ?? "a host without a name"} is ${expected} with SlurmctldHost ${hosts}`,
    pure,
    () => {
      const role = hostRole(config(...hosts), hostname);
      assertEquals(roleOfText(roleText(role)), role);
      if (role.kind !== "one-of-several") return assertEquals(role.kind, expected);
      assertEquals(role.slurmConf.split("\n").filter((line) => line.startsWith("SlurmctldHost")), [expected]);
    },
  );
}

Deno.test(
  "hostRole() gives the one question what a client needs to be let in, and nothing that is unset",
  pure,
  () => {
    const role = hostRole(config("ctl1", "ctl2"), "ctl1");
    assert(role.kind === "one-of-several");
    assertEquals(role.slurmConf.split("\n").slice(1), [
      "SlurmctldHost=ctl1",
      "ClusterName=rig",
      "SlurmUser=slurm",
      "SlurmctldPort=6817-6819",
      "AuthType=auth/munge",
      "AuthInfo=socket=/run/munge/sock",
      "",
    ]);
  },
);

Deno.test("whyNotOne() names the hosts, this one, and how to say its name", pure, () => {
  const role = { kind: "not-one", hosts: ["ctl1", "ctl2"] } as const;
  assertEquals(
    whyNotOne(role, "login1"),
    "slurm.conf names ctl1, ctl2 as SlurmctldHost, and this host is login1",
  );
  assertStringIncludes(whyNotOne(role, undefined), "set SLURM_EC2_HOSTNAME to what uname -n prints");
});

for (const kind of ["refused", "unreachable", "timeout", "missing"] as const) {
  Deno.test(`isInCharge() is no when slurmctld's answer is ${kind}`, pure, async () => {
    const showPartitions = () => Promise.reject(new ScontrolError(kind, "no"));
    assertEquals(await isInCharge({ showPartitions }), false);
  });
}

Deno.test("isInCharge() is yes when slurmctld answers, and hides no fault of ours", pure, async () => {
  assertEquals(await isInCharge({ showPartitions: () => Promise.resolve(new Map()) }), true);
  const showPartitions = () => Promise.reject(new TypeError("a fault"));
  await assertRejects(() => isInCharge({ showPartitions }), TypeError);
});
