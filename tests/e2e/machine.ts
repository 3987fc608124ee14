import { INSIDE } from "./room.ts";
import type { Rig, RigPlace } from "./rig.ts";

/** Where the nodes of a test mount what the file servers of {@link MOUNT_NFS4} export. */
export const shareOf = ({ dir }: RigPlace, name: string): string => `${dir}/mnt/${name}`;

/** Where a file server keeps what it exports. */
export const exportOf = ({ dir }: RigPlace, name: string): string => `${dir}/export/${name}`;

/**
 * mount(8) calls this for NFS. `nas1` lets everybody in, `tools1` lets nobody write; who is node c4 gets in
 * nowhere, and who is c5 gets no answer.
 */
const MOUNT_NFS4 = `#!/bin/sh
source=$1 dir=$2 options=,$4,
case $(hostname) in
  c4) echo "mount.nfs4: access denied by server while mounting $source" >&2; exit 32 ;;
  c5) trap '' TERM; sleep 300; exit 32 ;;
esac
case $source,$options in
  tools1:*,ro,*) ;;
  tools1:*) echo "mount.nfs4: Read-only file system while mounting $source" >&2; exit 32 ;;
esac
mount --bind "$EXPORTS\${source#*:}" "$dir" || exit 32
case $options in *,ro,*) mount -o remount,bind,ro "$dir" ;; esac
`;

/**
 * The boot of an instance that is a machine of its own as far as namespaces go: host name, processes, mounts, /run, /etc.
 * What it writes to /etc is still there when it is started again, as on a root volume; all else is gone.
 */
export function machineScript(place: RigPlace): string {
  const { dir } = place;
  return `#!/bin/sh
export EXPORTS=${dir}/export MACHINE=${dir}/machines/$INSTANCE_ID
# In a folder the root is not a mount; the room keeps its mounts to itself already.
exec unshare --mount --uts --pid --fork --kill-child --mount-proc --propagation unchanged -- ${dir}/machine
`;
}

function bootMachine({ dir }: RigPlace): string {
  return `#!/bin/sh
set -e
unset SLURM_CONF
if ! [ -e "$MACHINE/etc" ]; then
  mkdir -p "$MACHINE"
  cp -a /etc "$MACHINE/etc.new"
  rm -rf "$MACHINE/etc.new/munge/munge.key"
  : >"$MACHINE/etc.new/resolv.conf"
  mkdir -p "$MACHINE/etc.new/ssh"
  echo "ssh-ed25519 AAAA$(echo "$INSTANCE_ID" | tr -d -) root@image" >"$MACHINE/etc.new/ssh/ssh_host_ed25519_key.pub"
  mv "$MACHINE/etc.new" "$MACHINE/etc"
fi
mount --bind "$MACHINE/etc" /etc
for fresh in /run /var/lib/munge /var/log/munge ${dir}/munge; do mount -t tmpfs tmpfs "$fresh"; done
# Slurm looks for munge where the rig has its own.
ln -s /run/munge/munge.socket.2 ${dir}/munge/sock
mount -t overlay overlay -o lowerdir=${dir}/helpers:/usr/sbin /usr/sbin
AWS_ENDPOINT_URL_SSM=$(sed -n 's/.*ssm: "\\([^"]*\\)".*/\\1/p' ${dir}/site/etc/slurm-ec2.yaml)
export AWS_ENDPOINT_URL_SSM
export SLURM_EC2_MOUNT_WAIT=5 SLURM_EC2_MOUNT_LIMIT=5 SLURM_EC2_DNS_WAIT=1
# As its unit does.
while :; do
  ${INSIDE.checkout}/deploy/node/boot || touch "$MACHINE/failed"
  sleep 1
done
`;
}

/** Puts in place what instances boot from, and what file servers export: Slurm's configuration, its key, the site. */
export async function prepareMachines(rig: Rig): Promise<void> {
  await Deno.writeTextFile(`${rig.dir}/hosts`, "127.0.0.1 localhost rig\n10.255.0.1 nas1 tools1\n");
  const write = async (path: string, text: string, mode = 0o644) => {
    await Deno.mkdir(path.replace(/\/[^/]*$/, ""), { recursive: true });
    await Deno.writeTextFile(path, text, { mode });
    await Deno.chmod(path, mode);
  };
  await write(`${rig.dir}/machine`, bootMachine(rig), 0o755);
  await write(`${rig.dir}/helpers/mount.nfs4`, MOUNT_NFS4, 0o755);
  const slurm = exportOf(rig, "slurm");
  await write(`${exportOf(rig, "home")}/ann/hello`, "from home\n");
  await write(`${exportOf(rig, "tools")}/version`, "7\n");
  await write(`${slurm}/site/passwd`, `ann:x:20001:20001:Ann:${shareOf(rig, "home")}/ann:/bin/sh\n`);
  await write(`${slurm}/site/group`, "ann:x:20001:\n");
  await write(
    `${slurm}/bin/health`,
    `#!/bin/sh\n[ "$1" != c6 ] || { echo "GPU 0 of $1 has fallen off the bus"; exit 1; }\n`,
    0o755,
  );
  for (const name of ["hosts.d", "tools"]) await Deno.mkdir(`${slurm}/${name}`);
  await write(`${slurm}/hosts.d/of-somebody`, "\x00\xffthis is not a host; $(reboot)\n");
  for (const name of Deno.readDirSync(`${rig.dir}/etc`)) {
    await write(`${slurm}/etc/${name.name}`, await Deno.readTextFile(`${rig.dir}/etc/${name.name}`));
  }
  await Deno.copyFile(`${rig.dir}/munge/munge.key`, `${slurm}/munge.key`);
  await Deno.chmod(`${slurm}/munge.key`, 0o400);
  await write(`${slurm}/other.key`, "of another cluster".repeat(10), 0o400);
  await write(`${slurm}/known.key`, "known to everybody".repeat(10), 0o444);
}
