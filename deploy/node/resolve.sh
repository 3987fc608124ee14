#!/bin/sh
# Waits until the names that a node needs can be resolved. For boot to read; node.sh and mounts.sh come first.

: "${etc:?}"

# wait_for_names NAME...: DNS_WAIT seconds for all of them together; of "a|b" one is enough.
wait_for_names() {
  names_until=$(($(now) + $(setting DNS_WAIT 60)))
  pause=1
  while :; do
    missing=
    for wanted in "$@"; do
      one_resolves "$wanted" || missing="$missing${missing:+, }$wanted"
    done
    [ -n "$missing" ] || return 0
    [ "$(($(now) + pause))" -le "$names_until" ] ||
      fail "cannot resolve $missing by $(resolvers)" \
        "see that the VPC forwards their domain to the site's DNS (Route 53 Resolver)"
    sleep "$pause"
    pause=2
  done
}

one_resolves() {
  rest=$1\|
  while [ -n "$rest" ]; do
    one=${rest%%|*} rest=${rest#*|}
    is_address "$one" || timeout -k 1 5 getent ahosts "$one" >/dev/null 2>&1 || continue
    return 0
  done
  return 1
}

is_address() { case $1 in '' | *:*) ;; *[!0-9.]*) return 1 ;; esac }

resolvers() {
  servers=$(sed -n 's/^nameserver[[:space:]]*//p' "$etc/resolv.conf" 2>/dev/null | xargs)
  echo "${servers:-no nameserver} ($etc/resolv.conf)"
}

# file_servers LINES: of those types whose source is a host's name.
file_servers() {
  printf '%s' "$1" | while read -r source _ type _; do
    case $type in nfs | nfs4 | lustre | cifs) server_of "$source" ;; esac
  done | sort -u
}

# controllers CONF_SERVER SLURM_CONF: one word; any of them will do. An address in slurm.conf makes its name needless.
# https://slurm.schedmd.com/slurm.conf.html#OPT_SlurmctldHost
controllers() {
  {
    for server in $(printf '%s' "$1" | tr ',' ' '); do echo "${server%:*}"; done
    sed -n 's/^[[:space:]]*[Ss][Ll][Uu][Rr][Mm][Cc][Tt][Ll][Dd][Hh][Oo][Ss][Tt][[:space:]]*=[[:space:]]*//p' "$2" 2>/dev/null |
      sed 's/[[:space:]#].*//; s/.*(\(.*\))/\1/'
  } | paste -s -d '|' -
}
