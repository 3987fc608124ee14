import { assertEquals } from "@std/assert";
import type { Connection } from "../../../../lib/preflight/machine/machine.ts";
import { checkAnswering, checkPing, checkReach } from "../../../../lib/preflight/machine/reach_checks.ts";
import {
  controllerTargets,
  fileServerTargets,
  nodeTargets,
} from "../../../../lib/preflight/machine/reach_facts.ts";
import type { NodeDetails } from "../../../../lib/slurm/node_details.ts";
import { assertTold } from "./told.ts";

const pure = (name: string, fn: () => void) => Deno.test({ name, permissions: "none", fn });

const CONNECTIONS: readonly (readonly [Connection, string])[] = [
  [{ kind: "open" }, "pass: 10.1.0.5:6818 (c0) is open from here"],
  [{ kind: "refused" }, "fail: 10.1.0.5:6818 (c0) refuses: the host is there, but no program listens"],
  [{ kind: "cut", what: "x", seconds: 4 }, "fail: 10.1.0.5:6818 (c0) is silent: no answer within 4 s"],
  [{ kind: "unreachable", words: "No route to host" }, "fail: 10.1.0.5:6818 (c0): No route to host"],
  [{ kind: "unresolved" }, "fail: 10.1.0.5 has no address here"],
  [{ kind: "denied", what: "connect to 10.1.0.5:6818" }, "can't tell: this slurm-ec2 was started without"],
];

pure("checkReach() tells a port's states apart", () => {
  for (const [connection, wanted] of CONNECTIONS) {
    const target = { daemon: "slurmd", name: "c0", host: "10.1.0.5", port: 6818 } as const;
    assertTold([checkReach({ ...target, connection })], [wanted], connection.kind);
  }
});

function node(name: string, ...flags: string[]): NodeDetails {
  return {
    name,
    base: "IDLE",
    flags: new Set(flags),
    nodeAddr: "",
    nodeHostname: name,
    reason: "",
    partitions: [],
  };
}

pure("checkAnswering() names nodes that slurmctld does not hear", () => {
  assertTold([checkAnswering([])], ["can't tell: no node is up"], "none");
  assertTold([checkAnswering([node("c0"), node("c1")])], ["pass: slurmctld hears from all 2"], "all");
  const some = [node("c0"), node("c1", "NOT_RESPONDING"), node("c2", "NOT_RESPONDING")];
  assertTold([checkAnswering(some)], ["warn: slurmctld does not hear from c[1-2], of 3 nodes"], "some");
});

pure("checkPing() judges every controller", () => {
  assertTold(
    checkPing(["Slurmctld(primary) at ctl1 is UP", "Slurmctld(backup) at ctl2 is DOWN"]),
    ["pass: answers scontrol ping", "warn: Slurmctld(backup) at ctl2 is DOWN"],
    "one of two",
  );
  assertTold(checkPing(["Slurmctld(primary) at ctl1 is DOWN"]), ["fail: Slurmctld(primary)"], "none");
});

pure("controllerTargets() are every host and port of slurmctld, four ports at most", () => {
  const settings = new Map([["SlurmctldHost[0]", "ctl1(10.1.0.1)"], ["SlurmctldHost[1]", "ctl2"], [
    "SlurmctldPort",
    "6820-6830",
  ]]);
  assertEquals(
    controllerTargets(settings).map(({ host, port }) => `${host}:${port}`),
    [6820, 6821, 6822, 6823].flatMap((port) => [`10.1.0.1:${port}`]).concat(
      [6820, 6821, 6822, 6823].map((port) => `ctl2:${port}`),
    ),
  );
  assertEquals(controllerTargets(new Map([["SlurmctldHost[0]", "ctl"]]))[0]!.port, 6817);
});

pure("nodeTargets() are addresses and ports by node, or by slurm.conf", () => {
  const nodes = [{ ...node("c0"), nodeAddr: "10.1.0.5", port: 7000 }, node("c1")];
  assertEquals(
    nodeTargets(nodes, new Map([["SlurmdPort", "6900"]])).map(({ host, port }) => `${host}:${port}`),
    ["10.1.0.5:7000", "c1:6900"],
  );
});

pure("fileServerTargets() are one port a server, by type", () => {
  const of = (source: string, type: string) => ({ source, type, mount: "/m" });
  assertEquals(
    fileServerTargets([
      of("nas1:/a", "nfs4"),
      of("nas1:/b", "nfs"),
      of("fs-1.fsx.example@tcp:/fsx", "lustre"),
      of("//files/x", "cifs"),
      of("gpfs1", "gpfs"),
    ]).map(({ host, port }) => `${host}:${port}`),
    ["nas1:2049", "fs-1.fsx.example:988", "files:445"],
  );
});
