import { snapshotInstanceTypes } from "../../../../lib/aws/instance_type_snapshot.ts";
import { parseConfig } from "../../../../lib/config/parse.ts";
import { parseText } from "../../../../lib/slurm_conf/parse.ts";
import type { RenderedFile } from "../../../../lib/slurm_conf/render/conf_text.ts";
import { renderSlurmConf } from "../../../../lib/slurm_conf/render/render.ts";
import type { RenderInput } from "../../../../lib/slurm_conf/render/render_input.ts";
import { siteConf } from "../../../../lib/slurm_conf/render/site_conf.ts";
import { type SlurmVersion, SUPPORTED_VERSIONS } from "../../../../lib/slurm_conf/versions.ts";

/** Where the golden files are, and the configurations that they are rendered from. */
export const GOLDEN = new URL("../../../golden/render/", import.meta.url);

/** One folder of golden files. */
export interface GoldenCase {
  /** The folder's name. */
  readonly name: string;
  readonly version: SlurmVersion;
  /** Configuration file in {@link GOLDEN}. */
  readonly config: "slurm-ec2.yaml" | "on_prem.yaml";
  readonly profile?: RenderInput["profile"];
  /** Whether prices and zones are known, as with `--prices` and `--aws`. */
  readonly isPriced?: boolean;
}

/** Every folder of golden files. */
export const GOLDEN_CASES: readonly GoldenCase[] = [
  ...SUPPORTED_VERSIONS.map((version) => ({ name: version, version, config: "slurm-ec2.yaml" as const })),
  { name: "20.11-on-prem", version: "20.11", config: "on_prem.yaml" },
  { name: "22.05-on-prem", version: "22.05", config: "on_prem.yaml" },
  { name: "22.05-legacy", version: "22.05", config: "slurm-ec2.yaml", profile: "legacy" },
  { name: "22.05-legacy-on-prem", version: "22.05", config: "on_prem.yaml", profile: "legacy" },
  { name: "24.11-prices", version: "24.11", config: "slurm-ec2.yaml", isPriced: true },
  { name: "26.05-on-prem", version: "26.05", config: "on_prem.yaml" },
];

/** USD/h for the golden files only: round figures, not AWS's. */
const PRICES = new Map([
  ["c7i.2xlarge", { onDemand: 0.4 }],
  ["c7i.48xlarge", { onDemand: 9 }],
  ["c7g.4xlarge", { onDemand: 0.6, spot: 0.2 }],
  ["g6.12xlarge", { onDemand: 5 }],
]);

/** What a folder is rendered from. `over` replaces parts of it, e.g. the prefix for a real slurmctld. */
export async function goldenInput(test: GoldenCase, over: Partial<RenderInput> = {}): Promise<RenderInput> {
  const text = Deno.readTextFileSync(new URL(test.config, GOLDEN));
  const site = Deno.readTextFileSync(new URL("site_nodes.conf", GOLDEN));
  return {
    config: parseConfig(text, test.config),
    version: test.version,
    // Neither the program's version nor the date of the facts: golden files change with what is rendered only.
    facts: { origin: "snapshot of 2000-01-01", types: await snapshotInstanceTypes() },
    program: "slurm-ec2 0.0.0",
    prefix: "/opt/slurm/bio",
    profile: test.profile ?? "slurm-ec2",
    ...(test.config === "on_prem.yaml" ? { site: siteConf([parseText(site, "site_nodes.conf")]) } : {}),
    ...(test.isPriced
      ? {
        prices: { origin: "prices.yaml", prices: PRICES },
        zones: new Map([["subnet-0123456789abcdef0", "us-east-1a"]]),
      }
      : {}),
    ...over,
  };
}

/** The files of a golden folder as they are rendered now. */
export async function renderGolden(test: GoldenCase): Promise<readonly RenderedFile[]> {
  const rendering = renderSlurmConf(await goldenInput(test));
  if (rendering.kind === "refused") {
    throw new Error(rendering.problems.map(({ message }) => message).join("\n"));
  }
  return rendering.files;
}
