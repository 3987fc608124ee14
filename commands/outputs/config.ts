import * as v from "valibot";
import type { Problem } from "../../lib/base/problem.ts";
import type { Summary } from "../../lib/config/summary.ts";
import { helpWithNotes } from "../../lib/config/unenforced.ts";
import type { JsonFinding } from "../../lib/slurm_conf/format/json.ts";
import type { PricesOutput } from "../config/prices.ts";
import { count, type Output, output, sentences, text } from "./output.ts";
import { position, PROBLEM } from "./problem.ts";

const nodes = count("Nodes");
const positive = v.pipe(v.number(), v.minValue(0));

/** What `config check` prints. */
export const CONFIG_CHECK: Output = output<
  { readonly file: string; readonly problems: readonly Problem[] } & Partial<Summary>
>(
  1,
  "What is wrong with a configuration file, or else what it says",
  v.object({
    file: text("Path of the file"),
    problems: v.array(PROBLEM),
    cluster: v.optional(text("Slurm's ClusterName; it and all that follows only where there is no problem")),
    region: v.optional(text("AWS region")),
    nodes: v.optional(nodes),
    nodeGroups: v.optional(v.array(v.object({
      name: text("Node group"),
      nodes,
      hostlist: text("Names of its nodes"),
      os: text("Distribution and version"),
      architecture: text("x86_64 or arm64"),
      instanceTypes: v.pipe(
        v.array(v.string()),
        v.description(helpWithNotes("instanceTypes", "EC2's names")),
      ),
      capacityType: text(helpWithNotes("capacityType", "on-demand, spot or spot-then-on-demand")),
      powerDownAction: text("terminate or stop"),
      subnets: v.pipe(v.array(v.string()), v.description(helpWithNotes("subnets", "Ids"))),
    }))),
    partitions: v.optional(v.array(v.object({
      name: text("Partition"),
      nodes,
      nodeGroups: v.array(v.string()),
      options: v.record(v.string(), v.string()),
    }))),
    limits: v.optional(v.object({
      maxNodes: v.optional(count("Most instances at a time; absent: no ceiling")),
      maxHourlyCost: v.optional(
        v.pipe(positive, v.description("USD/h; absent: no ceiling")),
      ),
      maxDailyCost: v.optional(v.pipe(positive, v.description("USD a day; absent: no ceiling"))),
      launchBatch: count("Largest number of instances of one launch"),
      expectedBootSeconds: positive,
      cooldown: positive,
      launchCheckSeconds: positive,
      bootLimit: positive,
      orphanLimit: positive,
    })),
    remarks: v.optional(sentences("Nothing wrong, but probably not meant")),
  }),
);

const edit = v.object({
  file: text("Path as it was read"),
  line: position("First line"),
  column: position("First column"),
  endLine: position("Last line"),
  endColumn: position("Column behind the last character"),
  text: text("What stands there instead"),
});

const finding: v.GenericSchema<JsonFinding> = v.object({
  rule: text("Id of the rule: config lint --explain tells more"),
  severity: v.picklist(["error", "warning", "info"]),
  file: text("Path as it was read"),
  line: position("From 1"),
  column: position("From 1, in UTF-16 code units"),
  message: text("What is wrong and the next step"),
  fix: v.optional(v.object({
    title: text("What the edits do"),
    safe: v.pipe(v.boolean(), v.description("Whether --fix makes them")),
    edits: v.pipe(v.array(edit), v.description("All of them belong together")),
  })),
});

/** What `config lint` prints. */
export const CONFIG_LINT: Output = output(
  1,
  "Everything that config lint finds, in the files' order",
  v.array(finding),
);

/** What `config migrate` prints. */
export const CONFIG_MIGRATE: Output = output(
  1,
  "What a legacy installation became",
  v.object({
    file: v.pipe(v.nullable(v.string()), v.description("The file written; null with --dry-run")),
    cluster: text("Slurm's ClusterName"),
    region: text("AWS region"),
    nodeGroups: count("Node groups"),
    partitions: count("Partitions"),
    notes: v.array(v.object({ subject: text("What it is about"), text: text("What a person should know") })),
    problems: v.pipe(v.array(PROBLEM), v.description("What must be fixed manually")),
    text: v.optional(text("The configuration, with --dry-run")),
  }),
);

const status = v.pipe(
  v.picklist(["new", "changed", "same", "kept"]),
  v.description("How it stands to the installed file; kept: the site's own, never overwritten"),
);

/** What `config render` prints, and `install --render` within its own. */
export const RENDERED = v.object({
  slurmVersion: text("The release that it is rendered for"),
  facts: text("Where the facts of instance types come from"),
  files: v.optional(v.pipe(
    v.array(v.object({
      name: text("Name of the file"),
      text: v.optional(text("All of it, without --out and --check")),
      path: v.optional(text("Where it is written, with --out")),
      status: v.optional(status),
    })),
    v.description("Without --check"),
  )),
  directory: v.optional(text("With --out or --check: where the files are")),
  dryRun: v.optional(v.pipe(v.boolean(), v.description("With --out"))),
  differences: v.optional(v.pipe(
    v.array(v.object({ name: text("Name of the file"), status, diff: text("Unified") })),
    v.description("With --check"),
  )),
  notes: sentences("What a person should know of the result"),
});

/** What `config render` prints. */
export const CONFIG_RENDER: Output = output(
  1,
  "The rendered files, what became of them, or how they differ",
  RENDERED,
);

const usd = v.optional(v.pipe(positive, v.description("USD/h")));

/** What `config prices` prints. */
export const CONFIG_PRICES: Output = output<PricesOutput>(
  1,
  "The prices that cost limits go by",
  v.object({
    file: text("Where they are"),
    written: v.pipe(v.boolean(), v.description("Whether the file was written")),
    prices: v.array(v.object({ instanceType: text("EC2's name"), onDemand: usd, spot: usd })),
    missing: sentences("Instance types of the configuration that have no price"),
  }),
);
