import { assertEquals } from "@std/assert";
import { slurmTimeouts } from "../../../lib/cluster/slurm_timeouts.ts";
import { testConfig } from "../../fixtures/test_config.ts";

const CONFIG = {
  ...testConfig(),
  partitions: [
    { name: "cloud", nodeGroups: ["c", "s"], options: {} },
    { name: "wide", nodeGroups: ["w", "s"], options: {} },
  ],
};

type Settings = Readonly<Record<string, string>>;
const map = (settings: Settings) => new Map(Object.entries(settings));

for (
  const [what, global, partitions, expected] of [
    ["slurmctld says nothing", {}, {}, { resume: 60, hook: 60 }],
    ["only the global settings say something", { ResumeTimeout: "600 sec", SuspendTimeout: "60 sec" }, {}, {
      resume: 600,
      hook: 600,
    }],
    ["SuspendTimeout is the longer one", { ResumeTimeout: "100 sec", SuspendTimeout: "200 sec" }, {}, {
      resume: 100,
      hook: 200,
    }],
    ["partitions leave it to the global settings", { ResumeTimeout: "600 sec" }, {
      cloud: { ResumeTimeout: "GLOBAL", SuspendTimeout: "GLOBAL" },
    }, { resume: 600, hook: 600 }],
    ["one partition has less: its nodes count", { ResumeTimeout: "600 sec" }, {
      cloud: { ResumeTimeout: "300" },
    }, {
      resume: 300,
      hook: 600,
    }],
    ["a node group is in two partitions: the higher counts", { ResumeTimeout: "600 sec" }, {
      cloud: { ResumeTimeout: "900" },
      wide: { ResumeTimeout: "700" },
    }, { resume: 700, hook: 900 }],
    ["a partition that is not ours has more: hooks live longer, nodes don't", { ResumeTimeout: "600 sec" }, {
      onprem: { ResumeTimeout: "1200", SuspendTimeout: "1500" },
    }, { resume: 600, hook: 1500 }],
    ["it is infinite", { ResumeTimeout: "INFINITE" }, {}, { resume: 65_533, hook: 65_533 }],
    ["what it says is not a duration", { ResumeTimeout: "(null)", SuspendTimeout: "soon" }, {}, {
      resume: 60,
      hook: 60,
    }],
  ] as const satisfies readonly (readonly [string, Settings, Readonly<Record<string, Settings>>, object])[]
) {
  Deno.test(`slurmTimeouts() when ${what}`, { permissions: "none" }, () => {
    const own = new Map(Object.entries(partitions).map(([name, settings]) => [name, map(settings)]));
    assertEquals<object>(slurmTimeouts(CONFIG, map(global), own), expected);
  });
}
