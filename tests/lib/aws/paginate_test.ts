import { assertEquals, assertRejects } from "@std/assert";
import { collectPages, pages } from "../../../lib/aws/paginate.ts";
import type { Page } from "../../../lib/aws/ec2_api.ts";

/** Pages by token; the first has the empty one. */
function source(
  all: Readonly<Record<string, Page<number>>>,
): (token: string | undefined) => Promise<Page<number>> {
  return (token) => Promise.resolve(all[token ?? ""]!);
}

Deno.test("collectPages() follows tokens over empty pages", { permissions: "none" }, async () => {
  const fetchPage = source({
    "": { items: [1, 2], nextToken: "a" },
    a: { items: [], nextToken: "b" },
    b: { items: [3] },
  });
  assertEquals(await collectPages(fetchPage), [1, 2, 3]);
});

Deno.test("pages() fetches no more than it is asked for", { permissions: "none" }, async () => {
  let fetched = 0;
  const endless = () => Promise.resolve({ items: [fetched++], nextToken: `${fetched}` });
  for await (const page of pages(endless)) if (page[0] === 2) break;
  assertEquals(fetched, 3);
});

Deno.test("collectPages() refuses a token that comes twice", { permissions: "none" }, async () => {
  const fetchPage = source({ "": { items: [1], nextToken: "a" }, a: { items: [2], nextToken: "a" } });
  await assertRejects(() => collectPages(fetchPage), Error, 'Page token "a" came twice');
});
