import { assert, assertEquals, assertMatch } from "@std/assert";
import { type HostPair, type TestHost, whyNoHosts, withHosts } from "../fixtures/host_pair.ts";
import { testWhere } from "../test_where.ts";

const HOOKS = new URL("../../deploy/hooks/", import.meta.url).pathname;
const SECTIONS = ["dns", "ports", "mounts", "users", "clock", "munge", "slurm"];

testWhere(
  whyNoHosts("slurmctld", "slurmd", "scontrol", "munged", "setpriv", "python3"),
  "doctor passes on a controller and on a node of a real Slurm, and says which of them was broken",
  () =>
    withHosts(async (pair) => {
      const { controller, node, dir } = pair;
      const config = await startSlurm(pair);
      const env = { SLURM_CONF: `${dir}/etc/slurm.conf` };
      const on = (host: TestHost, only: readonly string[], ...flags: readonly string[]) =>
        host.doctor({ config, only, flags: [...(host === node ? ["--node"] : []), ...flags], env });

      const healthy = await on(controller, [...SECTIONS, "hooks", "timer"]);
      assertEquals(bad(healthy.lines), [], "the controller is healthy");
      assertEquals(healthy.code, 0, healthy.lines.join("\n"));
      for (
        const line of [
          "pass controller ctl: 10.77.0.1",
          "pass node c0: 10.77.0.2",
          "pass tcp 6818 of slurmd c0: c0:6818 is open from here",
          "pass nodes → slurmctld: slurmctld hears from all 1 nodes that are up",
          "pass munged: makes credentials and reads them again",
          "pass key /etc/munge/munge.key: mode 0400, uid ",
        ]
      ) assert(healthy.lines.some((one) => one.startsWith(line)), `${line}\n${healthy.lines.join("\n")}`);

      await Deno.writeTextFile(`${dir}/controller.json`, healthy.stdout);
      const ofNode = await on(node, SECTIONS, "--against", `${dir}/controller.json`);
      assertEquals(bad(ofNode.lines), [], "the node is healthy");
      for (
        const line of [
          "pass key equal to the controller's: slurmctld answers our credential, and we believe its own",
          `pass ${dir}/home (owner): uid 0, gid 0, mode 0755, as on the controller`,
          "pass clock compared with slurmctld's: the same within 1.5 s",
          "pass slurmd: version 22.05",
        ]
      ) assert(ofNode.lines.some((one) => one.startsWith(line)), `${line}\n${ofNode.lines.join("\n")}`);

      const credential = async (host: TestHost) => {
        const { stdout } = await host.doctor({ config, only: ["munge"], flags: ["--credential"], env });
        assertMatch(stdout, /^MUNGE:/);
        return stdout;
      };
      const check = async (stdin: string) =>
        (await node.doctor({
          config,
          only: ["munge"],
          flags: ["--node", "--check-credential", "-"],
          env,
          stdin,
        })).lines;
      const equal = (await check(await credential(controller))).at(-1)!;
      assertMatch(
        equal,
        /^pass the credential given: made by ctl \(10\.77\.0\.1\) with the same key, \d+ s ago$/,
      );

      await startMunge(node, "another key");
      const lines = await check(await credential(controller));
      assert(
        lines.includes("fail the credential given: made with another key: Invalid credential"),
        lines.join("\n"),
      );
      assert(
        lines.some((line) =>
          line.startsWith("fail key equal to the controller's: slurmctld refuses our credential")
        ),
        lines.join("\n"),
      );

      await controller.sh(
        `chmod 0666 ${dir}/site/bin/hook; chmod 0644 /etc/munge/munge.key; chown root ${dir}/state
        kill -9 $(cat ${dir}/run/slurmctld.pid); rm ${dir}/ec2/timer`,
      );
      const broken = await on(controller, ["ports", "slurm", "munge", "timer"]);
      for (
        const line of [
          "fail tcp 6817 of slurmctld ctl: ctl:6817 refuses: the host is there, but no program listens",
          "warn timer: /etc/cron.d/slurm-ec2 has not run since this machine started, and should each minute",
          "fail key /etc/munge/munge.key: mode 0644: everyone who reads it can be any user of the cluster",
          `fail ResumeProgram: ${dir}/site/bin/resume has mode 0666: slurmctld refuses what group or others may write`,
          `fail ResumeProgram: ${dir}/site/bin/resume has mode 0666: slurm can't execute it`,
          `fail StateSaveLocation: /var/spool/slurmctld belongs to uid 0, slurmctld runs as slurm `,
          `pass slurm.conf: ${dir}/etc/slurm.conf: config lint finds nothing but advice`,
        ]
      ) assert(broken.lines.some((one) => one.startsWith(line)), `${line}\n${broken.lines.join("\n")}`);
    }),
);

function bad(lines: readonly string[]): string[] {
  return lines.filter((line) => /^(?:fail|warn) /.test(line));
}

/** slurmctld on one machine, slurmd on the other, and what a site has around them; the rest of the configuration. */
async function startSlurm({ dir, controller, node }: HostPair): Promise<string> {
  for (const { name } of [controller, node]) {
    await Deno.writeTextFile(
      `${dir}/hosts.${name}`,
      "127.0.0.1 localhost\n10.77.0.1 ctl nas1\n10.77.0.2 c0\n",
    );
  }
  await Promise.all([controller, node].map((host) => startMunge(host, "one key for both")));
  await controller.sh(`cd ${dir}; mkdir -p etc run log state spool ec2/deno home site/bin
    cp ${HOOKS}hook site/bin; for name in resume stop resume-fail; do ln -s hook site/bin/$name; done
    echo "$(cut -d ' ' -f 1 /proc/uptime) $(cat /proc/sys/kernel/random/boot_id)" >ec2/timer
    chown slurm: run log state ec2 ec2/deno ec2/timer; chmod 0700 state
    mount -t tmpfs tmpfs /etc/cron.d; echo "* * * * * slurm ${dir}/site/bin/supervisor --timer" >/etc/cron.d/slurm-ec2
    mount -t tmpfs tmpfs /var/spool; mkdir /var/spool/slurmctld; mount --bind state /var/spool/slurmctld`);
  await Promise.all(
    [controller, node].map((host) => host.sh(`mount -t tmpfs -o mode=0755 nas1:/home ${dir}/home`)),
  );
  await Deno.writeTextFile(`${dir}/etc/slurm.conf`, slurmConf(dir));
  const clock = "python3 -m http.server 8080 --bind 10.77.0.1 --directory";
  await controller.start(`echo ready; exec ${clock} ${dir}/home >/dev/null 2>&1`);
  const env = `SLURM_CONF=${dir}/etc/slurm.conf`;
  await controller.sh(`${env} setpriv --reuid slurm --regid slurm --clear-groups slurmctld -c`);
  await until(controller, `${env} scontrol ping | grep -q UP`);
  await node.start(`echo ready; ${env} exec slurmd -D -b -N c0 >/dev/null 2>&1`);
  await until(controller, `${env} scontrol -o show node c0 | grep -q 'State=IDLE+CLOUD '`);
  return `slurm: { confDir: ${dir}/etc }
fileSystems: [{ source: "nas1:/home", mount: ${dir}/home, type: tmpfs }]
aws: { endpoints: { ec2: "http://10.77.0.1:8080" } }
stateDir: ${dir}/ec2
logFile: ${dir}/log/slurm-ec2.log
`;
}

/** munged where packages have it, with a key of the test's own; one that runs already is ended first. */
async function startMunge(host: TestHost, key: string): Promise<void> {
  await host.sh(`
    [ ! -e /run/munge/munged.pid ] || { kill $(cat /run/munge/munged.pid); while [ -e /run/munge/munge.socket.2 ]; do sleep 0.1; done; }
    mountpoint -q /etc/munge || for at in /etc/munge /var/lib/munge /var/log/munge; do mount -t tmpfs -o mode=0755 tmpfs $at; done
    mkdir -p /run/munge
    printf '%s and so on, for it takes 32 bytes' '${key}' >/etc/munge/munge.key
    chown -R munge: /run/munge /etc/munge /var/lib/munge /var/log/munge
    chmod 0400 /etc/munge/munge.key; chmod 0700 /var/lib/munge /var/log/munge /etc/munge
    setpriv --reuid munge --regid munge --clear-groups munged`);
}

async function until(host: TestHost, script: string): Promise<void> {
  await host.sh(
    `for try in $(seq 1200); do if ${script}; then exit 0; fi; sleep 0.1; done; echo 'never: ${
      script.replaceAll("'", "")
    }' >&2; exit 1`,
  );
}

function slurmConf(dir: string): string {
  return `ClusterName=rig
SlurmctldHost=ctl
SlurmUser=slurm
SlurmdUser=root
AuthType=auth/munge
CredType=cred/munge
StateSaveLocation=/var/spool/slurmctld
SlurmdSpoolDir=${dir}/spool
SlurmctldPidFile=${dir}/run/slurmctld.pid
SlurmdPidFile=${dir}/run/slurmd.pid
SlurmctldLogFile=${dir}/log/slurmctld.log
SlurmdLogFile=${dir}/log/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
MpiDefault=none
ReturnToService=2
MessageTimeout=3
SlurmdParameters=config_overrides
TreeWidth=65533
CommunicationParameters=NoAddrCache
PrivateData=cloud
SlurmctldParameters=idle_on_node_suspend
SchedulerParameters=salloc_wait_nodes,sbatch_wait_nodes
ResumeProgram=${dir}/site/bin/resume
SuspendProgram=${dir}/site/bin/stop
ResumeFailProgram=${dir}/site/bin/resume-fail
ResumeTimeout=600
SuspendTimeout=120
SuspendTime=600
ResumeRate=0
SuspendRate=0
BatchStartTimeout=60
NodeName=c[0-1] CPUs=2 RealMemory=1000 State=CLOUD
PartitionName=cloud Nodes=ALL Default=YES MaxTime=INFINITE State=UP
`;
}
