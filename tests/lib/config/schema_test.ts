import { assertEquals } from "@std/assert";
import type { Config, NodeGroup, Partition } from "../../../lib/config/model.ts";
import { PARTITION_KEYS } from "../../../lib/config/partition_key.ts";
import type { ConfigFile, GroupFile } from "../../../lib/config/schema.ts";

/** `true` only where both name the same keys: the file has no key that the model drops, and the other way round. */
type SameKeys<A, B> = [keyof A] extends [keyof B] ? [keyof B] extends [keyof A] ? true : false : false;

type Slurm = Omit<ConfigFile["slurm"], "partitionOptions">;

Deno.test("ConfigFile has the keys that the model has", { permissions: "none" }, () => {
  // These fail at compile time.
  const same: [
    SameKeys<Omit<ConfigFile, "defaults">, Config>,
    SameKeys<ConfigFile["aws"], Config["aws"]>,
    SameKeys<ConfigFile["aws"]["endpoints"], Config["aws"]["endpoints"]>,
    SameKeys<Slurm, Omit<Config["slurm"], "partitionOptions">>,
    SameKeys<ConfigFile["fileSystems"][number], Config["fileSystems"][number]>,
    SameKeys<ConfigFile["dns"], Config["dns"]>,
    SameKeys<ConfigFile["ssm"], Config["ssm"]>,
    SameKeys<ConfigFile["limits"], Config["limits"]>,
    SameKeys<GroupFile, NodeGroup>,
    SameKeys<NonNullable<GroupFile["rootVolume"]>, NonNullable<NodeGroup["rootVolume"]>>,
    SameKeys<NonNullable<GroupFile["metadataOptions"]>, NodeGroup["metadataOptions"]>,
    SameKeys<Pick<ConfigFile["partitions"][number], "name" | "nodeGroups">, Omit<Partition, "options">>,
  ] = [true, true, true, true, true, true, true, true, true, true, true, true];
  assertEquals(same.length, 12);
});

Deno.test("PARTITION_KEYS are named once, in any case", { permissions: "none" }, () => {
  assertEquals(new Set(PARTITION_KEYS.map((key) => key.toLowerCase())).size, PARTITION_KEYS.length);
});
