/** Clock ticks a second in /proc: 100 on every Linux that Deno runs on (getconf CLK_TCK). */
const TICKS = 100;

/** Begins to watch; the answer says how many processors anything but this process and its children has kept busy since. */
export function watchOthers(): () => number {
  const before = { at: performance.now(), busy: busySeconds(), own: ownSeconds() };
  return () => {
    const seconds = (performance.now() - before.at) / 1_000;
    const others = busySeconds() - before.busy - (ownSeconds() - before.own);
    return Math.max(0, others / seconds);
  };
}

/** Seconds that all processors were busy: user, nice, system, interrupts, and what the host took (proc(5)). */
function busySeconds(): number {
  const [, user, nice, system, , , irq, softirq, steal] = Deno.readTextFileSync("/proc/stat").split(
    "\n",
    1,
  )[0]!
    .split(/\s+/).map(Number);
  return (user! + nice! + system! + irq! + softirq! + steal!) / TICKS;
}

/** User and system time of this process and of its children that have ended. */
function ownSeconds(): number {
  const stat = Deno.readTextFileSync("/proc/self/stat");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ").slice(11, 15).map(Number);
  return fields.reduce((sum, ticks) => sum + ticks, 0) / TICKS;
}
