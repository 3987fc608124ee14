import * as v from "valibot";
import type { MachineFacts } from "../doctor/machine.ts";
import type { CheckResult, Status } from "../../lib/preflight/check_result.ts";
import { count, type Output, output, text } from "./output.ts";

const STATUSES = ["pass", "info", "warn", "fail", "can't tell"] as const satisfies readonly Status[];

const entries = {
  check: text("Which check, e.g. image"),
  status: v.pipe(
    v.picklist(STATUSES),
    v.description("info is a remark that needs no action; can't tell with a code: an answer was refused"),
  ),
  what: text("What was looked at"),
  evidence: text("What was seen"),
  fix: v.optional(text("How to fix it: a command to paste, or what to do")),
  code: v.optional(text("The error code, where an answer was refused")),
};

/** One result of a check, as `ssm validate`, `ssm put` and `doctor` print it. */
const FINDING: v.GenericSchema<CheckResult> = v.object(entries);

const counts = v.pipe(
  v.object(v.entriesFromList(STATUSES, v.optional(count("Findings of this status; absent: none")))),
  v.description("How many findings there are of each status"),
);

/** What `ssm validate` prints. */
export const SSM_VALIDATE: Output = output(
  1,
  "Every SSM parameter of a configuration, checked",
  v.object({
    cluster: text("Slurm's ClusterName"),
    region: text("AWS region"),
    prefix: text("First part of the parameters' names"),
    spelling: v.picklist(["SlurmNodeAmi", "SlurmNodeAmis"]),
    offline: v.pipe(v.boolean(), v.description("Whether AWS was not asked")),
    counts,
    findings: v.array(FINDING),
  }),
);

const FACTS: v.GenericSchema<MachineFacts> = v.object({
  slurm: v.optional(text("Slurm's version")),
  users: v.pipe(
    v.object({
      slurm: v.optional(count("User id")),
      slurmGroup: v.optional(count("Group id of slurm's own group")),
      munge: v.optional(count("User id")),
    }),
    v.description("Users as this machine numbers them"),
  ),
  mounts: v.pipe(
    v.record(
      v.string(),
      v.object({
        source: v.optional(text("What is mounted there")),
        uid: count("Owner of its root"),
        gid: count("Group of its root"),
        mode: count("Permission bits of its root"),
      }),
    ),
    v.description("File systems by the path at which they are mounted"),
  ),
});

/** What `doctor` prints. */
export const DOCTOR: Output = output(
  1,
  "Everything that the set-up guide asks for, checked",
  v.object({
    cluster: text("Slurm's ClusterName"),
    region: text("AWS region"),
    where: v.pipe(v.picklist(["controller", "node"]), v.description("Which machine was examined")),
    counts,
    findings: v.array(v.object({
      section: text("Section that it belongs to, as --only takes it"),
      ...entries,
    })),
    facts: v.optional(
      v.pipe(FACTS, v.description("What another machine compares itself with: doctor --node --against")),
    ),
  }),
);

/** What `ssm put` prints. */
export const SSM_PUT: Output = output(
  1,
  "What is to be written to SSM, or was",
  v.object({
    applied: v.pipe(
      v.boolean(),
      v.description("Whether anything was to be written: with --apply, unless refused"),
    ),
    refused: v.pipe(
      v.boolean(),
      v.description("Whether a value fails its checks, so that nothing is written"),
    ),
    writes: v.array(v.object({
      name: text("Name of the parameter"),
      action: v.pipe(
        v.picklist(["create", "change", "same", "keep"]),
        v.description("keep: another value is there, and --overwrite was not given"),
      ),
      value: text("What it is to be"),
      before: v.optional(text("What it was, as far as it may be shown")),
      version: v.optional(count("The parameter's version, once written")),
      code: v.optional(text("AWS's error code, where writing failed")),
      message: v.optional(text("AWS's message, where writing failed")),
    })),
    findings: v.pipe(v.array(FINDING), v.description("What speaks against the values")),
  }),
);

/** What `ssm diff` prints. */
export const SSM_DIFF: Output = output(
  1,
  "The SSM parameters that are there besides those that are wanted",
  v.object({
    differences: v.array(v.object({
      name: text("Name of the parameter"),
      kind: v.pipe(
        v.picklist(["same", "different", "missing", "extra", "can't tell"]),
        v.description("missing: wanted, not there; extra: there, not wanted; can't tell: AWS refused to say"),
      ),
      there: v.optional(text("Its value as far as it may be shown, or AWS's error code")),
      wanted: v.optional(text("The value wanted")),
    })),
  }),
);
