import { mapBounded } from "../../base/map_bounded.ts";
import type { FileSystem } from "../../config/model.ts";
import { controllerHosts, portsOf, settingOf } from "../../slurm/daemon_settings.ts";
import type { NodeDetails } from "../../slurm/node_details.ts";
import type { Machine } from "./machine.ts";
import { fileServerOf } from "./name_facts.ts";
import { DEFAULT_PORTS } from "../parameters/port_checks.ts";
import type { ReachFacts, Target } from "./reach_checks.ts";

/** Connections at a time. */
const AT_ONCE = 16;
/** Ports of a SlurmctldPort range that are tried. */
const PORTS_MAX = 4;

/** Connects to every target, a few seconds each at most. */
export function reach(machine: Machine, targets: readonly Target[]): Promise<ReachFacts[]> {
  return mapBounded(targets, AT_ONCE, async (target) => ({
    ...target,
    connection: await machine.connect(target.host, target.port),
  }));
}

/** Where slurmctld listens. */
export function controllerTargets(settings: ReadonlyMap<string, string>): Target[] {
  const ports = portsOf(settingOf(settings, "SlurmctldPort"), DEFAULT_PORTS.slurmctld).slice(0, PORTS_MAX);
  return controllerHosts(settings).flatMap(({ name, address }) =>
    ports.map((port) => ({ daemon: "slurmctld" as const, name, host: address ?? name, port }))
  );
}

/** Where slurmd of these nodes listens. */
export function nodeTargets(nodes: readonly NodeDetails[], settings: ReadonlyMap<string, string>): Target[] {
  const [byDefault = DEFAULT_PORTS.slurmd] = portsOf(settingOf(settings, "SlurmdPort"), DEFAULT_PORTS.slurmd);
  return nodes.map(({ name, nodeAddr, port }) => ({
    daemon: "slurmd",
    name,
    host: nodeAddr || name,
    port: port ?? byDefault,
  }));
}

/**
 * Ports by type of file system, as mount(8) takes the types: RFC 7530 (NFS), the Lustre manual's 988
 * (https://doc.lustre.org/lustre_manual.xhtml), SMB's 445.
 */
const FILE_PORTS: Readonly<Record<string, number>> = {
  nfs: 2049,
  nfs4: 2049,
  efs: 2049,
  lustre: 988,
  cifs: 445,
  smb3: 445,
};

/** Where file servers listen, one port each; types that we don't know have none. */
export function fileServerTargets(fileSystems: readonly FileSystem[]): Target[] {
  const targets = fileSystems.flatMap((fileSystem): Target[] => {
    const [host, port] = [fileServerOf(fileSystem), FILE_PORTS[fileSystem.type]];
    return host === undefined || port === undefined
      ? []
      : [{ daemon: "file server", name: host, host, port }];
  });
  return [...new Map(targets.map((target) => [`${target.host}:${target.port}`, target])).values()];
}
