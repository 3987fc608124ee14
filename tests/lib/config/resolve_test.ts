import { assertEquals } from "@std/assert";
import { snapshotInstanceTypes } from "../../../lib/aws/instance_type_snapshot.ts";
import { architectureOf } from "../../../lib/config/resolve.ts";

Deno.test(
  "architectureOf() tells every known type's architecture from its name",
  { permissions: "none" },
  async () => {
    for (const [type, { architectures }] of await snapshotInstanceTypes()) {
      // Macs run no Slurm; a few old types are 32-bit as well.
      if (type.startsWith("mac")) continue;
      assertEquals(
        architectures.includes(architectureOf(type)),
        true,
        `${type} is ${architectures.join(" ")}`,
      );
    }
  },
);
