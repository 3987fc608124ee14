import { assertEquals, assertStringIncludes } from "@std/assert";
import { isNetworkFileSystem } from "../../../lib/base/network_file_system.ts";
import { statePlaceProblem } from "../../../lib/install/state_place.ts";

const PLACE = { stateDir: "/var/lib/slurm-ec2", cluster: "chip", fileSystem: "xfs", usedBy: undefined };

Deno.test("statePlaceProblem() finds nothing on a disk of this host that is free or the cluster's own", {
  permissions: "none",
}, () => {
  assertEquals(statePlaceProblem(PLACE), undefined);
  assertEquals(statePlaceProblem({ ...PLACE, usedBy: "chip", fileSystem: undefined }), undefined);
});

Deno.test("statePlaceProblem() refuses another cluster's directory, and a network file system", {
  permissions: "none",
}, () => {
  assertStringIncludes(
    statePlaceProblem({ ...PLACE, usedBy: "bio" })!,
    'belongs to cluster "bio": give "chip" a stateDir of its own',
  );
  assertStringIncludes(
    statePlaceProblem({ ...PLACE, fileSystem: "nfs4" })!,
    "/var/lib/slurm-ec2 is on nfs4: its locks",
  );
});

const TYPES: Readonly<Record<string, readonly string[]>> = {
  true: [
    "nfs",
    "nfs4",
    "lustre",
    "cifs",
    "smb2",
    "smb3",
    "gpfs",
    "ceph",
    "beegfs",
    "gfs2",
    "ocfs2",
    "afs",
    "9p",
    "v9fs",
    "glusterfs",
    "fuse",
    "fuse.sshfs",
    "fuse.glusterfs",
    "fuse.s3fs",
  ],
  false: [
    "xfs",
    "ext4",
    "ext2/ext3",
    "btrfs",
    "zfs",
    "tmpfs",
    "overlay",
    "overlayfs",
    "f2fs",
    "fuseblk",
    "fuse.fuse-overlayfs",
  ],
};

for (const [expected, types] of Object.entries(TYPES)) {
  Deno.test(`isNetworkFileSystem() is ${expected} of ${types.join(", ")}`, { permissions: "none" }, () => {
    for (const type of types) assertEquals(String(isNetworkFileSystem(type)), expected, type);
  });
}
