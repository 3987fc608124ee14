#!/bin/sh
# Users, groups and limits as a directory on a shared file system has them. For boot to read; node.sh comes first.

: "${etc:?}"

# Numbers below are the system's; the last ones mean nobody. https://man7.org/linux/man-pages/man5/login.defs.5.html
first_id=1000
last_id=4294967293

# take_accounts DIR
take_accounts() {
  [ -d "$1" ] || fail "$1 is not a directory" "see that its file system is mounted, or fix SITE_DIR"
  # Groups first: a user's own is looked for there.
  for file in group passwd; do
    [ -e "$1/$file" ] || continue
    trusted "$1/$file"
    merge_accounts "$1/$file" "$etc/$file" | replace_accounts "$etc/$file" ||
      fail "cannot write $etc/$file" "see that the disk has room: df $etc"
  done
  take_limits "$1/limits.d"
}

# trusted PATH: everyone who can write it, or its directory, could become anyone.
trusted() {
  for one in "$1" "$(dirname "$1")"; do
    case $(stat -L -c '%u %a' -- "$one") in
      *[2367]? | *[2367]) fail "$one can be written by others than root" "chmod go-w $one" ;;
      '0 '*) ;;
      *) fail "$one is not root's" "chown root $one, and see that the file server's ids are this node's" ;;
    esac
  done
}

# merge_accounts FRAGMENT FILE: the file with the fragment's entries. One that is there under the same number becomes as
# the fragment has it, but never gets a password; another number or name is reported, and the node's own stays.
merge_accounts() {
  awk -F: -v OFS=: -v first="$first_id" -v last="$last_id" -v fragment="$1" '
    function report(what) { print "slurm-ec2: " fragment ": " what >"/dev/stderr" }
    BEGIN { passwd = fragment ~ /passwd$/ }
    FNR == NR { line[NR] = $0; name_at[$1] = NR; number[$1] = $3; if (!($3 in owner)) owner[$3] = $1; count = NR; next }
    /^[[:space:]]*(#|$)/ { next }
    /^[+-]/ { next }
    $1 !~ /^[A-Za-z_][A-Za-z0-9_.-]*\$?$/ || $3 !~ /^[0-9]+$/ || NF != (passwd ? 7 : 4) || (passwd && $4 !~ /^[0-9]+$/) {
      report("line " FNR " is not one of its kind: left out")
      next
    }
    # Part of every list that was copied from a whole machine.
    $3 + 0 < first && ($1 in number) && number[$1] == $3 { next }
    $3 + 0 < first || $3 + 0 > last || (passwd && $4 + 0 == 0) { report($1 ":" $3 " has a number of the system: left out"); next }
    ($1 in number) && number[$1] != $3 { report($1 " is " number[$1] " on this node, not " $3 ": left out"); next }
    ($3 in owner) && owner[$3] != $1 { report($3 " is " owner[$3] " on this node, not " $1 ": left out"); next }
    {
      $2 = "*"
      if (!($1 in name_at)) { name_at[$1] = ++count; number[$1] = $3; owner[$3] = $1 }
      line[name_at[$1]] = $0
    }
    END { for (i = 1; i <= count; i++) print line[i] }
  ' "$2" "$1"
}

# replace_accounts FILE: nothing is written where nothing changes.
replace_accounts() {
  content=$(cat)
  [ -n "$content" ] || return 1
  [ "$content" = "$(cat "$1")" ] || printf '%s\n' "$content" | replace "$1"
}

# take_limits DIR: those of pam_limits, under names that say whose they are.
take_limits() {
  to=$etc/security/limits.d
  rm -f "$to"/slurm-ec2-*.conf
  [ -d "$1" ] || return 0
  for file in "$1"/*.conf; do
    [ -e "$file" ] || continue
    trusted "$file"
    { mkdir -p "$to" && cp -- "$file" "$to/slurm-ec2-${file##*/}"; } ||
      fail "cannot copy $file to $to" "see that the disk has room: df $to"
  done
}
