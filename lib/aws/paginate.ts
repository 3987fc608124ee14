import type { Page } from "./ec2_api.ts";

/** Fetches the page after a token; the first one without. */
export type FetchPage<T> = (nextToken: string | undefined) => Promise<Page<T>>;

/**
 * The pages of an answer, each fetched when it is asked for. An empty page is not the last one as long as it has
 * a token (https://docs.aws.amazon.com/AWSEC2/latest/DeveloperGuide/ec2-api-pagination.html).
 * @throws {Error} when a token comes twice: the service would be asked forever
 */
export async function* pages<T>(fetchPage: FetchPage<T>): AsyncGenerator<readonly T[], void, void> {
  const seen = new Set<string>();
  let nextToken: string | undefined;
  while (true) {
    const page = await fetchPage(nextToken);
    yield page.items;
    nextToken = page.nextToken;
    if (nextToken === undefined) return;
    if (seen.has(nextToken)) throw new Error(`Page token "${nextToken}" came twice: the listing never ends`);
    seen.add(nextToken);
  }
}

/** All items of all pages, in order. Throws what {@link pages} throws. */
export async function collectPages<T>(fetchPage: FetchPage<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const page of pages(fetchPage)) {
    for (const item of page) items.push(item);
  }
  return items;
}
