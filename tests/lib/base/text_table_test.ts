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

const WIDE = ["NODE GROUP", "POWER DOWN", "EVIDENCE"];
const ROWS = [
  [
    "c7i",
    "terminate",
    "an on-demand group of three types in the subnets of two zones, and more to say of it",
  ],
  ["arm", "stop", "short"],
] as const;

Deno.test("textTable() wraps between words what is wider than its columns", { permissions: "none" }, () => {
  const text = textTable(WIDE, ROWS, undefined, 50);
  const lines = text.split("\n");
  assertEquals(lines.filter((line) => line.length > 50), []);
  assertEquals(lines.slice(0, 3), [
    "NODE GROUP  POWER DOWN  EVIDENCE",
    "c7i         terminate   an on-demand group of",
    "                        three types in the subnets",
  ]);
  const words = (shown: string) => shown.split(/\s+/).toSorted();
  assertEquals(words(text), words(textTable(WIDE, ROWS)));
});

Deno.test("textTable() shows blocks where the longest words don't fit", { permissions: "none" }, () => {
  assertEquals(
    textTable(["NAME", "SUBNET"], [["a", "subnet-0123456789abcdef0"], ["b", "-"]], undefined, 20),
    "NAME    a\nSUBNET  subnet-0123456789abcdef0\n\nNAME    b\nSUBNET  -\n",
  );
});
