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

Deno.test("textTable() aligns what is painted by what it was before", { permissions: "none" }, () => {
  assertEquals(
    textTable(
      ["A", "B"],
      [["no", "x"], ["fail", "y"]],
      (cell, column, row) => column === 0 ? `<${row}>${cell}</>` : cell,
    ),
    "A     B\n<0>no</>    x\n<1>fail</>  y\n",
  );
});
