import { assertEquals, assertRejects } from "@std/assert";
import { informJobs } from "../../../lib/controller_run/inform_jobs.ts";
import { ScontrolError } from "../../../lib/slurm/scontrol_api.ts";

const pure = { permissions: "none" } as const;

function scontrol(fails: { readonly comment?: Error; readonly notify?: Error } = {}) {
  const calls: string[] = [];
  const answer = (call: string, error: Error | undefined) => {
    calls.push(call);
    return error === undefined ? Promise.resolve() : Promise.reject(error);
  };
  return {
    calls,
    updateJobComment: (ids: readonly number[], text: string) =>
      answer(`comment ${ids.join()} ${text}`, fails.comment),
    notifyTerminal: (id: number, text: string) => answer(`notify ${id} ${text}`, fails.notify),
  };
}

const action = { kind: "comment", jobIds: [7, 8], text: "no capacity" } as const;
const informed = { facts: [{ kind: "jobs-informed", jobIds: [7, 8] }], refusals: [] } as const;

Deno.test("informJobs() comments on all jobs at once and writes to each terminal", pure, async () => {
  const api = scontrol();
  assertEquals(await informJobs(api, action), { ...informed });
  assertEquals(api.calls, [
    "comment 7,8 no capacity",
    "notify 7 slurm-ec2: no capacity",
    "notify 8 slurm-ec2: no capacity",
  ]);
});

Deno.test("informJobs() writes to twenty terminals at most", pure, async () => {
  const api = scontrol();
  await informJobs(api, { ...action, jobIds: Array.from({ length: 50 }, (_, i) => i) });
  assertEquals(api.calls.length, 21);
});

Deno.test("informJobs() takes a job that slurmctld does not know any more for informed", pure, async () => {
  const gone = new ScontrolError("refused", "Invalid job id specified for job 7");
  assertEquals(await informJobs(scontrol({ comment: gone, notify: gone }), action), { ...informed });
});

Deno.test("informJobs() has informed nobody when slurmctld does not answer", pure, async () => {
  const away = new ScontrolError("unreachable", "no slurmctld");
  await assertRejects(() => informJobs(scontrol({ comment: away }), action), ScontrolError, "no slurmctld");
});
