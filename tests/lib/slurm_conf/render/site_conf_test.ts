import { assertEquals } from "@std/assert";
import { parseText } from "../../../../lib/slurm_conf/parse.ts";
import { siteConf } from "../../../../lib/slurm_conf/render/site_conf.ts";
import { settingLines, withSiteWords } from "../../../../lib/slurm_conf/render/cluster_settings.ts";

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
      says: "Why\nThe site's own words in SlurmctldParameters, kept at every rendering: " +
        "enable_configless,max_dbd_msg_action=exit",
      value: "idle_on_node_suspend,enable_configless,max_dbd_msg_action=exit",
    }]);
    const installed = ["# power_save.conf, written by slurm-ec2 (slurm-ec2 0.1.0)", ...settingLines(first)];
    assertEquals(rendered(installed.join("\n")), first);
    assertEquals(rendered("ClusterName=c\n"), [list]);
  },
});
