import { assertEquals } from "@std/assert";
import { textTable } from "../../../lib/base/text_table.ts";

Deno.test("textTable() aligns columns, numbers to the right, without blanks at line ends", {
  permissions: "none",
}, () => {
  assertEquals(
    textTable(["NAME", "COUNT", "NOTE"], [["a", 5, ""], ["größer", 1000, "x y"]]),
    "NAME    COUNT  NOTE\na           5\ngrößer   1000  x y\n",
  );
  assertEquals(textTable(["A", "B"], []), "A  B\n");
});
