import { assertEquals } from "@std/assert";
import { ownedInstances } from "../../../lib/identity/node_of_instance.ts";
import { instanceTags } from "../../../lib/identity/tags.ts";
import { makeInstance } from "../../fixtures/make_instance.ts";

const pure = { permissions: "none" } as const;

function tagsOf(nodes: string, cluster = "test"): Record<string, string> {
  return Object.fromEntries(
    instanceTags({ cluster, nodeGroup: "c", nodes }).map(({ Key, Value }) => [Key, Value]),
  );
}

const nodeNames = (nodes: string, indices: readonly number[]) =>
  ownedInstances(
    indices.map((amiLaunchIndex) => makeInstance({ amiLaunchIndex, tags: tagsOf(nodes) })),
    "test",
  ).map(({ nodeName }) => nodeName);

Deno.test("ownedInstances() names an instance by its launch index in the launch's hostlist", pure, () => {
  assertEquals(nodeNames("c[3,5,7-8],d01", [0, 1, 2, 3, 4]), ["c3", "c5", "c7", "c8", "d01"]);
});

Deno.test("ownedInstances() counts several brackets as Slurm does", pure, () => {
  assertEquals(nodeNames("r[1-2]n[1-2]", [0, 1, 2, 3]), ["r1n1", "r1n2", "r2n1", "r2n2"]);
});

Deno.test("ownedInstances() gives no node to an index that the hostlist does not have", pure, () => {
  assertEquals(nodeNames("c[0-1]", [-1, 2, 0.5, NaN]), [undefined, undefined, undefined, undefined]);
});

for (const broken of ["c[0-", "c[1-99999999]", "]", "c[0-9999999999999999]"]) {
  Deno.test(
    `ownedInstances() keeps an instance whose hostlist tag was made "${broken}", without a node`,
    pure,
    () => {
      assertEquals(nodeNames(broken, [0]), [undefined]);
    },
  );
}

Deno.test("ownedInstances() leaves out other clusters' instances and untagged ones", pure, () => {
  const instances = [
    makeInstance({ instanceId: "i-1", tags: tagsOf("c0", "other") }),
    makeInstance({ instanceId: "i-2" }),
    makeInstance({ instanceId: "i-3", tags: tagsOf("c0") }),
  ];
  assertEquals(ownedInstances(instances, "test").map(({ instance }) => instance.instanceId), ["i-3"]);
});
