/** Clock ticks a second in /proc/PID/stat: 100 on every Linux that Deno runs on (getconf CLK_TCK). */
const TICKS = 100;

/** Processes whose command line passes; those of other namespaces, too. */
export function processesWhere(fits: (argv: readonly string[]) => boolean): number[] {
  return [...Deno.readDirSync("/proc")].flatMap(({ name }) => {
    if (!/^\d+$/.test(name)) return [];
    const line = read(`/proc/${name}/cmdline`);
    return line !== undefined && fits(line.split("\0").slice(0, -1)) ? [Number(name)] : [];
  });
}

/** Seconds that a process has computed; with the children that it has waited for, if asked for. */
export function cpuSeconds(pid: number, withChildren = false): number {
  const stat = read(`/proc/${pid}/stat`);
  if (stat === undefined) return 0;
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ").map(Number);
  const [user, system, childrensUser, childrensSystem] = fields.slice(11, 15) as [
    number,
    number,
    number,
    number,
  ];
  return (user + system + (withChildren ? childrensUser + childrensSystem : 0)) / TICKS;
}

/** kB of memory that only this process has. */
export function privateKilobytes(pid: number): number {
  const rollup = read(`/proc/${pid}/smaps_rollup`) ?? "";
  return [...rollup.matchAll(/^Private_(?:Clean|Dirty): +(\d+) kB$/gm)]
    .reduce((sum, [, size]) => sum + Number(size), 0);
}

function read(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return undefined; // it has just ended
  }
}
