import * as v from "valibot";
import type { Ending } from "../simulate/demo_story.ts";
import type { Part, SelfReport } from "../self_check.ts";
import { count, type Output, output, seconds, sentences, text } from "./output.ts";

const sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/), v.description("SHA-256 in hexadecimal"));

const part: v.GenericSchema<Part> = v.object({
  name: text("Name of the file"),
  sha256: v.optional(sha256),
  wanted: v.optional(v.pipe(sha256, v.description("What it must be; absent where the build does not say"))),
  trouble: v.optional(text("Why it can't be read")),
});

/** What `self check` prints. */
export const SELF_CHECK: Output = output<SelfReport & { readonly problems: readonly string[] }>(
  1,
  "What this program is made of",
  v.object({
    version: text("Version of slurm-ec2"),
    deno: text("Version of Deno"),
    v8: text("Version of V8"),
    target: text("What it was built for, as Rust names it"),
    kind: v.picklist(["source", "bundle", "portable", "compiled"]),
    file: v.optional(part),
    directory: text("Where the running program lies"),
    parts: v.pipe(v.array(part), v.description("The files that it consists of")),
    permissions: v.pipe(
      v.record(v.string(), v.picklist(["all", "listed", "none"])),
      v.description("What this process holds, by kind"),
    ),
    site: v.object({ net: v.array(v.string()), run: v.array(v.string()) }),
    problems: sentences("What does not match"),
  }),
);

/** What `demo` prints. */
export const DEMO: Output = output<Ending>(
  1,
  "What the demo came to",
  v.object({
    requested: count("Nodes asked for"),
    assigned: count("Nodes that got an instance"),
    failed: count("Nodes that got none, each with a reason"),
    leaked: count("Instances that still cost money when all is over"),
    calls: v.pipe(
      v.record(v.string(), count("Calls")),
      v.description("AWS requests of both hooks by action"),
    ),
    seconds,
  }),
);

/** The line that `simulate` prints when it is ready. */
export const SIMULATE: Output = output(
  1,
  "Where the simulated AWS listens, and what is in its world",
  v.object({
    url: text("Endpoint of EC2, SSM and STS"),
    region: text("AWS region"),
    account: text("Twelve digits"),
    vpc: text("Id"),
    subnets: v.array(v.object({ subnetId: text("Id"), availabilityZone: text("Name") })),
    images: v.pipe(v.record(v.string(), v.string()), v.description("Architecture to AMI id")),
    keyPair: text("Name"),
    securityGroups: v.array(v.string()),
    instanceProfile: text("Name"),
    instanceTypes: v.object({ count: count("Known types"), snapshot: text("Date of their facts") }),
    env: v.pipe(v.array(v.string()), v.description("NAME=VALUE for AWS's own tools")),
  }),
);
