#!/bin/bash
# Question: two powered-down CLOUD nodes are DOWN; one is given back by State=RESUME, the other by State=IDLE. Then slurmctld reads its configuration again. Does a job power up either of them?
# A good guess: both; RESUME is what the manual names for a node that is DOWN, and IDLE comes to the same.
# Seen (slurmctld 22.05.8, 24.11.5): both show as IDLE and powered down, but the one of RESUME is NOT_RESPONDING, which no ping undoes for a
# node that is off. After "scontrol reconfigure" no job is given to it; the other one is powered up at once.
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
for node in c0 c1; do scontrol update NodeName=$node State=DOWN Reason=person; done
scontrol update NodeName=c0 State=RESUME
scontrol update NodeName=c1 State=IDLE
echo "c0: $(fact c0 State); c1: $(fact c1 State)"
scontrol reconfigure
until scontrol ping 2>/dev/null | grep -q ' is UP'; do sleep 0.2; done
for node in c0 c1; do sbatch --parsable -o /dev/null -w $node --wrap true; done
for _ in $(seq 60); do
  [[ $(fact c1 State) != *POWERING_UP* ]] || break
  sleep 1
done
# What c1 got in this time, c0 has had the time for, too.
sleep 30
echo "later c0: $(fact c0 State); c1: $(fact c1 State)"
squeue -h -o '%i %T %r %n'
[[ $(fact c0 State) = *NOT_RESPONDING* && $(fact c0 State) != *POWERING_UP* && $(fact c1 State) = *POWERING_UP* ]]
END
echo "slurmctld $version"
# shellcheck disable=SC2016 # the inner bash expands it
unshare --mount --pid --fork --kill-child --uts bash -c 'hostname finding && mount -t proc proc "$1/proc" && exec chroot "$1" bash /run/finding/ask' bash "$dir/root" ||
  { echo "This has changed"; exit 1; }
