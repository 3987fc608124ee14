import { assertEquals, assertThrows } from "@std/assert";
import { manifestText, parseManifest } from "../../../lib/install/manifest.ts";
import { desired, installed } from "./installations.ts";

Deno.test({
  name: "parseManifest() reads what manifestText() writes",
  permissions: "none",
  async fn() {
    const { manifest } = await installed(await desired("1"), await desired("2"));
    assertEquals(parseManifest(manifestText(manifest)), manifest);
  },
});

Deno.test({
  name: "parseManifest() refuses what is not a manifest, and paths that lead elsewhere",
  permissions: "none",
  async fn() {
    const { manifest } = await installed(await desired("1"));
    for (const text of ["", "{", "null", "[]", "{}", '{"format":2}', '{"format":1}']) {
      assertThrows(() => parseManifest(text), SyntaxError, "Not a");
    }
    for (
      const change of [
        { links: { "../../etc/passwd": "x" } },
        { links: { "/etc/passwd": "x" } },
        { releases: { "../..": {} } },
        { releases: { "slurm-ec2-1": null } },
        { settings: ["/etc/passwd"] },
        { directories: ["a/../../b"] },
        { settings: undefined },
        { state: "all" },
      ]
    ) {
      assertThrows(
        () => parseManifest(JSON.stringify({ ...manifest, ...change })),
        SyntaxError,
        "Not a whole manifest",
      );
    }
  },
});
