import { assertEquals } from "@std/assert";
import {
  controllerHosts,
  portsOf,
  releaseOf,
  settingOf,
  userOf,
} from "../../../lib/slurm/daemon_settings.ts";
import { isUp, parseNodeDetails } from "../../../lib/slurm/node_details.ts";

const pure = (name: string, fn: () => void) => Deno.test({ name, permissions: "none", fn });

pure("controllerHosts() are the primary and its backups, with addresses where there are", () => {
  const settings = new Map([["SlurmctldHost[0]", "ctl1(10.1.2.3)"], ["SlurmctldPort", "6817"], [
    "SlurmctldHost[1]",
    "ctl2",
  ]]);
  assertEquals(controllerHosts(settings), [{ name: "ctl1", address: "10.1.2.3" }, { name: "ctl2" }]);
  assertEquals(controllerHosts(new Map([["SlurmctldHost", "ctl"]])), [{ name: "ctl" }]);
});

pure("portsOf() reads ports and ranges", () => {
  assertEquals(["6817", "6817-6819", undefined, "x"].map((text) => portsOf(text, 1)), [
    [6817],
    [6817, 6818, 6819],
    [1],
    [1],
  ]);
});

pure("userOf() and settingOf() read scontrol's forms", () => {
  assertEquals([userOf("slurm(64030)"), userOf("slurm"), userOf(undefined)], [
    { name: "slurm", uid: 64030 },
    undefined,
    undefined,
  ]);
  const settings = new Map([["a", "(null)"], ["b", "x"], ["c", ""]]);
  assertEquals(["a", "b", "c", "d"].map((key) => settingOf(settings, key)), [
    undefined,
    "x",
    undefined,
    undefined,
  ]);
});

pure("releaseOf() finds the major release in any spelling", () => {
  assertEquals(
    ["22.05.8", "slurm 24.05.3-1", "slurm-wlm 22.05.8", "24.11", "26.05.0-0rc1", "slurm", "1.22.05"].map(
      releaseOf,
    ),
    ["22.05", "24.05", "22.05", "24.11", "26.05", undefined, undefined],
  );
});

/** As 22.05 and 24.11 print them. */
const NODES =
  `NodeName=c0 Arch=x86_64 NodeAddr=127.0.0.1 NodeHostName=rig Port=21779 Version=22.05.8 OS=Linux 6.18 #1 SMP Port=9 State=IDLE+CLOUD Partitions=cloud BootTime=2026-11-25T17:40:21
NodeName=c1 NodeAddr=127.0.0.1 NodeHostName=rig State=IDLE+CLOUD+POWERED_DOWN Partitions=cloud Reason=Port=7 Version=1 [root@2026-11-25T17:40:21]
`;

pure("parseNodeDetails() adds port and version, never those of a free text", () => {
  assertEquals(parseNodeDetails(NODES).map(({ name, port, version }) => [name, port, version]), [
    ["c0", 21779, "22.05.8"],
    ["c1", undefined, undefined],
  ]);
});

pure("isUp() is a node that should answer", () => {
  const up = (base: string, ...flags: string[]) => isUp({ base, flags: new Set(flags) });
  assertEquals(
    [
      up("IDLE", "CLOUD"),
      up("MIXED", "CLOUD", "DRAIN"),
      up("IDLE", "NOT_RESPONDING"),
      up("IDLE", "POWERED_DOWN"),
    ],
    [true, true, true, false],
  );
  assertEquals([up("ALLOCATED", "POWERING_UP"), up("IDLE", "POWERING_DOWN"), up("DOWN"), up("FUTURE")], [
    ...[false, false, false, false],
  ]);
});
