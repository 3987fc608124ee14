/** What slurmctld says of an empty state directory, of libraries that a test machine lacks, and of a busy one. */
const NOT_OURS = [
  /mpi\/pmix|PMIx|MPI: Cannot create context/,
  /Could not open (job|reservation|node|part|trigger|last)\w* ?state file|Could not open .*state file/,
  /NOTE: Trying backup/,
  /High latency for \d+ calls to gettimeofday/,
];

/** Lines of slurmctld's log that call something in its configuration an error or a warning. */
export function errorsIn(log: string): string[] {
  return log.split("\n").filter((line) =>
    /\b(error|fatal|warning)\b/i.test(line) && !NOT_OURS.some((pattern) => pattern.test(line))
  );
}
