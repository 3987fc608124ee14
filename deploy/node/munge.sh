#!/bin/sh
# The munge key, from where the launch says it is, and munged. The key itself is never in user data, on a command line, or
# in a log. For boot to read; node.sh comes first.

: "${etc:?}" "${imds:?}"

# munged refuses smaller ones, and nobody makes keys of more than 1024: what is far larger is another file.
# https://github.com/dun/munge/blob/munge-0.5.16/src/libcommon/munge_defs.h (MUNGE_KEY_LEN_MIN_BYTES)
key_bytes_min=32
key_bytes_max=65536

# bar_metadata: from here on only root asks the metadata service, whose role credentials read the key (MUNGE_KEY=ssm:…).
# A job's processes are never root's: slurmd runs them as their user. What a container's own network forwards is barred,
# too. One transaction, so that it can be said again.
bar_metadata() {
  [ "$(setting METADATA root)" != all ] || return 0
  # Any other address is a test's.
  case $imds in http://169.254.169.254 | 'http://[fd00:ec2::254]') ;; *) return 0 ;; esac
  [ "$(id -u)" = 0 ] || return 0
  # shellcheck disable=SC2016 # the inner shell expands it
  within 20 sh -c 'printf "%s" "$1" | nft -f -' - 'table inet slurm_ec2
delete table inet slurm_ec2
table inet slurm_ec2 {
  chain output {
    type filter hook output priority 0; policy accept;
    ip daddr 169.254.169.254 meta skuid != 0 reject
    ip6 daddr fd00:ec2::254 meta skuid != 0 reject
  }
  chain forward {
    type filter hook forward priority 0; policy accept;
    ip daddr 169.254.169.254 reject
    ip6 daddr fd00:ec2::254 reject
  }
}
'
  status=$?
  [ $status != 0 ] || return 0
  barred="cannot bar users from the metadata service: $(first_words $status 20)"
  case $(setting MUNGE_KEY) in
    ssm:*) fail "$barred; they could read the munge key by it" "install nftables in the image, or give MUNGE_KEY as a file" ;;
  esac
  say "$barred (install nftables in the image, or say METADATA: all)"
}

# ready_munge: a key in place that only munge can read, and a munged that has it.
ready_munge() {
  key=$etc/munge/munge.key
  from=$(setting MUNGE_KEY)
  fresh=
  case $from in
    '') ;;
    ssm:/*) take_key "$from" key_of_ssm ;;
    /*) take_key "$from" key_of_file ;;
    *) fail "MUNGE_KEY is not where the key is" "give the absolute path of a file or ssm:/NAME, and never the key itself" ;;
  esac
  [ -e "$key" ] || [ -n "$(munge_works)" ] ||
    fail "there is no munge key in $etc/munge" "set MUNGE_KEY in userData, or bake the key into the image (provision --munge-key)"
  [ ! -e "$key" ] || protect_key
  if [ -n "$fresh" ] || [ -z "$(munge_works)" ]; then start_munge; fi
}

munge_works() { timeout -k 1 5 munge -n </dev/null >/dev/null 2>&1 && echo yes; }

# take_key FROM FUNCTION: what the function writes, in its place at once or not at all.
take_key() {
  { mkdir -p "$etc/munge" && chmod 700 "$etc/munge"; } || fail "cannot make $etc/munge" "see that the disk has room: df $etc"
  new=$etc/munge/.munge.key.new
  rm -f "$new"
  (umask 077 && : >"$new") || fail "cannot write $new" "see that the disk has room: df $etc"
  "$2" "$1" "$new"
  size=$(wc -c <"$new")
  if [ "$size" -lt $key_bytes_min ] || [ "$size" -gt $key_bytes_max ]; then
    rm -f "$new"
    fail "$1 holds $size bytes, which is not a munge key" "write the controller's /etc/munge/munge.key there again"
  fi
  if cmp -s "$new" "$key"; then rm -f "$new" && return; fi
  { chown "$(munge_owner)" "$new" && chmod 400 "$new" && mv -f "$new" "$key"; } ||
    fail "cannot write $key" "see that there is a user munge, and room on the disk: df $etc"
  fresh=yes
  say "took the munge key from $1"
}

# munged reads its key as the user that it runs as.
munge_owner() { if [ "$(id -u)" != 0 ]; then id -u; elif id munge >/dev/null 2>&1; then echo munge:munge; else echo root:root; fi; }

# A key that others read, or that munged can't, is as good as none.
protect_key() {
  mode=$(stat -L -c %a "$key")
  [ "$mode" = 400 ] || say "$key had mode $mode: it is 400 now"
  { chown "$(munge_owner)" "$etc/munge" "$key" && chmod 400 "$key" && chmod 700 "$etc/munge"; } ||
    fail "cannot make $key munge's alone" "see that there is a user munge"
}

# key_of_file PATH NEW
key_of_file() {
  within 10 stat -L -- "$1"
  status=$?
  [ $status = 0 ] || fail "no munge key at $1: $(first_words $status 10)" "see MUNGE_KEY in userData and the mount that the file lies on"
  case $(stat -L -c %a -- "$1") in
    *[4567]) fail "the munge key $1 can be read by everyone" "chmod 400 $1, and make a new key: this one is known" ;;
  esac
  # A key of its owner alone is out of reach for a root that the file server squashes.
  as_owner_of "$1" cat -- "$1" >"$2" 2>/dev/null || cat -- "$1" >"$2" 2>/dev/null ||
    fail "cannot read the munge key $1" "see its mode, owner and whether the file server squashes root"
}

# key_of_ssm ssm:/NAME NEW: a SecureString that holds the key file in base64.
key_of_ssm() {
  parameter=${1#ssm:}
  region=${REGION:-$(ask GET meta-data/placement/region "${session:-}")}
  if timeout -k 2 30 aws --version >/dev/null 2>&1; then found=$(by_aws_cli); else found=$(by_curl); fi
  case $found in
    SecureString?*) ;;
    String*) fail "$1 is not a SecureString" "write it again with --type SecureString, and make a new key" ;;
    *) fail "cannot read $1: ${found:-no answer}" "see that the node's role has 'slurm-ec2 iam policy --for node', and that SSM can be reached" ;;
  esac
  printf '%s' "${found#SecureString?}" | base64 -d >"$2" 2>/dev/null ||
    fail "$1 does not hold base64" "write it with: base64 -w0 /etc/munge/munge.key"
}

# Both print "TYPE VALUE", or what went wrong. The value goes through pipes only.
by_aws_cli() {
  {
    timeout -k 2 60 aws ssm get-parameter --region "$region" --name "$parameter" --with-decryption \
      --query 'Parameter.[Type,Value]' --output text 2>&1 || echo "aws: status $?"
  } | sed -n '/[^[:space:]]/{p;q;}' | cut -c 1-4096
}

# https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-metadata-security-credentials.html
by_curl() {
  curl --help all 2>/dev/null | grep -q -e --aws-sigv4 ||
    { echo "this needs the AWS CLI, or curl 7.75 or later" && return; }
  role=$(ask GET meta-data/iam/security-credentials/ "$session") || { echo "the instance has no role" && return; }
  credentials=$(ask GET "meta-data/iam/security-credentials/$role" "$session") || { echo "the role has no credentials" && return; }
  domain=$(ask GET meta-data/services/domain "$session") ||
    { echo "the metadata service does not say services/domain, the partition's domain" && return; }
  answer=$(
    {
      printf 'user = "%s:%s"\n' "$(json_text AccessKeyId "$credentials")" "$(json_text SecretAccessKey "$credentials")"
      printf 'header = "X-Amz-Security-Token: %s"\n' "$(json_text Token "$credentials")"
    } | timeout -k 2 60 curl --silent --show-error --config - --max-time 20 --retry 3 \
      --aws-sigv4 "aws:amz:$region:ssm" --header 'Content-Type: application/x-amz-json-1.1' \
      --header 'X-Amz-Target: AmazonSSM.GetParameter' --data "{\"Name\":\"$parameter\",\"WithDecryption\":true}" \
      "${AWS_ENDPOINT_URL_SSM:-https://ssm.$region.$domain}/" 2>&1
  )
  case $answer in
    *'"__type"'*) json_text __type "$answer" | sed 's/.*#//' ;;
    *'"Value"'*) echo "$(json_text Type "$answer") $(json_text Value "$answer")" ;;
    *) printf '%s\n' "$answer" | head -n 1 ;;
  esac
}

# json_text NAME TEXT: of an object without nested quotes, as these answers are.
json_text() {
  printf '%s' "$2" | tr -d '\n' | sed -n "s/.*\"$1\"[[:space:]]*:[[:space:]]*\"\([^\"]*\)\".*/\1/p" | sed 's/\\//g'
}

start_munge() {
  if timeout -k 2 60 systemctl restart munge.service 2>/dev/null; then return; fi
  [ "$(id -u)" = 0 ] || { munged || say "could not start munge"; return; }
  # Without systemd: as its own unit does it.
  owner=$(munge_owner)
  for made in /run/munge /var/lib/munge /var/log/munge; do mkdir -p "$made" && chown "$owner" "$made"; done
  chmod 755 /run/munge
  setpriv "--reuid=${owner%:*}" "--regid=${owner#*:}" --clear-groups munged ||
    fail "munge does not start" "see journalctl -u munge and /var/log/munge/munged.log"
}
