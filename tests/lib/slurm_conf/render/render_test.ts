import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { InstanceTypeFacts } from "../../../../lib/aws/ec2_api.ts";
import { parseConfig } from "../../../../lib/config/parse.ts";
import { recordSetting } from "../../../../lib/slurm_conf/document.ts";
import { parseText } from "../../../../lib/slurm_conf/parse.ts";
import { renderSlurmConf } from "../../../../lib/slurm_conf/render/render.ts";
import { siteConf } from "../../../../lib/slurm_conf/render/site_conf.ts";
import type { Rendering, RenderInput } from "../../../../lib/slurm_conf/render/render_input.ts";
import {
  compareVersions,
  type SlurmVersion,
  SUPPORTED_VERSIONS,
} from "../../../../lib/slurm_conf/versions.ts";
import { expandHostlist } from "../../../../lib/slurm/hostlist.ts";
import { gpu, typeFacts } from "./facts.ts";

const TYPES: readonly InstanceTypeFacts[] = [
  typeFacts({ instanceType: "c7i.2xlarge" }),
  typeFacts({ instanceType: "m7i.large", defaultVCpus: 2, defaultCores: 1, memoryMiB: 8192 }),
  typeFacts({ instanceType: "c7a.large", defaultVCpus: 2, defaultCores: 2, defaultThreadsPerCore: 1 }),
  typeFacts({ instanceType: "g5.xlarge", gpus: [gpu("A10G", 4)] }),
  typeFacts({ instanceType: "g6.xlarge", gpus: [gpu("L4", 4)] }),
  typeFacts({ instanceType: "r9.huge", memoryMiB: 131_072 }),
  typeFacts({ instanceType: "c7g.large", architectures: ["arm64"], defaultThreadsPerCore: 1 }),
];

interface Written {
  readonly groups: readonly object[];
  readonly partitions?: readonly object[];
  readonly slurm?: object;
  readonly limits?: object;
}

function input({ groups, partitions, slurm, limits }: Written, over: Partial<RenderInput> = {}): RenderInput {
  const config = {
    cluster: "bio",
    region: "us-east-1",
    defaults: { os: { distribution: "Rocky", version: "9" }, subnets: ["subnet-01234567"] },
    nodeGroups: groups,
    ...(partitions === undefined ? {} : { partitions }),
    ...(slurm === undefined ? {} : { slurm }),
    ...(limits === undefined ? {} : { limits }),
  };
  return {
    config: parseConfig(JSON.stringify(config), "slurm-ec2.yaml"),
    version: "24.05",
    facts: { origin: "the test", types: new Map(TYPES.map((facts) => [facts.instanceType, facts])) },
    prefix: "/opt/slurm/bio",
    profile: "slurm-ec2",
    program: "slurm-ec2 0.0.0",
    ...over,
  };
}

const group = (over: object = {}) => ({
  name: "c",
  nodes: "c[0-3]",
  instanceTypes: ["c7i.2xlarge"],
  ...over,
});
const partition = (over: object = {}) => ({ name: "cloud", nodeGroups: ["c"], ...over });

function file(rendering: Rendering, name: string): string {
  if (rendering.kind === "refused") {
    throw new Error(rendering.problems.map(({ message }) => message).join("\n"));
  }
  return rendering.files.find((file) => file.name === name)?.text ?? "";
}

function problems(rendering: Rendering): readonly string[] {
  return rendering.kind === "refused" ? rendering.problems.map(({ message }) => message) : [];
}

Deno.test({
  name: "renderSlurmConf() tells every reason why a configuration can't be rendered, not the first only",
  permissions: "none",
  fn() {
    const groups = [
      group({ name: "a", nodes: "a0", instanceTypes: ["c7i.2xlage"] }),
      group({
        name: "b",
        nodes: "b0",
        instanceTypes: ["c7g.large"],
        architecture: "arm64",
        threadsPerCore: 2,
      }),
      group({ name: "d", nodes: "d0", gres: "gpu:1" }),
      group({ name: "e", nodes: "e0", gres: "gpu:a:b:c" }),
    ];
    const partitions = [partition({ nodeGroups: ["a"], PowerDownOnIdle: "YES", Topology: "t" })];
    assertEquals(problems(renderSlurmConf(input({ groups, partitions }, { version: "22.05" }))), [
      "Node group a: instance type c7i.2xlage is not in the test (did you mean c7i.2xlarge?): correct it",
      "Node group b: threadsPerCore is 2, but instance type c7g.large has 1 thread a core",
      "Node group d: gres asks for 1 GPUs, but its instance types have 0",
      'Node group e: Gres element is not name[:type][:no_consume][:count]: "gpu:a:b:c" in gres "gpu:a:b:c"',
      "Partition cloud: key PowerDownOnIdle needs Slurm 23.02, the target is 22.05: leave it out",
      "Partition cloud: key Topology needs Slurm 25.05, the target is 22.05: leave it out",
    ]);
  },
});

Deno.test({
  name:
    "renderSlurmConf() refuses paths that slurm.conf can't hold, and the legacy profile for other versions",
  permissions: "none",
  fn() {
    const over = { prefix: "/opt/my slurm", includeDir: "/etc/#slurm", profile: "legacy" as const };
    assertEquals(problems(renderSlurmConf(input({ groups: [group()] }, over))), [
      "The legacy profile is for Slurm 21.08, 22.05, 23.02, the target is 24.05: leave --profile out",
      `The prefix "/opt/my slurm" can't stand in slurm.conf: it has a blank, a quote or a '#'`,
      `The output directory "/etc/#slurm" can't stand in slurm.conf: it has a blank, a quote or a '#'`,
    ]);
  },
});

Deno.test({
  name: "renderSlurmConf() says which prices are missing instead of making them up",
  permissions: "none",
  fn() {
    const prices = { origin: "prices.yaml", prices: new Map([["m7i.large", { onDemand: 0.1 }]]) };
    const groups = [group(), group({ name: "m", nodes: "m0", instanceTypes: ["m7i.large"] })];
    assertEquals(problems(renderSlurmConf(input({ groups }, { prices }))), [
      "Node group c: no price for c7i.2xlarge in prices.yaml: give the group a weight, or a price with --prices",
    ]);
    const weighed = [group({ weight: 7 }), groups[1]!];
    const nodes = file(renderSlurmConf(input({ groups: weighed }, { prices })), "slurm_nodes.conf");
    assertEquals([...nodes.matchAll(/Weight=(\d+)/g)].map(([, weight]) => weight), ["7", "1000"]);
  },
});

Deno.test({
  name: "renderSlurmConf() keeps the site's own words in lists and says which lines to take out",
  permissions: "none",
  fn() {
    const settings = new Map(
      [
        ["SlurmctldParameters", "enable_configless,IDLE_ON_NODE_SUSPEND,cloud_reg_addrs"],
        ["CommunicationParameters", "NoAddrCache,keepalivetime=60"],
        ["SuspendTime", "660"],
        ["MaxJobCount", "5"],
      ].map((
        [key, value],
        i,
      ) => [key!.toLowerCase(), { key: key!, value: value!, file: "slurm.conf", line: i + 1 }]),
    );
    const site = { onPremNodes: [], settings, nodeDefaults: [] };
    const now = renderSlurmConf(input({ groups: [group()] }, { site }));
    const powerSave = file(now, "power_save.conf");
    assert(
      powerSave.includes(
        "\nSlurmctldParameters=idle_on_node_suspend,power_save_interval=1,enable_configless\n",
      ),
    );
    assert(!powerSave.includes("CommunicationParameters"), "not ours from 23.11 on: the site's line stays");
    assertEquals(now.kind === "rendered" && now.notes.slice(0, 2), [
      "slurm.conf:3: take out SuspendTime=660: power_save.conf sets SuspendTime: 660 → INFINITE, for your own nodes too",
      "slurm.conf:1: take out SlurmctldParameters=enable_configless,IDLE_ON_NODE_SUSPEND,cloud_reg_addrs: " +
      "power_save.conf sets SlurmctldParameters with these words too, but for cloud_reg_addrs, and with " +
      "power_save_interval=1, for your own nodes too",
    ]);
    const then = file(
      renderSlurmConf(input({ groups: [group()] }, { site, version: "22.05" })),
      "power_save.conf",
    );
    assert(then.includes("\nCommunicationParameters=NoAddrCache,keepalivetime=60\n"));
    assert(then.includes("cloud_reg_addrs"), "still means something in 22.05");
  },
});

Deno.test({
  name: "renderSlurmConf() excludes the site's nodes where SuspendTime is cluster-wide, or warns",
  permissions: "none",
  fn() {
    const site = { onPremNodes: ["rack[1-9]", "fat1"], settings: new Map(), nodeDefaults: [] };
    const groups = [group()];
    const old = renderSlurmConf(input({ groups }, { version: "20.11", site }));
    assert(file(old, "power_save.conf").includes("\nSuspendExcNodes=rack[1-9],fat1\n"));
    const warned = renderSlurmConf(input({ groups }, { version: "20.11" }));
    assert(!file(warned, "power_save.conf").includes("SuspendExc"));
    assert(warned.kind === "rendered" && warned.notes.some((note) => note.includes("on-premises nodes too")));
    const safe = renderSlurmConf(input({ groups }, { site }));
    assert(!file(safe, "power_save.conf").includes("SuspendExcNodes="));
  },
});

Deno.test({
  name: "renderSlurmConf() lets a partition's own keys win, in any case",
  permissions: "none",
  fn() {
    const slurm = { partitionOptions: { MaxTime: "1:00:00", SuspendTime: "900" } };
    const partitions = [partition(), partition({ name: "long", MaxTime: "INFINITE", SuspendTime: "60" })];
    const nodes = file(renderSlurmConf(input({ groups: [group()], partitions, slurm })), "slurm_nodes.conf");
    assert(nodes.includes("\nPartitionName=cloud Nodes=c MaxTime=1:00:00 SuspendTime=900\n"));
    assert(nodes.includes("\nPartitionName=long Nodes=c MaxTime=INFINITE SuspendTime=60\n"));
  },
});

Deno.test({
  name: "renderSlurmConf() gives large partitions the time that EC2 needs to launch them",
  permissions: "none",
  fn() {
    const resumeTimeout = (nodes: number, limits = {}) =>
      /^ResumeTimeout=(\d+)$/m.exec(
        file(
          renderSlurmConf(
            input({ groups: [group({ nodes: `c[1-${nodes}]` })], partitions: [partition()], limits }),
          ),
          "power_save.conf",
        ),
      )?.[1];
    assertEquals(resumeTimeout(10), "600");
    assertEquals(resumeTimeout(10, { bootLimit: "20m" }), "1200");
    assertEquals(resumeTimeout(3000), "1240");
    assertEquals(resumeTimeout(65_536), "32508");
  },
});

Deno.test({
  name:
    "renderSlurmConf() includes by bare name next to slurm.conf, else by path; the site's nodes come last",
  permissions: "none",
  fn() {
    const lines = (over: Partial<RenderInput>, slurm = {}) =>
      file(renderSlurmConf(input({ groups: [group()], slurm }, over)), "slurm.conf.include")
        .split("\n").filter((line) => line.startsWith("include "));
    assertEquals(lines({}), [
      "include power_save.conf",
      "include slurm_nodes.conf",
      "include slurm_nodes_on_prem.conf",
    ]);
    assertEquals(lines({ includeDir: "/x" }, { onPremConf: "/y/mine.conf" }), [
      "include /x/power_save.conf",
      "include /x/slurm_nodes.conf",
      "include /y/mine.conf",
    ]);
  },
});

Deno.test({
  name:
    "renderSlurmConf() notes groups without partition, a gres.conf out of place, and DEFAULT lines that reach in",
  permissions: "none",
  fn() {
    const groups = [group(), group({ name: "g", nodes: "g0", instanceTypes: ["g5.xlarge"] })];
    const site = siteConf([parseText("NodeName=DEFAULT Port=7000 CPUs=1\n", "slurm.conf")]);
    const partitions = [partition()];
    const zones = new Map();
    const notes = (over: Partial<RenderInput>) => {
      const rendering = renderSlurmConf(input({ groups, partitions }, { zones, ...over }));
      return rendering.kind === "rendered" ? rendering.notes : [];
    };
    const always =
      "Node groups in no partition: g: add them to partitions, or write PartitionName lines of your own " +
      "with Nodes= these names and SuspendTime=720";
    assertEquals(notes({}), [always]);
    assertEquals(notes({ includeDir: "/x", site }), [
      always,
      "Slurm reads gres.conf from the directory of slurm.conf only: copy /x/gres.conf to /etc/slurm, or include it " +
      "in the gres.conf there",
      "slurm.conf:1: NodeName=DEFAULT sets Port=7000 for cloud nodes too if it stands above the include lines: put " +
      "them above it",
    ]);
  },
});

const word = fc.stringMatching(/^[a-z][a-z0-9_.-]{0,8}$/);
const type = fc.constantFrom("c7i.2xlarge", "m7i.large", "c7a.large");
const anyGroup = (index: number) =>
  fc.record({
    name: word.map((name) => `${name}${index}`),
    nodes: fc.tuple(fc.nat(99), fc.nat(300), fc.boolean()).map(([first, count, isPadded]) =>
      `n${index}x[${isPadded ? "000" : ""}${first}-${isPadded ? "000" : ""}${first + count}],lone${index}`
    ),
    // Types with and without GPUs are refused in one group.
    instanceTypes: fc.oneof(fc.uniqueArray(type, { minLength: 1, maxLength: 3 }), fc.constant(["g5.xlarge"])),
    capacityType: fc.constantFrom("on-demand", "spot", "spot-then-on-demand"),
    threadsPerCore: fc.constant(1),
    features: fc.array(fc.stringMatching(/^[A-Za-z0-9_.:@-]{1,10}$/), { maxLength: 3 }),
    weight: fc.nat(4_294_967_280),
    gres: fc.constantFrom("fpga:2", "lustre:no_consume:4G", "a:b:1,c"),
  }, { requiredKeys: ["name", "nodes", "instanceTypes"] });
const anyConfig = fc.integer({ min: 1, max: 5 }).chain((count) =>
  fc.tuple(...Array.from({ length: count }, (_, index) => anyGroup(index)))
).chain((groups) => {
  const names = groups.map(({ name }) => name);
  return fc.record({
    groups: fc.constant(groups),
    partitions: fc.uniqueArray(
      fc.record({
        name: word,
        nodeGroups: fc.subarray(names, { minLength: 1 }),
        MaxTime: fc.constantFrom("INFINITE", "7-00:00:00"),
        Hidden: fc.constantFrom("YES", "NO"),
      }, { requiredKeys: ["name", "nodeGroups"] }),
      { selector: ({ name }) => name, maxLength: 4 },
    ).filter((list) => list.every(({ name }) => !/^default$/i.test(name))),
  });
});

Deno.test({
  name: "renderSlurmConf() renders any valid configuration for any version, and it reads back as meant",
  permissions: "none",
  fn() {
    fc.assert(
      fc.property(anyConfig, fc.constantFrom(...SUPPORTED_VERSIONS), (written, version) => {
        const given = input(written, { version });
        const rendering = renderSlurmConf(given);
        assertEquals(problems(rendering), []);
        const { entries } = readBack(rendering, "slurm_nodes.conf");
        const records = entries.filter((entry) => entry.kind === "record");
        assert(records.every(({ isDefault }) => !isDefault));
        const nodes = records.filter(({ type }) => type === "NodeName");
        assertEquals(
          nodes.map(({ name }) => expandHostlist(name.text)),
          given.config.nodeGroups.map((group) => expandHostlist(group.nodes)),
        );
        const sets = new Map(
          records.filter(({ type }) => type === "NodeSet").map((set) => [
            set.name.text,
            recordSetting(set, "Nodes")!.value.text,
          ]),
        );
        assertEquals([...sets.values()], given.config.nodeGroups.map((group) => group.nodes));
        const names = new Set(nodes.flatMap(({ name }) => expandHostlist(name.text)));
        assert([...sets.keys()].every((name) => !names.has(name)), "a NodeSet has a node's name");
        const parts = records.filter(({ type }) => type === "PartitionName");
        assertEquals(
          parts.map((part) =>
            recordSetting(part, "Nodes")!.value.text.split(",").map((set) => sets.get(set))
          ),
          given.config.partitions.map(({ nodeGroups }) =>
            nodeGroups.map((name) => given.config.nodeGroups.find((group) => group.name === name)!.nodes)
          ),
        );
        const perPartition = compareVersions(version, "21.08") >= 0;
        assert(parts.every((part) => (recordSetting(part, "SuspendTime") !== undefined) === perPartition));
        for (const name of ["power_save.conf", "gres.conf"]) readBack(rendering, name);
      }),
      { numRuns: 150 },
    );
  },
});

function readBack(rendering: Rendering, name: string) {
  const document = parseText(file(rendering, name), name);
  assertEquals(document.problems.map(({ message }) => message), []);
  assert(document.entries.every(({ kind }) => kind === "record" || kind === "setting"));
  return document;
}

Deno.test({
  name: "renderSlurmConf() refuses what slurmctld would not start with, at the piece of slurm-ec2.yaml",
  permissions: "none",
  fn() {
    const refused = (over: object, version: SlurmVersion = "24.11", slurm?: object) => {
      const rendering = renderSlurmConf(
        input(
          { groups: [group()], partitions: [partition(over)], ...(slurm === undefined ? {} : { slurm }) },
          { version },
        ),
      );
      return rendering.kind === "refused"
        ? rendering.problems.map((
          { message, path },
        ) => [/\((\w+)\)$/.exec(message)?.[1] ?? message, path.join(".")])
        : [];
    };
    assertEquals(refused({ State: "OPEN" }), [["CL033", "partitions.0.State"]]);
    assertEquals(refused({ MaxNodes: "many" }), [["CF005", "partitions.0.MaxNodes"]]);
    assertEquals(refused({ TRESBillingWeights: "CPU=x" }), [["CF017", "partitions.0.TRESBillingWeights"]]);
    assertEquals(
      refused({ TRESBillingWeights: "CPU=1.0,GRES/gpu=2" }),
      [],
      "the site's accounting may have it",
    );
    assertEquals(refused({ SuspendTime: "5:00" }), [["PS035", "partitions.0.SuspendTime"]]);
    assertEquals(refused({}, "24.11", { partitionOptions: { State: "OPEN" } }), [[
      "CL033",
      "slurm.partitionOptions.State",
    ]]);
    const late = refused({ ResumeTimeout: 60 })[0]!;
    assert(late[0]!.includes("a boot is expected to take 180 s") && late[1] === "partitions.0.ResumeTimeout");
    // A site that is known not to have the TRES.
    assert(problems(weighing("ClusterName=x\n"))[0]!.includes("which AccountingStorageTRES does not have"));
  },
});

/** Rendered for a partition that weighs GPUs, at a site with that slurm.conf; undefined: it is not known. */
function weighing(slurmConf?: string) {
  return renderSlurmConf(input(
    { groups: [group()], partitions: [partition({ TRESBillingWeights: "CPU=1.0,GRES/gpu=2" })] },
    slurmConf === undefined ? {} : { site: siteConf([parseText(slurmConf, "slurm.conf")]) },
  ));
}

Deno.test({
  name:
    "renderSlurmConf() notes what AccountingStorageTRES must have when the site's slurm.conf is not known",
  permissions: "none",
  fn() {
    const notes = (slurmConf?: string) => {
      const rendering = weighing(slurmConf);
      assert(rendering.kind === "rendered");
      return rendering.notes.filter((note) => note.includes("AccountingStorageTRES=gres/gpu"));
    };
    assertEquals(notes().length, 1);
    const tracked = "AccountingStorageTRES=gres/gpu\nAccountingStorageType=accounting_storage/slurmdbd\n";
    assertEquals(notes(tracked), []);
  },
});

Deno.test({
  name: "renderSlurmConf() renders times with a unit as seconds, since slurmctld would drop the unit",
  permissions: "none",
  fn() {
    const line = (over: object) =>
      file(renderSlurmConf(input({ groups: [group()], partitions: [partition(over)] })), "slurm_nodes.conf")
        .split("\n").find((one) => one.startsWith("PartitionName="));
    assertEquals(line({ SuspendTime: "10m" })?.endsWith(" SuspendTime=600"), true);
    assertEquals(
      line({ ResumeTimeout: "1h30m", SuspendTimeout: "90s" })?.includes(
        "ResumeTimeout=5400 SuspendTimeout=90",
      ),
      true,
    );
    assertEquals(line({ SuspendTime: "INFINITE" })?.endsWith(" SuspendTime=INFINITE"), true);
  },
});

Deno.test({
  name: "renderSlurmConf() refuses GPU and non-GPU types in one group, and says what else a mix loses",
  permissions: "none",
  fn() {
    const mixed = (instanceTypes: string[], over: object = {}) =>
      renderSlurmConf(input({ groups: [group({ instanceTypes, ...over })], partitions: [partition()] }));
    assertEquals(problems(mixed(["g5.xlarge", "c7i.2xlarge"])), [
      "Node group c: g5.xlarge has GPUs and c7i.2xlarge has none, so that no node of the group could promise one: put " +
      "them into two groups",
    ]);
    const notes = (rendering: Rendering) =>
      rendering.kind === "rendered" ? rendering.notes.join("\n") : "refused";
    assert(notes(mixed(["c7i.2xlarge", "r9.huge"])).includes("also a r9.huge"));
    assert(!notes(mixed(["c7i.2xlarge", "c7i.2xlarge"].slice(1))).includes("also a"));
    assert(notes(mixed(["g5.xlarge", "g6.xlarge"])).includes("different GPUs (A10G, L4)"));
    assert(!notes(mixed(["g5.xlarge", "g6.xlarge"], { gres: "gpu:1" })).includes("different GPUs"));
  },
});

Deno.test({
  name: "renderSlurmConf() notes architectures mixed in a partition, and a topology that must name the nodes",
  permissions: "none",
  fn() {
    const groups = [
      group(),
      group({ name: "arm", nodes: "arm[0-3]", instanceTypes: ["c7g.large"], architecture: "arm64" }),
    ];
    const notes = (conf: string | undefined, partitions = [partition({ nodeGroups: ["c", "arm"] })]) => {
      const site = conf === undefined ? {} : { site: siteConf([parseText(conf, "slurm.conf")]) };
      const rendering = renderSlurmConf(input({ groups, partitions }, site));
      return rendering.kind === "rendered" ? rendering.notes.join("\n") : "refused";
    };
    assert(notes(undefined).includes("Partition cloud has arm64 and x86_64 nodes"));
    assert(!notes(undefined, [partition()]).includes("arm64"));
    const tree = notes("TopologyPlugin=topology/tree\n");
    assert(tree.includes("slurm.conf:1: with topology/tree Slurm refuses jobs"));
    assert(tree.includes("add SwitchName=cloud Nodes=c[0-3],arm[0-3] there"));
    assert(notes("TopologyPlugin=topology/block\n").includes("BlockName=c Nodes=c[0-3] and BlockName=arm"));
    assert(!notes("TopologyPlugin=topology/tree\nTopologyParam=TopoOptional\n").includes("topology.conf"));
    assert(!notes("TopologyPlugin=topology/none\n").includes("topology.conf"));
  },
});
