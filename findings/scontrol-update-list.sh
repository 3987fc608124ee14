#!/bin/bash
# Question: does "scontrol update" change anything when one of several jobs, or nodes, that it names doesn't exist?
# A good guess: no; it exits 1 and says "Invalid job id specified", or "Invalid node name specified", and nothing else.
# Seen: of jobs (slurmctld 22.05.8, 24.11.5, 26.05.5) all the others are changed, those behind the unknown one, too. Of nodes
# 22.05.8 changes none, 24.11.5 and 26.05.5 change all the others. The exit status is 1 each time.
# Who takes the exit status for "nothing was done", and does it again or gives up, is wrong.
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

job() { (cd / && sbatch --parsable --hold --output=/dev/null --wrap true); }
first=$(job) last=$(job)
unknown=$((last + 900))
comment() { scontrol show job -o "$1" | sed -n 's/.* Comment=\([^ ]*\).*/\1/p'; }
weight() { scontrol show node -o "$1" | sed -n 's/.* Weight=\([^ ]*\).*/\1/p'; }

echo "slurmctld $version"
jobs=0 nodes=0
scontrol update JobId="$first,$unknown,$last" Comment=changed 2>&1 || jobs=$?
scontrol update NodeName=c1,x1,c2 Weight=7 2>&1 || nodes=$?
echo "jobs: exit $jobs, comments: $(comment "$first") $(comment "$last")"
echo "nodes: exit $nodes, weights: $(weight c1) $(weight c2)"
[[ $jobs = 1 && $(comment "$first") = changed && $(comment "$last") = changed ]] || { echo "This has changed"; exit 1; }
[[ $nodes = 1 && $(weight c1) = 1 && $(weight c2) = 1 ]] || { echo "This has changed"; exit 1; }
