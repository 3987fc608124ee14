#!/bin/bash
# Question: does "sinfo -n NODE" show the node's state as "sinfo" does?
# A good guess: yes, -n only filters what is shown.
# Seen (slurmctld 22.05.8, 24.11.5, 26.05.5): asked for a single node, slurmctld answers by another RPC, which does not
# count allocations again. After a job that was seen there has left the node, "sinfo -n c0" goes on saying "mix" or "alloc" for as long as nobody asks
# for more than one node; "sinfo -n c0,c0" and "sinfo" say "idle", and from then on the first does, too.
# Needs Debian 12 (apt-get), root, loopback. Nothing outside of a temporary folder is changed.
set -euo pipefail
version=22.05.8-4+deb12u3
dir=$(mktemp -d)
chmod 755 "$dir"
ctld=
trap '[ -z "$ctld" ] || { kill "$ctld"; wait "$ctld"; } 2>/dev/null || true; rm -rf "$dir"' EXIT

cd "$dir"
apt-get download -q -o APT::Sandbox::User=root "slurmctld=$version" "slurm-client=$version" "slurm-wlm-basic-plugins=$version" >/dev/null
for package in ./*.deb; do dpkg -x "$package" tree; done
PATH=$dir/tree/usr/sbin:$dir/tree/usr/bin:$PATH
plugins=$(echo "$dir"/tree/usr/lib/*/slurm-wlm)
export PATH LD_LIBRARY_PATH=$plugins SLURM_CONF=$dir/slurm.conf

mkdir state spool
printf '#!/bin/sh\nexit 0\n' >program
chmod 755 program
port=$((20000 + RANDOM % 10000))
cat >slurm.conf <<END
ClusterName=finding
SlurmctldHost=$(hostname -s)(127.0.0.1)
SlurmUser=root
SlurmctldPort=$port
SlurmdPort=$((port + 1))
AuthType=auth/none
CredType=cred/none
PluginDir=$plugins
StateSaveLocation=$dir/state
SlurmdSpoolDir=$dir/spool
SlurmctldPidFile=$dir/slurmctld.pid
SlurmctldLogFile=$dir/slurmctld.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
ReturnToService=2
PrivateData=cloud
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
SlurmctldParameters=idle_on_node_suspend,power_save_interval=1
SchedulerParameters=bf_interval=1,sched_interval=2
ResumeProgram=$dir/program
SuspendProgram=$dir/program
ResumeTimeout=600
SuspendTimeout=1
SuspendTime=600
NodeName=c[0-3] CPUs=2 State=CLOUD NodeAddr=127.0.0.1
PartitionName=cloud Nodes=c[0-3] Default=YES
END
slurmctld -D -c -f slurm.conf >out 2>&1 &
ctld=$!
until scontrol ping 2>/dev/null | grep -q ' is UP'; do kill -0 "$ctld"; sleep 0.2; done

single() { sinfo -h -N -n c0 -o %t; }
job=$(cd / && sbatch --parsable -w c0 --output=/dev/null --wrap true)
until [[ $(single) =~ ^(mix|alloc) ]]; do sleep 0.2; done
sinfo >/dev/null # somebody looks at all nodes while the job is there
scontrol update NodeName=c0 State=POWER_DOWN_FORCE Reason=finding
# Neither of these asks for nodes: the job has left, and the node is powered down.
until [[ $(squeue -h -j "$job" -o '%T %r') = 'PENDING BeginTime' ]]; do sleep 0.2; done
until [[ $(single) = *~ ]]; do sleep 0.2; done

echo "slurmctld $version"
before=$(single)
both=$(sinfo -h -N -n c0,c0 -o %t)
after=$(single)
echo "sinfo -n c0: $before; sinfo -n c0,c0: $both; sinfo -n c0 once more: $after"
[[ $before =~ ^(mix|alloc)~$ && $both = idle~ && $after = idle~ ]] || { echo "This has changed"; exit 1; }
