import * as v from "valibot";
import type { Difference } from "../../lib/install/compare.ts";
import type { Action } from "../../lib/install/plan.ts";
import { RENDERED } from "./config.ts";
import { count, type Output, output, sentences, text } from "./output.ts";

const path = text("Below the prefix, or absolute for what is outside it");
const number = count("Numeric");

/** One step of an install or uninstall. */
const action: v.GenericSchema<Action> = v.variant("kind", [
  v.object({ kind: v.literal("make-directory"), path, mode: count("Permission bits, as a decimal number") }),
  v.object({ kind: v.literal("own"), path, uid: number, gid: number }),
  v.object({ kind: v.literal("write-release"), path }),
  v.object({ kind: v.literal("write-settings"), path }),
  v.object({ kind: v.literal("set-aside"), path, to: text("Where what is not ours is kept") }),
  v.object({ kind: v.literal("link"), path, target: text("What it points to") }),
  v.object({ kind: v.literal("remove"), path }),
  v.object({ kind: v.literal("remove-tree"), path }),
  v.object({ kind: v.literal("remove-directory-if-empty"), path }),
]);

const difference: v.GenericSchema<Difference> = v.object({
  path,
  what: v.picklist(["missing", "content", "mode", "owner", "release", "surplus", "kind"]),
  wanted: text("As installing would leave it"),
  found: text("As it is"),
});

const prefix = text("Where it is installed");
const notes = sentences("What a person should know");
const rendered = v.optional(v.pipe(RENDERED, v.description("With --render: what config render prints")));
const actions = v.pipe(v.array(action), v.description("In their order; none: all is there already"));
const dryRun = v.pipe(v.boolean(), v.description("Whether nothing was changed"));

/** What `install` prints. */
export const INSTALL: Output = output(
  1,
  "What was done, or with --check how what is there differs",
  v.union([
    v.object({
      prefix,
      version: text("Version in use afterwards"),
      release: text("Release in use afterwards"),
      previous: v.optional(text("Release to which --rollback goes back")),
      dryRun,
      actions,
      notes,
      rendered,
    }),
    v.object({
      prefix,
      release: text("Release that would be installed"),
      differences: v.pipe(v.array(difference), v.description("With --check")),
      notes,
      rendered,
    }),
  ]),
);

/** What `uninstall` prints. */
export const UNINSTALL: Output = output(1, "What was removed", v.object({ prefix, dryRun, actions, notes }));
