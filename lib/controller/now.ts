/**
 * Two clocks. Waits and orders go by `clock`, which never goes back and does not jump with the wall clock: uptime,
 * carried on over a restart of the machine. `wall` is for what others say in wall-clock time: `until=` in a reason,
 * and when EC2 launched an instance.
 */
export interface Now {
  /** Milliseconds, monotonic over restarts of the worker and of the machine. */
  readonly clock: number;
  /** Milliseconds since 1970 UTC. */
  readonly wall: number;
}
