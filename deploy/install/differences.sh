# shellcheck shell=sh disable=SC2034,SC2154
# Where a person's command sees something else than the hooks do. Goes, with the hooks' own lines that find a site's
# settings and places, into the scripts that people start (lib/install/places_part.ts).

# Sets "own" to the names of this environment that decide how AWS is reached: to be asked before settings are read.
find_own() {
  own=$(awk 'BEGIN {
    for (name in ENVIRON) {
      if (name ~ /^(AWS_.*|DENO_TLS_CA_STORE|NODE_EXTRA_CA_CERTS)$/ || toupper(name) ~ /^(HTTPS?|NO)_PROXY$/) print name
    }
  }' </dev/null)
}

# For a person's command about what hooks do, once settings are read: says on standard error where it doesn't see what
# they see, so that nobody trusts a check that was made in other surroundings.
say_differences() { # PREFIX STATE
  differs=
  if [ -e "$1/etc/hooks.env" ] && ! [ -r "$1/etc/hooks.env" ]; then
    differs="; this user can't read their settings, $1/etc/hooks.env"
  fi
  for name in $own; do
    case " $known " in *" $name "*) ;; *) overruled="$overruled $name" ;; esac
  done
  [ -z "$overruled" ] || differs="$differs; they don't have this environment's$overruled"
  user=slurm
  if [ -d "$2" ]; then
    user=$(stat -c %U -- "$2")
    is_own "$2" || differs="$differs; they run as $user, whose files this user may not see"
  fi
  [ -z "$differs" ] || printf '%s\n' "slurm-ec2: hooks see something else than this command${differs}" \
    "  to see what they see: sudo -u $user env -i $1/bin/slurm-ec2 …" >&2
}
