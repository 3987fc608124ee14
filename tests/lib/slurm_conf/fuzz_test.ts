import { fuzz } from "./fuzz.ts";

Deno.test("parsing, linting, fixing and printing survive 1,200 odd inputs", { permissions: "none" }, () => {
  fuzz(1_200, 1);
});
