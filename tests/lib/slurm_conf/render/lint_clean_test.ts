import { assertEquals } from "@std/assert";
import { lintFiles } from "../../../../lib/slurm_conf/lint_files.ts";
import { RULES } from "../../../../lib/slurm_conf/rules/mod.ts";
import { GOLDEN, GOLDEN_CASES, type GoldenCase, renderGolden } from "./golden_cases.ts";

/** A small, sound slurm.conf without nodes, for the rendered lines to stand in. */
const SITE = `ClusterName=bio
SlurmctldHost=head
SlurmUser=slurm
StateSaveLocation=/var/spool/slurmctld
ProctrackType=proctrack/cgroup
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
`;

/** What the guide's own block, kept as it is, has against it. */
const LEGACY = ["PS013", "PS014", "SC001"];

/**
 * A cluster-wide SuspendTime by itself is a danger to nodes that are defined elsewhere, as the note of the render
 * says; before 21.08 there is no other.
 */
const CLUSTER_WIDE = ["PS006"];

const read = [
  new URL("../../../golden/render", import.meta.url),
  new URL("../../../../lib", import.meta.url),
];

for (const test of GOLDEN_CASES) {
  Deno.test({
    name:
      `renderSlurmConf() gives files that lint finds nothing in, as parts of a slurm.conf of ${test.name}`,
    permissions: { read },
    async fn() {
      const files = await renderedSite(test);
      assertEquals(findings(files, ["slurm.conf", "gres.conf"], test), []);
    },
  });

  Deno.test({
    name: `renderSlurmConf() gives files that lint finds nothing in, each by itself, for ${test.name}`,
    permissions: { read },
    async fn() {
      const files = await renderedSite(test);
      for (const name of ["power_save.conf", "slurm_nodes.conf", "gres.conf"]) {
        const isClusterWide = test.version === "20.11" || test.profile === "legacy";
        assertEquals(findings(files, [name], test, isClusterWide ? CLUSTER_WIDE : []), [], name);
      }
    },
  });
}

async function renderedSite(test: GoldenCase): Promise<Map<string, string>> {
  const files = new Map((await renderGolden(test)).map(({ name, text }) => [name, text]));
  if (test.config === "on_prem.yaml") {
    files.set("site_nodes.conf", Deno.readTextFileSync(new URL("site_nodes.conf", GOLDEN)));
  }
  return files.set("slurm.conf", SITE + files.get("slurm.conf.include"));
}

/** Errors and warnings; remarks of severity info are not a reason to render anything else. */
function findings(
  files: ReadonlyMap<string, string>,
  paths: readonly string[],
  test: GoldenCase,
  alsoExpected: readonly string[] = [],
): string[] {
  const expected = [...alsoExpected, ...(test.profile === "legacy" ? LEGACY : [])];
  const found = lintFiles({
    paths: paths.filter((path) => files.has(path)),
    read: (path) => {
      const text = files.get(path);
      if (text === undefined) throw new Deno.errors.NotFound(path);
      return new TextEncoder().encode(text);
    },
    rules: RULES,
    versions: [test.version],
  });
  return found.filter(({ severity, rule }) => severity !== "info" && !expected.includes(rule))
    .map(({ rule, file, line, message }) => `${rule} ${file}:${line}: ${message}`);
}
