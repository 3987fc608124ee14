// Renders one node group for each of 1,000 instance types in each of 6 zones: deno bench tests/bench/render_bench.ts
import { snapshotInstanceTypes } from "../../lib/aws/instance_type_snapshot.ts";
import { parseConfig } from "../../lib/config/parse.ts";
import type { Config } from "../../lib/config/model.ts";
import { renderSlurmConf } from "../../lib/slurm_conf/render/render.ts";

const TYPES = 1000;
const ZONES = ["a", "b", "c", "d", "e", "f"];
const NODES = 100;

const facts = { origin: "the snapshot", types: await snapshotInstanceTypes() };
const config = largeConfig();

Deno.bench(`render ${TYPES} instance types x ${ZONES.length} zones, ${NODES} nodes each`, () => {
  const rendering = renderSlurmConf({
    config,
    version: "24.05",
    facts,
    prefix: "/opt/slurm/bio",
    profile: "slurm-ec2",
    program: "slurm-ec2 bench",
  });
  if (rendering.kind === "refused") throw new Error(rendering.problems.join("\n"));
});

/** A group for each type and zone, a partition for each zone and one for all. */
function largeConfig(): Config {
  const types = [...facts.types.values()].filter(({ architectures }) =>
    architectures.some((name) => name === "x86_64" || name === "arm64")
  ).slice(0, TYPES);
  const base = parseConfig(
    `{cluster: bio, region: us-east-1, nodeGroups: [{name: a, nodes: a0, instanceTypes: [c7i.large],
      os: {distribution: Rocky, version: 9}, subnets: [subnet-01234567]}]}`,
    "bench.yaml",
  );
  const [group] = base.nodeGroups;
  const nodeGroups = ZONES.flatMap((zone) =>
    types.map(({ instanceType, architectures }) => {
      const name = `${zone}-${instanceType.replace(".", "-")}`;
      return {
        ...group!,
        name,
        nodes: `${name}-[0-${NODES - 1}]`,
        instanceTypes: [instanceType],
        architecture: architectures.includes("arm64") ? "arm64" as const : "x86_64" as const,
      };
    })
  );
  const partition = (name: string, prefix: string) => ({
    name,
    nodeGroups: nodeGroups.filter((group) => group.name.startsWith(prefix)).map((group) => group.name),
    options: {},
  });
  return {
    ...base,
    nodeGroups,
    partitions: [partition("all", ""), ...ZONES.map((zone) => partition(zone, `${zone}-`))],
  };
}
