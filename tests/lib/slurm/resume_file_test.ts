import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { parseResumeFile } from "../../../lib/slurm/resume_file.ts";

/** Files that slurmctld of each version wrote for sbatch jobs. */
const sample = (name: string) =>
  Deno.readTextFileSync(new URL(`./resume_files/${name}.json`, import.meta.url));
const SLURM_22_05 = sample("22.05-three-jobs");
const SLURM_24_11 = sample("24.11-two-jobs");
const SLURM_26_05 = sample("26.05-two-jobs");

Deno.test("parseResumeFile() reads what Slurm 22.05 writes", { permissions: "none" }, () => {
  assertEquals(parseResumeFile(SLURM_22_05), {
    nodes: ["c14", "c15", "c16", "c17"],
    jobs: [{ jobId: 9, nodes: ["c14"] }, { jobId: 10, nodes: ["c15"] }, { jobId: 11, nodes: ["c16", "c17"] }],
  });
});

Deno.test("parseResumeFile() reads what Slurm 24.11 writes", { permissions: "none" }, () => {
  const common = { partition: "cloud", oversubscribe: "OK" };
  assertEquals(parseResumeFile(SLURM_24_11), {
    nodes: ["c0", "c1", "c2", "c3"],
    jobs: [
      { jobId: 1, nodes: ["c0", "c1"], allocatedNodes: ["c0", "c1"], ...common },
      { jobId: 2, nodes: ["c2", "c3"], allocatedNodes: ["c2", "c3"], ...common },
    ],
  });
});

Deno.test("parseResumeFile() reads what Slurm 26.05 writes", { permissions: "none" }, () => {
  const common = { partition: "cloud", oversubscribe: "NO", exclusive: "NO", priority: 1 };
  assertEquals(parseResumeFile(SLURM_26_05).jobs, [
    { jobId: 1, nodes: ["c0", "c1"], allocatedNodes: ["c0", "c1"], ...common },
    { jobId: 2, nodes: ["c2", "c3"], allocatedNodes: ["c2", "c3"], ...common },
  ]);
});

Deno.test("parseResumeFile() takes nodes of no job, and nodes of several", { permissions: "none" }, () => {
  assertEquals(parseResumeFile('{"jobs":[],"all_nodes":"c[0-1]"}'), { nodes: ["c0", "c1"], jobs: [] });
  assertEquals(parseResumeFile('{"all_nodes_resume":"c0"}'), { nodes: ["c0"], jobs: [] });
  const shared =
    '{"jobs":[{"job_id":1,"nodes_resume":"c0"},{"job_id":2,"nodes_resume":"c0"}],"all_nodes_resume":"c0"}';
  assertEquals(parseResumeFile(shared).jobs.map((job) => job.nodes), [["c0"], ["c0"]]);
});

Deno.test("parseResumeFile() ignores unknown keys and notes of another type", { permissions: "none" }, () => {
  const job = {
    job_id: 1,
    nodes_resume: "c0",
    features: ["a"],
    priority: "high",
    colour: "red",
    extra: "x=1",
  };
  assertEquals(parseResumeFile(JSON.stringify({ jobs: [job], all_nodes_resume: "c0", version: 9 })), {
    nodes: ["c0"],
    jobs: [{ jobId: 1, nodes: ["c0"], extra: "x=1" }],
  });
});

Deno.test("parseResumeFile() takes null for a list of no nodes", { permissions: "none" }, () => {
  const text = '{"jobs":[{"job_id":1,"nodes_resume":null,"nodes_alloc":"c0"}],"all_nodes_resume":null}';
  assertEquals(parseResumeFile(text), { nodes: [], jobs: [{ jobId: 1, nodes: [], allocatedNodes: ["c0"] }] });
});

const MISTAKES: readonly (readonly [text: string, message: string])[] = [
  ["", "empty"],
  ["\n", "empty"],
  ['{"jobs":[{"job_id":1,', "cut short or not JSON"],
  ["<html>", "cut short or not JSON"],
  ["[]", "expected"],
  ["null", "Expected Object but received null"],
  ['"c[0-3]"', "Expected Object"],
  ["{}", 'expected "jobs"'],
  ['{"jobs":{}}', "jobs: "],
  ['{"jobs":[1]}', "jobs.0: "],
  ['{"jobs":[{"nodes":"c0"}]}', "jobs.0.job_id: "],
  ['{"jobs":[{"job_id":"1","nodes":"c0"}]}', "jobs.0.job_id: "],
  ['{"jobs":[{"job_id":-1,"nodes":"c0"}]}', "jobs.0.job_id: "],
  ['{"jobs":[{"job_id":1,"nodes":["c0"]}]}', "jobs.0.nodes: "],
  ['{"jobs":[{"job_id":1,"nodes":"c[0"}]}', "jobs.0.nodes_resume: Invalid hostlist"],
  ['{"jobs":[],"all_nodes":7}', "all_nodes: "],
  ['{"jobs":[],"all_nodes_resume":"c[0-9999999]"}', "all_nodes_resume: Hostlist stands for"],
];

for (const [text, message] of MISTAKES) {
  Deno.test(
    `parseResumeFile() says what is wrong with ${JSON.stringify(text)}`,
    { permissions: "none" },
    () => {
      assertThrows(() => parseResumeFile(text), SyntaxError, message);
    },
  );
}

Deno.test("parseResumeFile() refuses a file of absurd size", { permissions: "none" }, () => {
  assertThrows(() => parseResumeFile(" ".repeat(64 * 1024 * 1024) + "{}"), SyntaxError, "at most 67108864");
});

Deno.test("parseResumeFile() throws nothing but SyntaxError when the file is cut short", {
  permissions: "none",
}, () => {
  for (const text of [SLURM_22_05, SLURM_24_11, SLURM_26_05].map((text) => text.trimEnd())) {
    for (let length = 0; length < text.length; length++) {
      assertThrows(() => parseResumeFile(text.slice(0, length)), SyntaxError);
    }
  }
});

Deno.test(
  "parseResumeFile() throws nothing but SyntaxError whatever the JSON is",
  { permissions: "none" },
  () => {
    const jobs = fc.array(
      fc.record({ job_id: fc.jsonValue(), nodes: fc.jsonValue(), nodes_resume: fc.jsonValue() }),
    );
    const file = fc.oneof(fc.jsonValue(), fc.record({ jobs, all_nodes: fc.jsonValue() }));
    fc.assert(
      fc.property(file, (value) => {
        try {
          parseResumeFile(JSON.stringify(value));
        } catch (error) {
          if (!(error instanceof SyntaxError)) throw error;
        }
      }),
      { seed: 5 },
    );
  },
);
