#!/bin/sh
# What the scripts of a node share; they read it, nobody runs it.

PATH=${PATH:-/usr/bin:/bin}:/usr/sbin:/sbin:/usr/local/sbin:/usr/local/bin
export PATH
# Of this boot of this instance: gone when it stops.
run_dir=${SLURM_EC2_RUN_DIR:-/run/slurm-ec2}
# Tests put directories of their own here.
# shellcheck disable=SC2034 # for the scripts that read this file
etc=${SLURM_EC2_ETC:-/etc}
# shellcheck disable=SC2034
proc=${SLURM_EC2_PROC:-/proc}
imds=${AWS_EC2_METADATA_SERVICE_ENDPOINT:-http://169.254.169.254}
imds=${imds%/}
# The metadata service answers in milliseconds or, early in a boot, not at all.
imds_tries=${SLURM_EC2_IMDS_TRIES:-30}

# The unit sends this to the console, which is what EC2 keeps of an instance that is gone.
say() { printf 'slurm-ec2: %s\n' "$1"; }

# step NAME: a part of the boot begins; the one before it has ended. What is said of them tells where a slow boot is, and was.
steps=
step() {
  read -r seconds _ <"$proc/uptime"
  say "boot step $1 begins ($seconds s since the kernel)"
  steps="${steps:+$steps, }$1 $seconds"
}

# fail WHAT NEXT-STEP: one line that resume-fail can quote. The guard ends the instance if this lasts.
fail() {
  [ -z "$steps" ] || say "boot steps began at (seconds since the kernel): $steps"
  say "boot failed: $1; next step: $2"
  mkdir -p "$run_dir" 2>/dev/null
  { printf '%s\n' "$1" >"$run_dir/failure"; } 2>/dev/null
  exit 1
}

# setting NAME [DEFAULT]: the environment (SLURM_EC2_NAME) before the launch's own SET_NAME.
setting() {
  eval "value=\${SLURM_EC2_$1:-\${SET_$1:-}}"
  # shellcheck disable=SC2154 # eval sets it
  printf '%s' "${value:-${2:-}}"
}

# fact KEY [DEFAULT]: what the boot script wrote down of this instance; the environment (SLURM_EC2_KEY) wins.
fact() {
  eval "value=\${SLURM_EC2_$1:-}"
  [ -n "$value" ] || value=$(sed -n "/^$1=/{s///p;q;}" "$run_dir/node" 2>/dev/null)
  printf '%s' "${value:-${2:-}}"
}

# note KEY VALUE: a further fact. The run directory may be full: what depends on a fact says so itself.
note() { { printf '%s=%s\n' "$1" "$2" >>"$run_dir/node"; } 2>/dev/null; }

# Seconds since boot: a clock that is set while the node boots moves no limit.
now() {
  read -r seconds _ <"$proc/uptime"
  echo "${seconds%.*}"
}

# within SECONDS COMMAND...: 124 or 137 when it took longer. Its words go to a file: a process that not even SIGKILL
# ends, as those of a dead file server, would hold a pipe open.
within() {
  limit=$1
  shift
  said=$run_dir/said
  { : >"$said"; } 2>/dev/null || said=/dev/null
  timeout -k "${SLURM_EC2_KILL_AFTER:-2}" "$limit" "$@" >"$said" 2>&1 </dev/null
}

# first_words STATUS SECONDS: why what ran within a limit failed.
first_words() {
  case $1 in
    124 | 137) echo "no answer within $2 s" ;;
    *)
      words=$(sed -n '/[^[:space:]]/{s/^[[:space:]]*//p;q;}' "$said" 2>/dev/null)
      echo "${words:-status $1}"
      ;;
  esac
}

# as_owner_of PATH COMMAND...: as its owner. Root of a node is nobody to a file server that squashes it.
as_owner_of() {
  owner=$(stat -L -c '%u %g' -- "$1") || return 1
  shift
  case $(id -u)/$owner in
    0/0\ *) "$@" ;;
    0/*) setpriv "--reuid=${owner% *}" "--regid=${owner#* }" --clear-groups "$@" ;;
    *) "$@" ;;
  esac
}

# replace FILE: standard input becomes its content. By rename, so that nobody reads half of it, unless it is itself a
# mount, as in containers; what it was labelled and owned it stays.
replace() {
  [ -e "$1" ] || : >"$1" || return 1
  { cp -a "$1" "$1.slurm-ec2" && cat >"$1.slurm-ec2"; } || { rm -f "$1.slurm-ec2"; return 1; }
  mv -f "$1.slurm-ec2" "$1" 2>/dev/null || { cat "$1.slurm-ec2" >"$1" && rm -f "$1.slurm-ec2"; }
}

# put_block FILE: standard input becomes what stands between our two marks; all other lines are the site's.
put_block() {
  block=$(cat)
  content=$(
    others "$1"
    [ -z "$block" ] || printf '# slurm-ec2 begin\n%s\n# slurm-ec2 end\n' "$block"
  )
  [ "$content" = "$(cat "$1" 2>/dev/null)" ] || printf '%s\n' "$content" | replace "$1"
}

# others FILE: its lines that are not ours.
others() { sed '/^# slurm-ec2 begin$/,/^# slurm-ec2 end$/d' "$1" 2>/dev/null; }

# ask METHOD PATH [HEADER]: prints the answer; 1: no such thing, 2: no usable answer in the time given.
ask() {
  try=0
  while :; do
    try=$((try + 1))
    body=$(curl --silent --show-error --noproxy '*' --connect-timeout 2 --max-time 5 --request "$1" \
      --header "${3:-Accept: */*}" --write-out '\n%{http_code}' "$imds/latest/$2" 2>/dev/null)
    case ${body##*"
"} in
      200)
        printf '%s\n' "${body%"
"*}"
        return 0
        ;;
      404) return 1 ;;
    esac
    [ "$try" -lt "$imds_tries" ] || return 2
    sleep 1
  done
}

# name_at HOSTLIST INDEX: the name at an index counted from 0. Does not ask Slurm, whose commands want a slurm.conf
# that a configless node does not have yet: one bracket a name is all that a launch writes.
name_at() {
  awk -v list="$1" -v index_wanted="$2" '
    function name(text) { if (count++ == index_wanted) { print text; found = 1; exit } }
    function expand(word,   open, close_, prefix, suffix, parts, n, i, ends, width, number) {
      open = index(word, "[")
      if (!open) { name(word); return }
      close_ = index(word, "]")
      prefix = substr(word, 1, open - 1)
      suffix = substr(word, close_ + 1)
      if (close_ < open || suffix ~ /[][]/) exit
      n = split(substr(word, open + 1, close_ - open - 1), parts, ",")
      for (i = 1; i <= n; i++) {
        if (parts[i] !~ /^[0-9]+(-[0-9]+)?$/) exit
        if (split(parts[i], ends, "-") == 1) ends[2] = ends[1]
        width = length(ends[1])
        for (number = ends[1] + 0; number <= ends[2] + 0; number++) name(prefix sprintf("%0" width "d", number) suffix)
      }
    }
    BEGIN {
      depth = 0
      word = ""
      for (at = 1; at <= length(list); at++) {
        letter = substr(list, at, 1)
        if (letter == "[") depth++
        if (letter == "]") depth--
        if (letter == "," && depth == 0) { expand(word); word = ""; continue }
        word = word letter
      }
      if (word != "") expand(word)
      exit
    }
    END { exit !found }
  ' </dev/null
}
