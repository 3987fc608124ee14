#!/bin/sh
# Mounts what the launch names, at the same paths as on the site's own nodes. For boot to read; node.sh comes first.

: "${run_dir:?}" "${proc:?}"

# mount_all LINES: as in fstab, whatever their order; those that lie in others come after them. Fails for good when one
# that is not "nofail" can't be had within MOUNT_WAIT seconds.
mount_all() {
  mount_until=$(($(now) + $(setting MOUNT_WAIT 120)))
  while read -r source dir type options; do
    [ -z "$source" ] || mount_one "$source" "$dir" "$type" "$options"
  done <<END
$(outer_first "$1")
END
}

# healthy_mounts LINES: each that must be there is, and answers.
healthy_mounts() {
  while read -r source dir type options; do
    if [ -z "$source" ] || has_option nofail; then continue; fi
    mounted_at "$dir" >/dev/null || fail "$dir is not mounted any more" "see what unmounted $source"
    why=$(answers "$dir") || fail "$dir does not answer: $why" "see that $(server_of "$source") is up"
  done <<END
$1
END
}

outer_first() {
  printf '%s' "$1" | awk '{ dir = $2; print gsub("/", "", dir), $0 }' | sort -s -n -k 1,1 | cut -d ' ' -f 2-
}

mount_one() {
  source=$1 dir=$2 type=$3 options=$4
  path=$(unescaped "$dir")
  if found=$(mounted_at "$dir"); then
    # An automounter mounts when somebody looks.
    case $found in autofs\ *) answers "$dir" >/dev/null && found=$(mounted_at "$dir") ;; esac
    if same_source "$found" && answering; then
      tell_read_only "$path is"
      return
    fi
  fi
  mkdir -p -- "$path" 2>/dev/null || [ -d "$path" ] || give_up "cannot make $path" "see what is there instead" || return
  pause=1
  until try_mount "$options"; do
    why=$(first_words "$status" "$limit")
    if refused "$why" && ! has_option rw && try_mount "${options:+$options,}ro"; then break; fi
    left=$((mount_until - $(now)))
    if [ "$left" -lt "$pause" ]; then
      give_up "cannot mount $source at $path: $why" "$(advice "$why")" || return
    fi
    sleep "$pause"
    [ "$pause" -ge 8 ] || pause=$((pause * 2))
  done
  { echo "$dir" >>"$run_dir/mounted"; } 2>/dev/null
  tell_read_only "mounted $source at $path" || say "mounted $source at $path"
}

# tell_read_only WHAT: where nobody asked for that; 1: it is as it was asked for.
tell_read_only() {
  has_option ro || ! is_read_only "$dir" && return 1
  ! has_option rw || fail "$path is read-only" "see that $(server_of "$source") lets this node write ${source#*:}"
  say "$1 read-only: $(server_of "$source") does not let this node write"
  note READ_ONLY "$path"
}

has_option() { case ,$options, in *,"$1",*) ;; *) return 1 ;; esac }

# An optional one is left out.
give_up() {
  has_option nofail || fail "$1" "$2"
  say "$1; going on without it (nofail)"
  return 1
}

# try_mount OPTIONS: within what is left of the time, and of one attempt's.
try_mount() {
  limit=$((mount_until - $(now)))
  [ "$limit" -le "${SLURM_EC2_MOUNT_LIMIT:-30}" ] || limit=${SLURM_EC2_MOUNT_LIMIT:-30}
  [ "$limit" -ge 1 ] || limit=1
  words=$(own_options "$1")
  within "$limit" mount -t "$type" ${words:+-o "$words"} -- "$(unescaped "$source")" "$path"
  status=$?
  return $status
}

# own_options OPTIONS: without those that are fstab's and not the file system's.
own_options() {
  printf '%s\n' "$1" | tr ',' '\n' | grep -v -e '^nofail$' -e '^_netdev$' -e '^\(no\)\{0,1\}auto$' -e '^x-' | paste -s -d , -
}

# Whether this may be because we wanted to write.
refused() {
  case $1 in *[Rr]ead-only* | *write-protected* | *'access denied'* | *[Pp]ermission\ denied*) ;; *) return 1 ;; esac
}

advice() {
  server=$(server_of "$source")
  case $1 in
    *'unknown filesystem type'* | *'helper program'*) echo "install the $type client in the image (NFS: nfs-utils)" ;;
    *'access denied'* | *'ermission denied'*) echo "see that $server exports ${source#*:} to this node's address" ;;
    *'resolve'* | *'not known'*) echo "see that this node's resolver knows $server" ;;
    *) echo "see that $server is up, exports ${source#*:}, and that its security group lets nodes in (NFS: port 2049)" ;;
  esac
}

# mounted_at DIR: the type and the source of what lies on top there; 1: nothing. Blanks in names are as fstab has them.
# https://docs.kernel.org/filesystems/proc.html#proc-pid-mountinfo-information-about-mounts
mounted_at() {
  dir_wanted=$1 awk '
    $5 == ENVIRON["dir_wanted"] { for (i = 6; i < NF; i++) if ($i == "-") found = $(i + 1) " " $(i + 2) }
    END { if (found == "") exit 1; print found }
  ' "$proc/self/mountinfo"
}

is_read_only() {
  dir_wanted=$1 awk '
    $5 == ENVIRON["dir_wanted"] {
      read_only = ("," $6 ",") ~ /,ro,/
      for (i = 6; i < NF; i++) if ($i == "-" && ("," $(i + 3) ",") ~ /,ro,/) read_only = 1
    }
    END { exit !read_only }
  ' "$proc/self/mountinfo"
}

# same_source "TYPE SOURCE": whether what the image mounted is what was asked for. A server may go by several names; other
# types than NFS show there what their helpers made of it.
same_source() {
  case $1 in
    autofs\ *) return 1 ;;
    nfs\ * | nfs4\ *) ;;
    *) return 0 ;;
  esac
  found=${1#* }
  [ "${found%/}" != "${source%/}" ] || return 0
  ! grep -qxF -- "$dir" "$run_dir/mounted" 2>/dev/null || return 0
  [ "${found##*:}" = "${source##*:}" ] ||
    fail "$path is $found, not $source" "fix /etc/fstab of the image, or fileSystems of slurm-ec2.yaml"
  say "$path is mounted from $found, which is taken for $source"
}

# Whether what is mounted can be used; before anything runs here, it is mounted again.
answering() {
  why=$(answers "$dir") && return
  ! [ -e "$run_dir/started" ] || fail "$path does not answer: $why" "see that $(server_of "$source") is up"
  say "$path does not answer ($why): mounting it again"
  within 10 umount -l -- "$path"
  return 1
}

# answers DIR, or prints why not.
answers() {
  within "${SLURM_EC2_ANSWER_LIMIT:-10}" stat -- "$(unescaped "$1")/."
  status=$?
  [ $status = 0 ] || { first_words $status "${SLURM_EC2_ANSWER_LIMIT:-10}"; return 1; }
}

# server_of SOURCE: host name or address, of NFS, Lustre and SMB.
server_of() {
  case $1 in
    //*) server=${1#//} && echo "${server%%/*}" ;;
    \[*\]:*) server=${1#?} && echo "${server%%]*}" ;;
    *:*) server=${1%%:*} && echo "${server%%@*}" ;;
    *) echo "$1" ;;
  esac
}

unescaped() { printf '%s\n' "$1" | sed 's/\\040/ /g; s/\\134/\\/g'; }
