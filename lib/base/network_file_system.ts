/**
 * File systems of several machines, by the names of stat(1) and of findmnt(8): a lock of one machine may not count on
 * another, and SQLite's write-ahead log needs memory that all its users share (https://www.sqlite.org/wal.html).
 * fuse-overlayfs is what containers without root are on: a local disk.
 */
const NETWORK = new RegExp(
  "^(?:nfs|lustre|cifs|smb|gpfs|ceph|beegfs|gfs|ocfs|afs|acfs|pvfs|panfs|v?9p|v9fs|glusterfs|" +
    "fuse$|fuse[.](?!fuse-overlayfs))",
);

/** Whether a type of file system is one that several machines share. */
export function isNetworkFileSystem(type: string): boolean {
  return NETWORK.test(type);
}
