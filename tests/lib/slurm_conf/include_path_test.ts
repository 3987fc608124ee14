import { assertEquals } from "@std/assert";
import { directoryOf, fileKind, includePaths } from "../../../lib/slurm_conf/include_path.ts";

Deno.test(
  "fileKind() takes gres.conf for what it is, and all else for slurm.conf",
  { permissions: "none" },
  () => {
    for (const path of ["gres.conf", "/etc/slurm/gres.conf", "gres_cloud.conf"]) {
      assertEquals(
        fileKind(path),
        "gres.conf",
      );
    }
    for (const path of ["slurm.conf", "gres.conf/slurm.conf", "mygres.txt", "nodes"]) {
      assertEquals(
        fileKind(path),
        "slurm.conf",
      );
    }
  },
);

Deno.test("directoryOf() keeps the slash, and is empty for a bare name", { permissions: "none" }, () => {
  assertEquals([directoryOf("/a/b.conf"), directoryOf("a/b"), directoryOf("b"), directoryOf("/b")], [
    "/a/",
    "a/",
    "",
    "/",
  ]);
});

const PATHS:
  readonly (readonly [path: string, root: string, includer: string, paths: readonly string[] | undefined])[] =
    [
      ["/x/y.conf", "/e/", "/e/", ["/x/y.conf"]],
      ["y.conf", "/e/", "/e/", ["/e/y.conf"]],
      ["d/y.conf", "", "", ["d/y.conf"]],
      ["y.conf", "/e/", "/e/d/", ["/e/y.conf", "/e/d/y.conf"]],
      ["%c/%c.conf", "/e/", "/e/", ["/e/bio/bio.conf"]],
    ];

for (const [path, root, includer, paths] of PATHS) {
  Deno.test(`includePaths() of ${path} from ${includer || "here"}`, { permissions: "none" }, () => {
    assertEquals(includePaths(path, { root, includer }, "Bio"), paths as string[] | undefined);
  });
}

Deno.test("includePaths() knows no %c without ClusterName", { permissions: "none" }, () => {
  assertEquals(includePaths("%c.conf", { root: "", includer: "" }, undefined), undefined);
});
