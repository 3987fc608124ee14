/**
 * Orders node names as slurmctld sorts them, numbers by value: n2 before n10. For Array.prototype.sort.
 * slurmctld 22.05.0 to 22.05.7 pairs names and addresses wrongly unless the names come sorted
 * (https://github.com/SchedMD/slurm/blob/master/CHANGELOG/slurm-22.05.md, changes in 22.05.8).
 */
export function compareNodeNames(a: string, b: string): number {
  const [left, right] = [a.match(RUNS) ?? [], b.match(RUNS) ?? []];
  for (const [i, part] of left.entries()) {
    const other = right[i];
    if (other === undefined) return 1;
    const byNumber = Number(part) - Number(other);
    if (byNumber !== 0 && !Number.isNaN(byNumber)) return byNumber;
    if (Number.isNaN(byNumber) && part !== other) return compareText(part, other);
  }
  return left.length - right.length || compareText(a, b);
}

const RUNS = /[0-9]+|[^0-9]+/g;

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
