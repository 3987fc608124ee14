import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { reportHtml } from "../../../../lib/see/report/html.ts";
import { sampleReport } from "./sample_report.ts";

/** The page, once the library that draws the charts has ended its loop: it asks for one more frame, 16 ms later. */
async function pageOf(...report: Parameters<typeof reportHtml>): Promise<string> {
  const page = reportHtml(...report);
  await new Promise((resolve) => setTimeout(resolve, 50));
  return page;
}

Deno.test("reportHtml() needs no network and runs no script", async () => {
  const page = await pageOf(sampleReport());
  assertStringIncludes(page, "default-src 'none'");
  assert(!/<script|<link|<img|@import|url\(|javascript:|\son\w+=/i.test(page));
  // Names of XML namespaces are no addresses that anything is loaded from.
  const addresses = [...page.matchAll(/https?:\/\/[^\s"'<]+/g)].map(([url]) => url);
  assertEquals(
    addresses.filter((url) => !url.startsWith("http://www.w3.org/") && !url.includes("docs.aws.amazon.com")),
    [],
  );
  assertEquals(page.match(/<svg /g)?.length, 4);
});

Deno.test("reportHtml() shows HTML and control characters of every field as text", async () => {
  const evil = `<img src=x onerror=alert(1)>"'&\x1b[31m`;
  const sample = sampleReport();
  const report = {
    ...sample,
    cluster: evil,
    prices: evil,
    boots: { ...sample.boots, byType: sample.boots.byType.map((row) => ({ ...row, name: evil })) },
    pools: sample.pools.map((pool) => ({ ...pool, pool: evil, refused: { [evil]: 1 } })),
    reasons: sample.reasons.map((reason) => ({ ...reason, code: evil, advice: evil, example: evil })),
    cost: { ...sample.cost, rows: sample.cost.rows.map((row) => ({ ...row, name: evil })) },
    requests: { [evil]: { count: 1, p50: 1, p90: 1, p99: 1, most: 1 } },
  };
  const page = await pageOf(report);
  assert(!page.includes("<img") && !page.includes("\x1b"));
  assertStringIncludes(page, "&lt;img src=x onerror=alert(1)&gt;");
});

Deno.test("reportHtml() of nothing is a page", async () => {
  const sample = sampleReport();
  const none = { ...sample.cost, rows: [] };
  const page = await pageOf({
    ...sample,
    cost: none,
    boots: { ...sample.boots, byType: [], byZone: [], byImage: [] },
    pools: [],
    reasons: [],
    requests: {},
  });
  assertStringIncludes(page, "No instance ran.");
});
