import { assert, assertEquals } from "@std/assert";
import { type HostPair, type TestHost, whyNoHosts, withHosts } from "../../fixtures/host_pair.ts";
import { testWhere } from "../../test_where.ts";

/** No scontrol there: what slurm.conf says is all there is to know of slurmctld. */
const CONFIG = `slurm: { confDir: DIR, binDir: /nonexistent }
fileSystems: [{ source: "nas1.site.example:/home", mount: /home, type: nfs4 }]
dns: { hosts: [license1.site.example] }
`;

/** A zone as dnsmasq serves it: names with their addresses, and back. */
const RIGHT = `10.77.0.1 ctl.site.example ctl
10.77.0.20 nas1.site.example nas1
10.77.0.30 license1.site.example license1
`;

/** Serves a zone at an address of the controller's. */
async function serve({ dir, controller }: HostPair, address: string, zone: string, more = ""): Promise<void> {
  const file = `${dir}/zone.${address}`;
  await Deno.writeTextFile(file, zone);
  if (address !== controller.address) await controller.sh(`ip addr add ${address}/24 dev eth0`);
  await controller.sh(
    `dnsmasq --no-resolv --no-hosts --addn-hosts=${file} --listen-address=${address} --bind-interfaces ` +
      `--pid-file=${dir}/dnsmasq.${address} --user=root --local=/site.example/ --local=/77.10.in-addr.arpa/ ${more}`,
  );
}

async function useResolver({ dir }: HostPair, { name }: TestHost, address: string): Promise<void> {
  await Deno.writeTextFile(`${dir}/resolv.${name}`, `nameserver ${address}\noptions timeout:1 attempts:1\n`);
}

async function slurmConf({ dir }: HostPair): Promise<string> {
  await Deno.writeTextFile(`${dir}/slurm.conf`, "ClusterName=rig\nSlurmctldHost=ctl.site.example\n");
  return CONFIG.replace("DIR", dir);
}

const missing = whyNoHosts("dnsmasq", "python3");

testWhere(
  missing,
  "doctor --only dns passes where names lead to one address and back, for everybody",
  () =>
    withHosts(async (pair) => {
      await serve(pair, "10.77.0.1", RIGHT);
      await useResolver(pair, pair.node, "10.77.0.1");
      const config = await slurmConf(pair);
      const { findings, lines } = await pair.node.doctor({
        config,
        only: ["dns"],
        flags: ["--node", "--resolver", "10.77.0.1"],
        bundled: true,
      });
      const named = findings.filter(({ status }) => status === "pass").map(({ what }) => what);
      for (const name of ["controller ctl", "file server nas1", "host license1"]) {
        const full = `${name}.site.example`;
        assert(
          named.includes(full) && named.includes(`${full} by 10.77.0.1`),
          `${full}: ${lines.join("\n")}`,
        );
        assert(named.some((what) => what.endsWith(`(${full})`)), `back to ${full}: ${lines.join("\n")}`);
      }
      assertEquals(findings.filter(({ status }) => status === "fail" || status === "warn"), []);
    }),
);

testWhere(
  missing,
  "doctor --only dns tells wrong answers, silence and refusals apart",
  () =>
    withHosts(async (pair) => {
      const { controller, node, dir } = pair;
      await serve(pair, "10.77.0.1", RIGHT);
      // Another address for the controller, another host's name for the file server, nothing of the license server.
      await serve(
        pair,
        "10.77.0.3",
        "10.77.9.9 ctl.site.example\n10.77.0.20 nas1.site.example\n",
        [
          "--ptr-record=20.0.77.10.in-addr.arpa,printer.site.example",
        ].join(" "),
      );
      // Nobody answers here, SERVFAIL there.
      await controller.sh("ip addr add 10.77.0.4/24 dev eth0; ip addr add 10.77.0.5/24 dev eth0");
      await Deno.writeTextFile(`${dir}/servers.py`, SERVERS);
      assertEquals(await controller.start(`exec python3 ${dir}/servers.py`), "ready");
      await useResolver(pair, node, "10.77.0.1");
      const resolvers = ["10.77.0.3", "10.77.0.4", "10.77.0.5", "10.77.0.1"];
      const { code, findings, lines } = await node.doctor({
        config: await slurmConf(pair),
        only: ["dns"],
        flags: ["--node", ...resolvers.flatMap((one) => ["--resolver", one])],
      });
      assertEquals(code, 3);
      const of = (what: string) => findings.find((finding) => finding.what === what);
      const evidence = (what: string) => `${of(what)?.status}: ${of(what)?.evidence}`;
      assertEquals(
        evidence("controller ctl.site.example by 10.77.0.3"),
        "fail: 10.77.0.3 says 10.77.9.9, this machine says 10.77.0.1",
      );
      assertEquals(
        evidence("host license1.site.example by 10.77.0.3"),
        "fail: 10.77.0.3 knows no license1.site.example",
      );
      assertEquals(
        evidence("10.77.0.20 by 10.77.0.3 (file server nas1.site.example)").replace(
          / calls it .*:/,
          " calls it … :",
        ),
        "warn: 10.77.0.3 calls it … : another host's name",
      );
      assertEquals(
        evidence("controller ctl.site.example by 10.77.0.4"),
        "fail: 10.77.0.4 does not answer within 4 s",
      );
      assertEquals(
        evidence("controller ctl.site.example by 10.77.0.5"),
        "fail: 10.77.0.5 answers SERVFAIL for ctl.site.example",
      );
      assertEquals(evidence("controller ctl.site.example"), "pass: 10.77.0.1", lines.join("\n"));
      for (const { status, fix, what } of findings) {
        if (status === "fail" || status === "warn") assert(fix, `no fix for ${what}`);
      }
    }),
);

testWhere(
  missing,
  "doctor --only dns tells what is wrong with this machine's own resolver",
  () =>
    withHosts(async (pair) => {
      const { controller, node, dir } = pair;
      await controller.sh("ip addr add 10.77.0.4/24 dev eth0; ip addr add 10.77.0.5/24 dev eth0");
      await Deno.writeTextFile(`${dir}/servers.py`, SERVERS);
      assertEquals(await controller.start(`exec python3 ${dir}/servers.py`), "ready");
      const config = await slurmConf(pair);
      const line = async (host: TestHost, ...flags: readonly string[]) =>
        (await host.doctor({ config, only: ["dns"], flags })).lines.find((one) =>
          one.includes(" controller ctl")
        );
      await useResolver(pair, node, "10.77.0.5");
      await useResolver(pair, controller, "10.77.0.4");
      assertEquals(await Promise.all([line(node, "--node"), line(controller)]), [
        "fail controller ctl.site.example: this machine's resolver answers SERVFAIL for ctl.site.example",
        "fail controller ctl.site.example: no answer for ctl.site.example within 4 s",
      ]);
      // Debian's installer: the controller's own name is a loopback address, which nodes would be sent to.
      await useResolver(pair, controller, "10.77.0.5");
      for (const name of ["c0", "ctl"]) {
        await Deno.writeTextFile(`${dir}/hosts.${name}`, "127.0.1.1 ctl.site.example ctl\n");
      }
      assertEquals(await Promise.all([line(node, "--node"), line(controller)]), [
        "fail controller ctl.site.example: ctl.site.example is 127.0.1.1 here: that is this machine itself",
        "warn controller ctl.site.example: ctl.site.example is 127.0.1.1 here: no other machine can reach that address",
      ]);
    }),
);

/** 10.77.0.4 takes questions and says nothing, 10.77.0.5 answers all of them with SERVFAIL (RFC 1035, 4.1.1). */
const SERVERS = `
import socket
silent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
silent.bind(("10.77.0.4", 53))
failing = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
failing.bind(("10.77.0.5", 53))
print("ready", flush=True)
while True:
    question, asker = failing.recvfrom(4096)
    failing.sendto(question[:2] + b"\\x81\\x82" + question[4:], asker)
`;
