import { assertEquals } from "@std/assert";
import { priceWatch } from "../../../commands/hooks/price_watch.ts";

Deno.test("priceWatch() takes a new file up at once, and goes on with the last one when it is broken", {
  permissions: "none",
}, () => {
  const said: string[] = [];
  const disk: { text: string | undefined; reads: number } = { text: undefined, reads: 0 };
  const files = {
    stamp: () => disk.text,
    readText: (path: string) => {
      assertEquals(path, "/state/prices.yaml");
      disk.reads++;
      return disk.text!;
    },
  };
  const prices = priceWatch(files, "/state", { error: (text: string) => void said.push(text) });
  assertEquals([...prices()], []);
  disk.text = "c7i.large: 0.1\n";
  assertEquals([[...prices()], [...prices()], disk.reads], [
    [["c7i.large", { onDemand: 0.1 }]],
    [["c7i.large", { onDemand: 0.1 }]],
    1,
  ]);
  disk.text = "c7i.large: free\n";
  assertEquals([[...prices()].length, [...prices()].length, said.length], [1, 1, 1]);
  disk.text = undefined;
  assertEquals([...prices()], []);
});
