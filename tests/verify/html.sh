#!/bin/sh
# A page in a headless Chromium from Debian's packages, in an overlay over this machine: nothing of it is left afterwards.
# tests/verify/html.ts runs it in namespaces of its own, without a network once the packages are there.
# html.sh DIR OUT: DIR is empty, OUT has page.html and wrong.html, which a browser complains of. Writes light.png, dark.png
# and print.pdf to OUT, and for each and for the wrong page what the browser logged; prints the browser's version.
set -eu
dir=$1 out=$2
quiet() { "$@" >>"$dir/log" 2>&1 || { tail -n 20 "$dir/log" >&2; echo "failed: $*" >&2; exit 1; }; }

mount -t tmpfs -o size=2500m tmpfs "$dir"
mkdir "$dir/upper" "$dir/work" "$dir/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$dir/upper,workdir=$dir/work" "$dir/root"
mount -t proc proc "$dir/root/proc"
mount --rbind /dev "$dir/root/dev"
mount --rbind /sys "$dir/root/sys"
mount -t tmpfs tmpfs "$dir/root/tmp"
quiet env DEBIAN_FRONTEND=noninteractive chroot "$dir/root" apt-get update
quiet env DEBIAN_FRONTEND=noninteractive chroot "$dir/root" apt-get install -y --no-install-recommends \
  chromium-headless-shell fonts-dejavu-core
cp "$out/page.html" "$out/wrong.html" "$dir/root/tmp"

shoot() { # NAME PAGE SCHEME ARGUMENTS...: SCHEME is 1 for light, 0 for dark
  name=$1 page=$2 scheme=$3
  shift 3
  unshare --net timeout 120 chroot "$dir/root" chromium-headless-shell --no-sandbox --disable-gpu --hide-scrollbars \
    --user-data-dir="/tmp/$name" --blink-settings="preferredColorScheme=$scheme" --enable-logging=stderr \
    --virtual-time-budget=10000 --window-size=1200,3200 "$@" "file:///tmp/$page.html" >"$out/$name.log" 2>&1
}
shoot light page 1 --screenshot=/tmp/light.png
shoot dark page 0 --screenshot=/tmp/dark.png
shoot wrong wrong 1 --screenshot=/tmp/wrong.png
shoot print page 1 --print-to-pdf=/tmp/print.pdf
cp "$dir/root/tmp/light.png" "$dir/root/tmp/dark.png" "$dir/root/tmp/print.pdf" "$out"
chroot "$dir/root" chromium-headless-shell --version 2>/dev/null
