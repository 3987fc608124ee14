#!/bin/sh
# What a node must have before it registers: a job on a node that lacks it would only fail. For boot to read; node.sh and
# mounts.sh come first.

: "${run_dir:?}" "${imds:?}"

# A fifth of what munge credentials live by default (munge(1), --ttl).
clock_seconds=60

# healthy NAME SLURMD MOUNTS SLURM_CONF
healthy() {
  healthy_mounts "$3"
  healthy_clock
  healthy_munge
  healthy_space
  healthy_slurmd "$2"
  healthy_slurmctld "$1" "$2" "$4"
  healthy_start "$1" "$2" "$4"
  healthy_site "$1"
}

healthy_clock() {
  off=$(clock_offset)
  [ "${off:-0}" -le $clock_seconds ] ||
    fail "the clock is $off s off, which munge does not take" "see chronyc sources: Amazon's time is at 169.254.169.123"
}

# Whole seconds between this clock and others, by chrony or else the metadata service's; nothing where it is not known.
clock_offset() {
  # https://chrony-project.org/doc/latest/chronyc.html: "System time" is the fifth, leap status the last field.
  tracking=$(timeout -k 1 5 chronyc -c tracking 2>/dev/null) && case $tracking in
    *,Not\ synchronised | '') ;;
    *) printf '%s' "$tracking" | awk -F, '$5 ~ /^[-+]?[0-9.]+$/ { printf "%d", $5 < 0 ? -$5 : $5 }' && return ;;
  esac
  date=$(curl --silent --noproxy '*' --max-time 5 --header "${session:-Accept: */*}" --dump-header - --output /dev/null "$imds/latest/meta-data/" 2>/dev/null |
    sed -n 's/^[Dd]ate:[[:space:]]*//p' | tr -d '\r')
  [ -n "$date" ] || return 0
  then=$(date -d "$date" +%s 2>/dev/null) && off=$(($(date +%s) - then)) && echo "${off#-}"
}

healthy_munge() {
  [ "$(setting MUNGE)" != keep ] || return 0
  munge_words=$( (timeout -k 1 5 munge -n </dev/null | timeout -k 1 5 unmunge) 2>&1 | sed -n '/[^[:space:]]/{p;q;}')
  case $munge_words in
    *Success*) ;;
    *) fail "munge does not work here: ${munge_words:-no answer}" "see journalctl -u munge and /var/log/munge/munged.log" ;;
  esac
}

# Less than SPACE_MIN MiB anywhere that a job or slurmd writes.
healthy_space() {
  least=$(setting SPACE_MIN 100)
  scratch=$(setting SCRATCH)
  if [ -n "$scratch" ]; then
    { [ -d "$scratch" ] && [ -w "$scratch" ]; } || fail "$scratch cannot be written" "see what makes and mounts it (SCRATCH)"
  fi
  for place in / /tmp /var "$scratch"; do
    [ -n "$place" ] || continue
    free=$(timeout -k 1 5 df -Pk -- "$place" 2>/dev/null | awk 'NR == 2 { print int($4 / 1024) }')
    [ "${free:-0}" -ge "$least" ] || fail "$place has ${free:-0} MiB left, less than $least" "give a larger rootVolume, or another SPACE_MIN"
  done
}

healthy_slurmd() {
  within 20 "$1" -V
  status=$?
  version=$(sed -n 's/^slurm[a-z-]* \([0-9][0-9.]*\).*/\1/p' "${said:?}" 2>/dev/null)
  { [ $status = 0 ] && [ -n "$version" ]; } ||
    fail "$1 does not run: $(first_words $status 20)" "see its libraries (ldd $1), or install Slurm in the image"
  note SLURM_VERSION "$version"
}

# healthy_slurmctld NAME SLURMD SLURM_CONF: it takes our credentials and knows us. When it does not answer, that is not a reason to
# stay away: slurmd goes on asking.
healthy_slurmctld() {
  [ -n "$3" ] || return 0
  case $2 in
    */sbin/slurmd) scontrol=${2%/sbin/slurmd}/bin/scontrol ;;
    *) scontrol=scontrol ;;
  esac
  [ -x "$scontrol" ] || scontrol=$(command -v scontrol) || return 0
  within 20 env SLURM_CONF="$3" "$scontrol" -o show node "$1"
  status=$?
  [ $status != 0 ] || return 0
  case $(cat "$said" 2>/dev/null) in
    # A slurmctld that finds them wrong says nothing and ends the connection.
    *uthenticat* | *credential* | *'Zero Bytes'*)
      fail "slurmctld does not take this node's munge credentials ($(first_words $status 20))" "give the node the controller's munge key (MUNGE_KEY), and see both clocks"
      ;;
    *'not found'*) fail "slurmctld knows no node $1" "see that its slurm.conf holds the rendered nodes: slurm-ec2 config render" ;;
    *) say "slurmctld does not answer yet: $(first_words $status 20)" ;;
  esac
}

# healthy_start NAME SLURMD SLURM_CONF: slurmd -G goes through most of a start, the node's record and the cgroup plugin
# included, and ends (seen on 22.05, 24.11 and 26.05). slurmd itself would end without a word to slurmctld.
healthy_start() {
  [ -n "$3" ] || return 0
  within 10 "$2" -h
  grep -q '^ *-G ' "$said" 2>/dev/null || return 0
  within 20 "$2" -G -N "$1" -f "$3"
  status=$?
  case $status in
    0) return ;;
    124 | 137) say "slurmd -G gave no answer within 20 s" && return ;;
  esac
  # 22.05 says nothing here.
  words=$(sed -n 's/.*error: //p' "$said" 2>/dev/null |
    sed '/^cannot create .* context/d; /^Unable to initialize/d; /initialization failed/d; /differs from hardware/d' | tail -n 1)
  case $words$(cat "$said" 2>/dev/null) in
    # https://slurm.schedmd.com/cgroup_v2.html: built only where the headers of D-Bus and bpf are.
    *cgroup*) next="build Slurm with dbus-devel and kernel-headers installed, so that it has cgroup_v2.so, or see cgroup.conf" ;;
    *) next="run on such a node: $2 -G -N $1 -f $3" ;;
  esac
  fail "slurmd cannot start: ${words:-slurmd -G ended with status $status}" "$next"
}

# The site's own check, HEALTH: a program that is given the node's name.
healthy_site() {
  health=$(setting HEALTH)
  [ -n "$health" ] || return 0
  [ -x "$health" ] || fail "$health cannot be run" "see HEALTH in userData and the mount that it lies on"
  within "${SLURM_EC2_HEALTH_LIMIT:-60}" "$health" "$1"
  status=$?
  [ $status = 0 ] || fail "$health finds this node unhealthy: $(first_words $status "${SLURM_EC2_HEALTH_LIMIT:-60}")" "see what it checks"
}
