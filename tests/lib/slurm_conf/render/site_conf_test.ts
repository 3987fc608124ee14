import { assertEquals } from "@std/assert";
import { parseText } from "../../../../lib/slurm_conf/parse.ts";
import { excludedNodes } from "../../../../lib/slurm_conf/render/power_save_conf.ts";
import { siteConf } from "../../../../lib/slurm_conf/render/site_conf.ts";
import {
  settingLines,
  siteConflicts,
  withSiteWords,
} from "../../../../lib/slurm_conf/render/cluster_settings.ts";

Deno.test({
  name: "siteConf() gathers nodes that are not CLOUD, DEFAULT lines heeded, and the settings in force",
  permissions: "none",
  fn() {
    const { onPremNodes, settings, nodeDefaults } = siteConf([parseText(
      "TreeWidth=50\nNodeName=a[1-3]\nNodeName=DEFAULT State=CLOUD\nNodeName=b[1-3]\nNodeName=c1 State=down\n" +
        "treewidth=60\n",
      "slurm.conf",
    )]);
    assertEquals(onPremNodes, ["a[1-3]", "c1"]);
    assertEquals(nodeDefaults, [{ key: "State", value: "CLOUD", file: "slurm.conf", line: 3 }]);
    assertEquals([...settings], [["treewidth", {
      key: "treewidth",
      value: "60",
      file: "slurm.conf",
      line: 6,
    }]]);
  },
});

Deno.test({
  name: "siteConf() leaves out files that slurm-ec2 wrote, and takes nodes named twice once",
  permissions: "none",
  fn() {
    const ours = parseText(
      "# x, written by slurm-ec2 (slurm-ec2 0.1.0)\nTreeWidth=50\nNodeName=a1\n",
      "ours.conf",
    );
    const theirs = parseText("NodeName=b1\n", "theirs.conf");
    assertEquals(siteConf([ours, theirs, theirs]), {
      onPremNodes: ["b1"],
      settings: new Map(),
      carried: new Map(),
      nodeDefaults: [],
    });
  },
});

Deno.test({
  name: "withSiteWords() keeps the site's words when its own line has been taken out since",
  permissions: "none",
  fn() {
    const list = { says: "Why", key: "SlurmctldParameters", value: "idle_on_node_suspend", isList: true };
    const rendered = (slurmConf: string) =>
      withSiteWords([list], siteConf([parseText(slurmConf, "slurm.conf")]), "24.05");
    const first = rendered(
      "SlurmctldParameters=enable_configless,Idle_on_node_suspend,max_dbd_msg_action=exit\n",
    );
    assertEquals(first, [{
      ...list,
      says:
        "Why\nThe site's own words in SlurmctldParameters, kept at every rendering until they are deleted here: " +
        "enable_configless,max_dbd_msg_action=exit",
      value: "idle_on_node_suspend,enable_configless,max_dbd_msg_action=exit",
    }]);
    const installed = ["# power_save.conf, written by slurm-ec2 (slurm-ec2 0.1.0)", ...settingLines(first)];
    assertEquals(rendered(installed.join("\n")), first);
    assertEquals(rendered("ClusterName=c\n"), [list]);
    // The comment as earlier releases of this program wrote it.
    const old = installed.join("\n").replace(" until they are deleted here", "");
    assertEquals(rendered(old), first);
  },
});

Deno.test({
  name: "siteConf() reads SuspendExcNodes of an earlier rendering back, brackets whole",
  permissions: "none",
  fn() {
    const ours =
      "# power_save.conf, written by slurm-ec2 (slurm-ec2 0.1.0)\nSuspendExcNodes=a[1,3],b[1,3],c\n";
    const { excludedBefore } = siteConf([parseText(ours, "power_save.conf")]);
    assertEquals(excludedBefore, ["a[1,3]", "b[1,3]", "c"]);
    const site = siteConf([parseText(ours, "power_save.conf"), parseText("NodeName=d[1,3]\n")]);
    assertEquals(excludedNodes(site).map(({ value }) => value), ["d[1,3],a[1,3],b[1,3],c"]);
    assertEquals(withSiteWords(excludedNodes(site), site, "20.11")[0]!.value, "d[1,3],a[1,3],b[1,3],c");
  },
});

Deno.test({
  name: "siteConflicts() says of a changed policy what it was and what it becomes, for the site's nodes too",
  permissions: "none",
  fn() {
    const settings = [
      { key: "ReturnToService", value: 2, siteDefault: "0" },
      { key: "TreeWidth", value: 65_533, siteDefault: "50" },
      { key: "SchedulerParameters", value: "sbatch_wait_nodes,bf_interval=10", isList: true },
      { key: "ResumeRate", value: 0 },
    ];
    const conf = "ReturnToService=1\nSchedulerParameters=bf_interval=10\nResumeRate=0\n";
    assertEquals(siteConflicts(settings, siteConf([parseText(`${conf}NodeName=a1\n`, "s.conf")])), [
      "s.conf:1: take out ReturnToService=1: power_save.conf sets ReturnToService: 1 → 2, for your own nodes too",
      "power_save.conf sets TreeWidth: 50 → 65533, for your own nodes too",
      "s.conf:2: take out SchedulerParameters=bf_interval=10: power_save.conf sets SchedulerParameters with these " +
      "words too, and with sbatch_wait_nodes, for your own nodes too",
      "s.conf:3: take out ResumeRate=0: power_save.conf sets ResumeRate",
    ]);
    // Nobody's policy changes where the site has no nodes that we know of.
    assertEquals(siteConflicts(settings.slice(1, 2), siteConf([parseText(conf, "s.conf")])), []);
  },
});
