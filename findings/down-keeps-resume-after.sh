#!/bin/bash
# Question: a node is set DOWN with ResumeAfter, and before that time a person sets it DOWN once more, without one. Until when is it down?
# A good guess: until the person says otherwise; the new DOWN replaces the old one, as its Reason does.
# Seen (slurmctld 24.11.5, 26.05.5): the new Reason is taken and the old ResumeAfterTime stays. At that time slurmctld gives the
# node back, out of the DOWN that the person meant for good. "State=DOWN ResumeAfter=-1" takes the old time away.
# Needs Debian (debootstrap, unshare), root, loopback, some 200 MB. Nothing outside of a temporary folder is changed.
set -euo pipefail
version=24.11.5
dir=$(mktemp -d)
chmod 755 "$dir"
trap 'rm -rf "$dir"' EXIT
# The mirror that apt takes Debian from; none: debootstrap knows one.
# shellcheck disable=SC2016 # apt expands these
mirror=$(apt-get indextargets --format '$(ORIGIN) $(REPO_URI)' 'Created-By: Packages' |
  sed -n '/security/d; /^Debian /{s///p;q;}' || true)
proxy=
eval "$(apt-config shell proxy Acquire::http::Proxy)"
${proxy:+env "http_proxy=$proxy"} debootstrap --variant=minbase --include=slurmctld,slurm-client,slurm-wlm-basic-plugins trixie "$dir/root" \
  ${mirror:+"$mirror"} >"$dir/debootstrap.log" 2>&1 || { tail "$dir/debootstrap.log"; exit 1; }
[[ $(chroot "$dir/root" slurmctld -V) = *" $version" ]] || { echo "The suite has another Slurm now: look again"; exit 1; }

mkdir -p "$dir/root/run/finding/state" "$dir/root/run/finding/spool"
printf '#!/bin/sh\nexit 0\n' >"$dir/root/run/finding/program"
chmod 755 "$dir/root/run/finding/program"
echo '127.0.0.1 localhost finding' >"$dir/root/etc/hosts"
port=$((20000 + RANDOM % 10000))
cat >"$dir/root/run/finding/slurm.conf" <<END
ClusterName=finding
SlurmctldHost=finding(127.0.0.1)
SlurmUser=root
SlurmctldPort=$port
SlurmdPort=$((port + 1))
AuthType=auth/none
CredType=cred/none
StateSaveLocation=/run/finding/state
SlurmdSpoolDir=/run/finding/spool
SlurmctldPidFile=/run/finding/slurmctld.pid
SlurmctldLogFile=/run/finding/slurmctld.log
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
ResumeProgram=/run/finding/program
SuspendProgram=/run/finding/program
ResumeTimeout=600
SuspendTimeout=1
SuspendTime=600
NodeName=c[0-3] CPUs=2 State=CLOUD NodeAddr=127.0.0.1
PartitionName=cloud Nodes=c[0-3] Default=YES
END
cat >"$dir/root/run/finding/ask" <<'END'
set -euo pipefail
export SLURM_CONF=/run/finding/slurm.conf
slurmctld -D -c >/run/finding/out 2>&1 &
ctld=$!
trap 'kill "$ctld"; wait "$ctld" || true' EXIT
until scontrol ping 2>/dev/null | grep -q ' is UP'; do kill -0 "$ctld"; sleep 0.2; done
fact() { scontrol show node -o "$1" | sed -n "s/.* $2=\([^ ]*\).*/\1/p"; }
for node in c0 c1; do
  scontrol update NodeName=$node State=DOWN Reason=program ResumeAfter=20
done
time=$(fact c0 ResumeAfterTime)
scontrol update NodeName=c0 State=DOWN Reason=person
scontrol update NodeName=c1 State=DOWN Reason=person ResumeAfter=-1
kept=$(fact c0 ResumeAfterTime) dropped=$(fact c1 ResumeAfterTime)
echo "c0: $(fact c0 State) $(fact c0 Reason) ResumeAfterTime $kept; c1: $(fact c1 State) $(fact c1 Reason) ResumeAfterTime $dropped"
for _ in $(seq 300); do
  [[ $(fact c0 State) = DOWN* ]] || break
  sleep 1
done
echo "later c0: $(fact c0 State); c1: $(fact c1 State)"
[[ $kept = "$time" && $dropped = None && $(fact c0 State) = IDLE* && $(fact c1 State) = DOWN* ]]
END
echo "slurmctld $version"
# shellcheck disable=SC2016 # the inner bash expands it
unshare --mount --pid --fork --kill-child --uts bash -c 'hostname finding && mount -t proc proc "$1/proc" && exec chroot "$1" bash /run/finding/ask' bash "$dir/root" ||
  { echo "This has changed"; exit 1; }
