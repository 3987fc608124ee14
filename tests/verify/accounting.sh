#!/bin/sh
# A slurmdbd with MariaDB and a slurmctld with two nodes, from Debian's packages, in an overlay over a file tree with
# Slurm: nothing of it is left afterwards. tests/verify/accounting.ts runs it in namespaces of its own.
# accounting.sh TREE DIR SACCT-ARGUMENTS...: TREE is / or a folder made by debootstrap, DIR is empty. Prints `jobs`, and
# what sacct then says of the jobs.
set -eu
tree=$1 dir=$2
shift 2
quiet() { "$@" >>"$dir/log" 2>&1 || { tail -n 20 "$dir/log" >&2; echo "failed: $*" >&2; exit 1; }; }

mount -t tmpfs -o size=1500m tmpfs "$dir"
mkdir "$dir/upper" "$dir/work" "$dir/root"
mount -t overlay overlay -o "lowerdir=$tree,upperdir=$dir/upper,workdir=$dir/work" "$dir/root"
mount -t proc proc "$dir/root/proc"
mount --rbind /dev "$dir/root/dev"
# slurmd reads the machine's processors and control groups there.
mount --rbind /sys "$dir/root/sys"
mount -t tmpfs tmpfs "$dir/root/tmp"
hostname rig
# The mirror is reached as from this machine.
cp -L /etc/resolv.conf "$dir/root/etc/resolv.conf"
cp /etc/hosts "$dir/root/etc/hosts"
# No package starts a service.
printf '#!/bin/sh\nexit 101\n' >"$dir/root/usr/sbin/policy-rc.d"
chmod +x "$dir/root/usr/sbin/policy-rc.d"
quiet env DEBIAN_FRONTEND=noninteractive chroot "$dir/root" \
  apt-get -o Acquire::Check-Valid-Until=false update
quiet env DEBIAN_FRONTEND=noninteractive chroot "$dir/root" apt-get install -y --no-install-recommends \
  slurmdbd slurm-wlm-mysql-plugin mariadb-server
# libmariadb3 1:11.8.9 refuses slurmdbd's very first query with its error 5027 (seen with trixie's slurmdbd 24.11.5): then
# slurmdbd runs with this machine's.
mkdir "$dir/client"
(cd "$dir/client" && quiet apt-get download libmariadb3 && quiet dpkg -x ./*.deb "$dir/root/opt/client")
echo '127.0.0.1 localhost rig c0 c1' >"$dir/root/etc/hosts"

cat >"$dir/root/tmp/run" <<'RUN'
set -eu
cd /tmp
exec 3>&1 >/tmp/log 2>&1
mkdir data temporary etc logs pids spool state munge
mariadb-install-db --no-defaults --user=root --datadir=/tmp/data --auth-root-authentication-method=normal \
  --skip-test-db --tmpdir=/tmp/temporary
mariadbd --no-defaults --user=root --datadir=/tmp/data --socket=/tmp/sql --bind-address=127.0.0.1 --port=13306 \
  --tmpdir=/tmp/temporary --performance-schema=off &
tries=0
until mariadb --no-defaults --socket=/tmp/sql -u root -e "create user s@localhost identified by 'p';
  grant all on *.* to s@localhost; create user s@127.0.0.1 identified by 'p'; grant all on *.* to s@127.0.0.1"; do
  tries=$((tries + 1))
  [ "$tries" -lt 60 ]
  sleep 1
done
head -c 128 /dev/urandom >munge/key
chmod 400 munge/key
munged --force --socket=/tmp/munge/socket --key-file=/tmp/munge/key --pid-file=/tmp/pids/munged \
  --log-file=/tmp/munge/log --seed-file=/tmp/munge/seed
cat >etc/slurmdbd.conf <<X
AuthType=auth/munge
AuthInfo=socket=/tmp/munge/socket
DbdHost=localhost
DbdPort=16819
SlurmUser=root
StorageType=accounting_storage/mysql
StorageHost=127.0.0.1
StoragePort=13306
StorageUser=s
StoragePass=p
LogFile=/tmp/logs/slurmdbd
PidFile=/tmp/pids/slurmdbd
X
chmod 600 etc/slurmdbd.conf
cat >etc/slurm.conf <<X
ClusterName=rig
SlurmctldHost=rig(127.0.0.1)
SlurmUser=root
SlurmdUser=root
SlurmctldPort=16817
AuthType=auth/munge
AuthInfo=socket=/tmp/munge/socket
CredType=cred/munge
StateSaveLocation=/tmp/state
SlurmdSpoolDir=/tmp/spool/%n
SlurmctldPidFile=/tmp/pids/slurmctld
SlurmdPidFile=/tmp/pids/slurmd-%n
SlurmctldLogFile=/tmp/logs/slurmctld
SlurmdLogFile=/tmp/logs/slurmd-%n
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
MpiDefault=none
SwitchType=switch/none
ReturnToService=2
TreeWidth=65533
CommunicationParameters=NoAddrCache,NoCtldInAddrAny,NoInAddrAny
SlurmdParameters=config_overrides
SchedulerParameters=bf_interval=1,sched_interval=2,sched_min_interval=0,batch_sched_delay=0
AccountingStorageType=accounting_storage/slurmdbd
AccountingStorageHost=127.0.0.1
AccountingStoragePort=16819
AccountingStoragePass=/tmp/munge/socket
NodeName=DEFAULT CPUs=4 RealMemory=100 State=UNKNOWN
NodeName=c[0-1] NodeHostName=rig NodeAddr=127.0.0.1 Port=[17001-17002]
PartitionName=cloud Nodes=ALL Default=YES MaxTime=INFINITE State=UP
X
export SLURM_CONF=/tmp/etc/slurm.conf
slurmdbd
sleep 2
client=$(dpkg-query -W -f '${Version}' libmariadb3)
if grep -q 'error: mysql_query failed: 5027' logs/slurmdbd; then
  client="that of another release of Debian, for error 5027 of $client"
  LD_LIBRARY_PATH=$(dirname "$(find /opt/client -name 'libmariadb.so.3')") slurmdbd
fi
tries=0
until sacctmgr -i add cluster rig; do
  tries=$((tries + 1))
  [ "$tries" -lt 60 ] || { tail -n 5 logs/slurmdbd; exit 1; }
  sleep 1
done
sacctmgr -i add account chem
sacctmgr -i add user root account=chem defaultaccount=chem
slurmctld -c -f "$SLURM_CONF"
until scontrol ping | grep -q ' is UP'; do sleep 1; done
for node in c0 c1; do slurmd -f "$SLURM_CONF" -N "$node"; done
wait_for() { # JOB STATE
  waited=0
  until [ "$(squeue -h -t all -j "$1" -o %T)" = "$2" ]; do
    waited=$((waited + 1))
    [ "$waited" -lt 300 ] || { scontrol show job "$1"; sinfo; tail -n 20 logs/*; exit 1; }
    sleep 1
  done
}
submit() { sbatch --parsable -D /tmp -o /dev/null "$@"; }
whole=$(submit -A chem -n4 -N1 -w c0 --mem=0 --wrap 'sleep 6')
both=$(submit -A chem -N2 -n2 --mem=10 --wrap 'sleep 4')
wait_for "$whole" COMPLETED
wait_for "$both" COMPLETED
again=$(submit -A chem -n1 -w c1 --mem=10 --wrap 'sleep 600')
held=$(submit -A chem -H --wrap true)
wait_for "$again" RUNNING
sleep 4
scontrol requeue "$again"
# slurmctld lets it wait for two minutes: before that its slurmd takes it for the try that was cancelled.
wait_for "$again" RUNNING
sleep 3
over=$(submit -A chem -n1 -w c0 --mem=10 --wrap 'sleep 12')
wait_for "$over" RUNNING
pid=$(cat pids/slurmctld)
kill "$pid"
while kill -0 "$pid" 2>/dev/null; do sleep 1; done
slurmctld -f "$SLURM_CONF"
until scontrol ping | grep -q ' is UP'; do sleep 1; done
wait_for "$over" COMPLETED
echo "jobs whole=$whole both=$both again=$again held=$held over=$over" >&3
slurmctld -V >&3
echo "client $client" >&3
TZ=UTC sacct "$@" >&3
RUN
# The daemons' ports are of a network of their own; without any address but 127.0.0.1 no name has one
# (getaddrinfo(3), AI_ADDRCONFIG).
unshare --net sh -c 'ip link set lo up && ip address add 192.0.2.1/32 dev lo && exec chroot "$@"' sh \
  "$dir/root" sh /tmp/run "$@" || { tail -n 60 "$dir/root/tmp/log" >&2; exit 1; }
