import { assertEquals, assertStringIncludes } from "@std/assert";
import { parseConfig } from "../../lib/config/parse.ts";
import { expandHostlist } from "../../lib/slurm/hostlist.ts";
import { parseText } from "../../lib/slurm_conf/parse.ts";
import { recordSetting } from "../../lib/slurm_conf/document.ts";
import { LEGACY_VERSIONS } from "../../lib/slurm_conf/render/legacy_power_save_conf.ts";
import type { RenderInput } from "../../lib/slurm_conf/render/render_input.ts";
import { GOLDEN_CASES, goldenInput } from "../lib/slurm_conf/render/golden_cases.ts";
import { testWhere } from "../test_where.ts";
import { type PrivateSlurmctld, withSlurmctld } from "./private_slurmctld.ts";
import { hookFiles, rendered } from "./rendered_slurm.ts";
import { whyNoRig } from "./rig.ts";
import { errorsIn } from "./slurmctld_errors.ts";
import { VERSIONS } from "./versions.ts";

const MIGRATED = new URL("../golden/migrate/", import.meta.url);

/** Golden migrations: what `config migrate` made of legacy files. */
const migrations = [...Deno.readDirSync(MIGRATED)].map(({ name }) => name).filter((name) =>
  name.endsWith(".yaml")
).sort();

/** What golden folders are rendered from, each once: every release has a daemon of its own or one close to it. */
const SHAPES = [
  ...Map.groupBy(GOLDEN_CASES, ({ config, profile, isPriced }) => `${config} ${profile} ${isPriced}`)
    .values(),
].map(([golden]) => golden!);

for (const version of VERSIONS) {
  for (const name of migrations) {
    testWhere(
      whyNoRig(version),
      `slurmctld ${version} starts on what is rendered of the migration ${name}, and takes jobs for its nodes`,
      async () => {
        const config = parseConfig(Deno.readTextFileSync(new URL(name, MIGRATED)), name);
        const input = await goldenInput({ name, version, config: "slurm-ec2.yaml" }, { config });
        await jobsAreTaken(input);
      },
    );
  }

  for (const golden of SHAPES) {
    if (golden.profile === "legacy" && !LEGACY_VERSIONS.includes(version)) continue;
    testWhere(
      whyNoRig(version),
      `slurmctld ${version} takes jobs for the nodes of the render ${golden.name}, made for ${version}`,
      () => goldenInput({ ...golden, version }).then(jobsAreTaken),
    );
  }
}

/** Starts slurmctld on the render, submits a job for a node of each line, and looks at the log. */
async function jobsAreTaken(input: RenderInput): Promise<void> {
  let lines: readonly Line[] = [];
  await withSlurmctld(input.version as (typeof VERSIONS)[number], (confDir) => {
    const files = rendered({ ...input, prefix: confDir });
    lines = nodeLines(files.get("slurm_nodes.conf")!);
    const include = files.get("slurm.conf.include")!;
    const sites = [...include.matchAll(/^include (\S+)$/gim)].map(([, path]) =>
      path!.replace(`${confDir}/`, "")
    )
      .filter((name) => !files.has(name));
    for (const name of sites) files.set(name, SITE_NODES);
    const others = sites.length === 0 ? [] : nodeLines(SITE_NODES).flatMap(({ names }) => names);
    files.set("hosts", `127.0.0.1 localhost rig ${others.join(" ")}\n`);
    const hasDefault = [...files.values()].some((text) => /^PartitionName=.*\bDefault=YES/im.test(text));
    // A migration that leaves the choice to the site says so in its notes.
    files.set("slurm.conf", hasDefault ? include : `${include}\nPartitionName=site Nodes=ALL Default=YES\n`);
    for (const [hook, text] of hookFiles(files.get("power_save.conf")!, confDir)) files.set(hook, text);
    return files;
  }, async (slurmctld) => {
    for (const { names } of lines) await submit(slurmctld, names[0]!);
    assertEquals(errorsIn(slurmctld.log()), []);
  });
}

/** A site's own nodes, as golden renders and legacy configurations include them. */
const SITE_NODES = Deno.readTextFileSync(new URL("../golden/render/site_nodes.conf", import.meta.url));

interface Line {
  readonly names: readonly string[];
}

function nodeLines(text: string): Line[] {
  return parseText(text, "slurm_nodes.conf").entries.filter((entry) => entry.kind === "record")
    .filter((record) =>
      record.type === "NodeName" && !record.isDefault && recordSetting(record, "State") !== undefined
    )
    .map((record) => ({ names: expandHostlist(record.name.text) }));
}

/** A job for one node, in the first partition that has it. */
async function submit(slurmctld: PrivateSlurmctld, node: string): Promise<void> {
  const shown = await slurmctld.scontrol("show", "node", node, "-o");
  const partition = /\bPartitions=([^,\s]+)/.exec(shown)?.[1];
  const { code, stdout, stderr } = await slurmctld.run(
    ..."env --chdir=/ sbatch --output=/dev/null --wrap=true".split(" "),
    `--partition=${partition}`,
    `--nodelist=${node}`,
  );
  assertEquals(code, 0, `${node} in ${partition}: ${stderr}`);
  assertStringIncludes(stdout, "Submitted batch job");
}
