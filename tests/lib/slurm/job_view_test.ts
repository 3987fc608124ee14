import { assertEquals } from "@std/assert";
import { parseJobs } from "../../../lib/slurm/job_view.ts";
import { jobsOf, SLURM_VERSIONS } from "./jobs_output.ts";

for (const version of SLURM_VERSIONS) {
  const jobs = jobsOf(version);
  const of = (what: string) => parseJobs(jobs.get(what)!)[0]!;

  Deno.test(`parseJobs() reads why jobs wait on Slurm ${version}`, { permissions: "none" }, () => {
    const seen = [...jobs].filter(([what]) => what !== "toomany").map(([what, text]) => {
      const [job] = parseJobs(text);
      return [what, `${job?.state} ${job?.reason}`];
    });
    assertEquals(Object.fromEntries(seen), {
      configuring: "CONFIGURING None",
      held: "PENDING JobHeldUser",
      dependency: "PENDING Dependency",
      begin: "PENDING BeginTime",
      capacity: "PENDING ReqNodeNotAvail, UnavailableNodes:c1",
      nodelimit: "PENDING PartitionNodeLimit",
      timelimit: "PENDING PartitionTimeLimit",
      closed: "PENDING PartitionDown",
      license1: "CONFIGURING None",
      license2: "PENDING Licenses",
      backfill: "PENDING Resources",
      array: "PENDING JobHeldUser",
      name: "PENDING JobHeldUser",
      newline: "PENDING JobHeldUser",
      cancelled: "CANCELLED JobHeldUser",
    });
  });

  Deno.test(
    `parseJobs() reads places, times and comments of Slurm ${version}`,
    { permissions: "none" },
    () => {
      assertEquals([of("configuring").nodeList, of("configuring").requestedNodes], ["c0", "c0"]);
      assertEquals(of("dependency").dependency, "afterok:2(unfulfilled)");
      assertEquals([of("backfill").plannedNodes, of("backfill").nodeList], ["c0", ""]);
      assertEquals(of("license2").licenses, "matlab:1");
      assertEquals(of("array").arrayId, "12");
      assertEquals(of("begin").eligibleTime! - of("begin").submitTime!, 3_600_000);
      assertEquals([of("held").eligibleTime, of("held").startTime], [undefined, undefined]);
      assertEquals(
        of("capacity").adminComment,
        "node c1: InsufficientInstanceCapacity: We currently do not have sufficient c7i.large capacity in us-east-1a " +
          "[slurm-ec2 until=2099-01-01T00:00:00Z]",
      );
      assertEquals([of("nodelimit").partition, of("held").adminComment], ["small", ""]);
    },
  );
}

Deno.test(
  "parseJobs() says nothing of what is no job, and reads several records",
  { permissions: "none" },
  () => {
    assertEquals(parseJobs(""), []);
    assertEquals(parseJobs("JobId=7 JobName=x\n   UserId=a(1)"), []);
    const two = jobsOf("22.05").get("held")! + jobsOf("22.05").get("begin")!;
    assertEquals(parseJobs(two).map(({ id }) => id), ["2", "4"]);
  },
);
