import { assertEquals } from "@std/assert";
import { comment, recordLine, valueProblem } from "../../../../lib/slurm_conf/render/conf_text.ts";

Deno.test({
  name: "comment() stays on its line and never swallows the next",
  permissions: "none",
  fn() {
    assertEquals(comment("a\nb", "c\\", "d \\ \\"), ["# a b", "# c", "# d"]);
  },
});

Deno.test({
  name: "recordLine() leaves out what is undefined",
  permissions: "none",
  fn() {
    assertEquals(recordLine([["A", 0], ["B", undefined], ["C", "x"]]), "A=0 C=x");
  },
});

Deno.test({
  name: "valueProblem() refuses what would end, hide or join a line",
  permissions: "none",
  fn() {
    for (const bad of ["", "a b", "a\tb", "a\nb", 'a"', "a#b", "a\\", "a\0b", "it's"]) {
      assertEquals(typeof valueProblem(bad), "string", JSON.stringify(bad));
    }
    for (const good of ["a", "a=b,c", "DOM\\group", "/a/b", "é"]) {
      assertEquals(valueProblem(good), undefined, good);
    }
  },
});
