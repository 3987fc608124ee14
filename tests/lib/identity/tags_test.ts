import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  identityFromTags,
  instanceTags,
  isTestLaunch,
  NODES_TAG_CHARACTERS_MAX,
  NODES_TAGS_MAX,
  ownerTags,
  TagKey,
  testLaunchTags,
} from "../../../lib/identity/tags.ts";
import type { Tag } from "../../../lib/aws/ec2_api.ts";

const pure = { permissions: "none" } as const;
const OWNER = { cluster: "test", nodeGroup: "c" };
const byKey = (tags: readonly Tag[]) => Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value]));

Deno.test("testLaunchTags() are the cluster's, and no node's", pure, () => {
  const identity = { ...OWNER, nodes: "c[0-7]" };
  const tags = byKey(testLaunchTags(identity));
  assertEquals(Object.keys(tags), Object.keys(byKey(instanceTags(identity))));
  assertEquals([tags[TagKey.Cluster], tags[TagKey.Naming]], ["test", "test-launch"]);
  assertEquals(identityFromTags(tags), undefined);
});

Deno.test("isTestLaunch() knows the word of earlier releases, and no node", pure, () => {
  const identity = { ...OWNER, nodes: "c[0-7]" };
  assertEquals(isTestLaunch(byKey(testLaunchTags(identity))), true);
  assertEquals(isTestLaunch({ ...byKey(testLaunchTags(identity)), [TagKey.Naming]: "trial" }), true);
  assertEquals(isTestLaunch(byKey(instanceTags(identity))), false);
  assertEquals(isTestLaunch({}), false);
});

Deno.test("instanceTags() names owner, naming and hostlist", pure, () => {
  assertEquals(instanceTags({ ...OWNER, nodes: "c[0-7]" }), [
    { Key: "slurm-ec2:cluster", Value: "test" },
    { Key: "slurm-ec2:node-group", Value: "c" },
    { Key: "slurm-ec2:naming", Value: "index" },
    { Key: "slurm-ec2:nodes", Value: "c[0-7]" },
  ]);
});

Deno.test("ownerTags() says whose a volume is and nothing of its nodes", pure, () => {
  assertEquals(byKey(ownerTags(OWNER)), { "slurm-ec2:cluster": "test", "slurm-ec2:node-group": "c" });
});

Deno.test("instanceTags() splits a hostlist at 256 characters", pure, () => {
  const sizes = (length: number) =>
    instanceTags({ ...OWNER, nodes: "x".repeat(length) })
      .filter(({ Key }) => Key.startsWith(TagKey.Nodes)).map(({ Key, Value }) => [Key, Value.length]);
  assertEquals(sizes(256), [["slurm-ec2:nodes", 256]]);
  assertEquals(sizes(257), [["slurm-ec2:nodes", 256], ["slurm-ec2:nodes.1", 1]]);
  assertEquals(sizes(NODES_TAG_CHARACTERS_MAX).length, NODES_TAGS_MAX);
});

Deno.test("instanceTags() refuses a hostlist that no 30 tags hold", pure, () => {
  assertThrows(
    () => instanceTags({ ...OWNER, nodes: "x".repeat(NODES_TAG_CHARACTERS_MAX + 1) }),
    RangeError,
    "7681 characters, at most 7680",
  );
});

Deno.test(
  "identityFromTags() reads back what instanceTags() wrote, in any order and among others",
  pure,
  () => {
    const text = fc.string({ unit: "grapheme-ascii", minLength: 1, maxLength: 40 });
    const hostlist = fc.string({ unit: "grapheme-ascii", minLength: 1, maxLength: NODES_TAG_CHARACTERS_MAX });
    fc.assert(
      fc.property(text, text, hostlist, fc.infiniteStream(fc.nat()), (cluster, nodeGroup, nodes, order) => {
        const identity = { cluster, nodeGroup, nodes };
        const tags = [...instanceTags(identity), { Key: "Name", Value: "x" }, {
          Key: "slurm-ec2:nodes.x",
          Value: "y",
        }];
        const shuffled = tags.map((tag) => [order.next().value, tag] as const).sort(([a], [b]) => a - b)
          .map(([, tag]) => tag);
        assertEquals(identityFromTags(byKey(shuffled)), identity);
      }),
    );
  },
);

Deno.test("identityFromTags() takes no instance for ours whose tags are not whole", pure, () => {
  const whole = byKey(instanceTags({ ...OWNER, nodes: "c0" }));
  for (const key of Object.values(TagKey)) {
    const { [key]: _, ...rest } = whole;
    assertEquals(identityFromTags(rest), undefined, `without ${key}`);
  }
  assertEquals(identityFromTags({ ...whole, [TagKey.Naming]: "assigned" }), undefined);
  assertEquals(identityFromTags({}), undefined);
});

Deno.test("identityFromTags() names nobody when a middle part of the hostlist is missing", {
  permissions: "none",
}, () => {
  const nodes = Array.from({ length: 200 }, (_, i) => `c${i * 2}`).join(",");
  const tags = Object.fromEntries(
    instanceTags({ cluster: "t", nodeGroup: "c", nodes }).map(({ Key, Value }) => [Key, Value]),
  );
  assertEquals(identityFromTags(tags)?.nodes, nodes);
  delete tags["slurm-ec2:nodes.1"];
  assertEquals(identityFromTags(tags), undefined);
});
