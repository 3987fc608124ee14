import { assertEquals } from "@std/assert";
import type { Ran } from "../../../../lib/preflight/machine/machine.ts";
import { askSlurm, slurmUnknown, type SlurmView } from "../../../../lib/preflight/machine/slurm_view.ts";
import { complaint, fakeMachine, type Said, stat } from "./fake_machine.ts";
import { assertTold } from "./told.ts";

const SHOW = "/opt/bin/scontrol show config";
const CONFIG = `Configuration data as of 2026-11-25T17:40:21
SlurmctldHost[0]        = ctl(10.1.0.1)
SlurmUser               = slurm(64030)
SLURM_VERSION           = 22.05.8
`;

function ask(said: Said, now = 0, asked: string[] = []): Promise<SlurmView> {
  return askSlurm({
    machine: fakeMachine(said, asked),
    config: {
      slurm: {
        binDir: "/opt/bin",
        confDir: "/etc/slurm",
        user: "slurm",
        partitionOptions: {},
        ready: "auto" as const,
      },
    },
    now: () => now,
    readConf: (path) => Promise.resolve(new Map([["from", path]])),
  });
}

const CONF = stat("/etc/slurm/slurm.conf");

Deno.test(
  "askSlurm() reads settings, nodes and the controller's clock",
  { permissions: "none" },
  async () => {
    const now = Date.parse("2026-11-25T17:40:30.500Z");
    const view = await ask({
      ...CONF,
      [SHOW]: CONFIG,
      "/opt/bin/scontrol show nodes -o":
        "NodeName=c0 State=IDLE+CLOUD NodeAddr=10.1.0.5 Port=7000 Version=22.05.8 OS=Linux x Port=1\n",
      "/opt/bin/scontrol ping": "Slurmctld(primary) at ctl is UP\n",
    }, now);
    assertEquals(view.settings.get("SLURM_VERSION"), "22.05.8");
    assertEquals([view.ahead, view.conf, view.trouble], [9000, "/etc/slurm/slurm.conf", undefined]);
    assertEquals(view.nodes.map(({ name, port, version }) => [name, port, version]), [[
      "c0",
      7000,
      "22.05.8",
    ]]);
    assertEquals(view.ping, ["Slurmctld(primary) at ctl is UP"]);
  },
);

/** As 22.05 printed them, and 24.11 and 26.05 where they differ. */
const TROUBLES: readonly (readonly [Ran, kind: string, wanted: string])[] = [
  [
    complaint("slurm_load_ctl_conf error: Zero Bytes were transmitted or received\n"),
    "unauthenticated",
    "Zero Bytes",
  ],
  [complaint("slurm_load_ctl_conf error:Protocol authentication error\n"), "unauthenticated", "Protocol"],
  [
    complaint(
      "scontrol: error: If munged is up, restart with --num-threads=10\n" +
        'scontrol: error: Munge encode failed: Failed to access "/run/munge/munge.socket.2": No such file or directory\n' +
        "scontrol: error: slurm_send_node_msg: auth_g_create: REQUEST_BUILD_INFO has authentication error\n" +
        "slurm_load_ctl_conf error: Protocol authentication error\n",
    ),
    "no-munge",
    "munged makes no credential here",
  ],
  [
    complaint("slurm_load_ctl_conf error: Unable to contact slurm controller (connect failure)\n"),
    "unreachable",
    "Unable",
  ],
  [complaint("scontrol: fatal: Unable to process configuration file\n"), "refused", "fatal"],
  [{ kind: "missing", program: "/opt/bin/scontrol" }, "missing", "there is no /opt/bin/scontrol"],
  [{ kind: "cut", what: "scontrol", seconds: 15 }, "cut", "scontrol had not ended after 15 s"],
  [{ kind: "denied", what: "run scontrol" }, "denied", "without the permission to run scontrol"],
];

Deno.test("askSlurm() falls back to slurm.conf, and keeps the reason", { permissions: "none" }, async () => {
  for (const [ran, kind, wanted] of TROUBLES) {
    const { trouble, settings, nodes } = await ask({ ...CONF, [SHOW]: ran });
    assertEquals(
      [trouble?.kind, settings.get("from"), nodes],
      [kind as never, "/etc/slurm/slurm.conf", []],
      wanted,
    );
    const finding = slurmUnknown({ check: "ports", what: "slurmctld" }, trouble!);
    assertEquals([finding.status, finding.evidence.includes(wanted)], ["can't tell", true], finding.evidence);
  }
});

Deno.test("askSlurm() asks nobody where there is no slurm.conf: scontrol would wait a minute", {
  permissions: "none",
}, async () => {
  const asked: string[] = [];
  const { trouble } = await ask({}, 0, asked);
  assertEquals([trouble?.kind, asked.some((line) => line.includes("scontrol"))], ["no-conf", false]);
  assertTold(
    [slurmUnknown({ check: "dns", what: "x" }, trouble!)],
    ["can't tell: no slurm.conf at /etc/slurm/slurm.conf or /run/slurm/conf/slurm.conf"],
    "no-conf",
  );
  assertEquals(
    (await ask({ ...stat("/run/slurm/conf/slurm.conf"), [SHOW]: CONFIG })).conf,
    "/run/slurm/conf/slurm.conf",
  );
});
