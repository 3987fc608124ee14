import { assertEquals } from "@std/assert";
import { whyNoHosts, withHosts } from "../../fixtures/host_pair.ts";
import { testWhere } from "../../test_where.ts";

testWhere(
  whyNoHosts("python3"),
  "doctor --only ports tells open, closed, silent and unreachable apart",
  () =>
    withHosts(async ({ dir, controller, node }) => {
      await Deno.writeTextFile(
        `${dir}/slurm.conf`,
        "ClusterName=rig\nSlurmctldHost=ctl(10.77.0.1)\nSlurmctldHost=backup(10.77.0.6)\n",
      );
      await Deno.writeTextFile(`${dir}/listen.py`, LISTEN);
      assertEquals(await controller.start(`exec python3 ${dir}/listen.py`), "ready");
      // What comes from this address is dropped on its way out: to the node it is as if a firewall stood there.
      await controller.sh("ip addr add 10.77.0.6/24 dev eth0; ip rule add from 10.77.0.6 blackhole");
      const config = `slurm: { confDir: ${dir}, binDir: /nonexistent }
fileSystems:
  - { source: "10.77.0.1:/home", mount: /home, type: nfs4 }
  - { source: "10.77.0.1@tcp:/fsx", mount: /fsx, type: lustre }
  - { source: "10.77.0.99:/old", mount: /old, type: nfs }
`;
      const { code, lines, findings } = await node.doctor({ config, only: ["ports"], flags: ["--node"] });
      assertEquals(code, 3);
      assertEquals(lines.slice(0, 5), [
        "pass tcp 6817 of slurmctld ctl: 10.77.0.1:6817 (ctl) is open from here",
        "fail tcp 6817 of slurmctld backup: 10.77.0.6:6817 (backup) is silent: no answer within 4 s",
        "pass tcp 2049 of file server 10.77.0.1: 10.77.0.1:2049 is open from here",
        "fail tcp 988 of file server 10.77.0.1: 10.77.0.1:988 refuses: the host is there, but no program listens",
        "fail tcp 2049 of file server 10.77.0.99: 10.77.0.99:2049: No route to host",
      ]);
      assertEquals(findings.filter(({ status, fix }) => status === "fail" && fix === undefined), []);
    }),
);

const LISTEN = `
import socket, time
listeners = [socket.create_server(("0.0.0.0", port)) for port in (6817, 2049)]
print("ready", flush=True)
time.sleep(3600)
`;
