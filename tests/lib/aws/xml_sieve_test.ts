import { assertEquals, assertStringIncludes } from "@std/assert";
import * as fc from "fast-check";
import { type Kept, READ_IN_PART } from "../../../lib/aws/instance_fields.ts";
import { XmlSieve } from "../../../lib/aws/xml_sieve.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** What comes out of a text in chunks of those sizes, by turns. */
function sieved(text: string, sizes: readonly number[] = [text.length + 1], parts = PARTS): string {
  const bytes = encoder.encode(text);
  const sieve = new XmlSieve(parts);
  for (let from = 0, turn = 0; from < bytes.length; turn++) {
    const size = sizes[turn % sizes.length]!;
    sieve.push(bytes.subarray(from, from + size));
    from += size;
  }
  return decoder.decode(sieve.end());
}

/** In `list` of each `item` the elements `id` and, of `tags`, `key`. */
const PARTS: ReadonlyMap<string, Kept> = new Map([
  [
    "list",
    new Map<string, Kept>([[
      "item",
      new Map<string, Kept>([["id", true], ["tags", new Map([["key", true as const]])]]),
    ]]),
  ],
]);

const cases: readonly (readonly [what: string, text: string, left: string])[] = [
  ["everything outside the parts", "<a x='1'><b>1</b>\n<c/></a>", "<a x='1'><b>1</b>\n<c/></a>"],
  [
    "what is listed",
    "<list><item><id>1</id><big>2</big></item></list>",
    "<list><item><id>1</id></item></list>",
  ],
  [
    "all below a listed element",
    "<list><item><id><x><big/></x></id></item></list>",
    "<list><item><id><x><big/></x></id></item></list>",
  ],
  [
    "an element of its own name inside",
    "<list><item><big>1<big>2</big>3</big><id>4</id></item></list>",
    "<list><item><id>4</id></item></list>",
  ],
  [
    "a dropped element that closes itself",
    "<list><item><big/><id>4</id><big a='>'/></item></list>",
    "<list><item><id>4</id></item></list>",
  ],
  [
    "one of its own name that closes itself",
    "<list><item><big><big/></big><id>4</id></item></list>",
    "<list><item><id>4</id></item></list>",
  ],
  [
    "a comment with the end in it",
    "<list><item><big><!-- </big> --></big><id>4</id></item></list>",
    "<list><item><id>4</id></item></list>",
  ],
  [
    "CDATA with the end in it",
    "<list><item><big><![CDATA[</big>]]></big><id>4</id></item></list>",
    "<list><item><id>4</id></item></list>",
  ],
  [
    "comments and CDATA that are kept",
    "<list><!--<item>--><item><id><![CDATA[<big>]]></id></item></list>",
    "<list><!--<item>--><item><id><![CDATA[<big>]]></id></item></list>",
  ],
  [
    "a longer name that begins alike",
    "<list><item><bigger>1</bigger><big><bigger>2</bigger></big><idx>3</idx><id>4</id></item></list>",
    "<list><item><id>4</id></item></list>",
  ],
  [
    "a part inside a part",
    "<list><item><tags><key>k</key><value>v</value></tags></item></list>",
    "<list><item><tags><key>k</key></tags></item></list>",
  ],
  [
    "entities and characters of several bytes",
    "<list><item><id>ü&amp;€&#x1F600;</id><big>ü</big></item></list>",
    "<list><item><id>ü&amp;€&#x1F600;</id></item></list>",
  ],
  [
    "attributes with a bracket",
    "<list><item a='/>'><id b=\">\">1</id></item></list>",
    "<list><item a='/>'><id b=\">\">1</id></item></list>",
  ],
  [
    "names of Object's own",
    "<list><item><constructor>1</constructor><id>1</id></item></list>",
    "<list><item><id>1</id></item></list>",
  ],
  ["text that is not XML", '{"a": "b < c"}', '{"a": "b < c"}'],
  ["a page of a proxy", "<html><br><p>no</html>", "<html><br><p>no</html>"],
  ["nothing", "", ""],
  ["a document cut inside a kept tag", "<list><item><id>1</i", "<list><item><id>1</i"],
  ["a document cut inside a dropped element", "<list><item><id>1</id><big>12", "<list><item><id>1</id>"],
];

for (const [what, text, left] of cases) {
  Deno.test({
    name: `XmlSieve passes on ${what}, however it is cut`,
    permissions: "none",
    fn: () => {
      for (const sizes of [[1e9], [1], [2], [3], [7], [1, 5, 2]]) {
        assertEquals(sieved(text, sizes), left, `${sizes}`);
      }
    },
  });
}

/** Documents with what the sieve must not be fooled by. */
const xml = fc.letrec<{ content: string; element: string }>((tie) => ({
  content: fc.array(
    fc.oneof(
      { weight: 4, arbitrary: tie("element") },
      fc.constantFrom(
        "text",
        "ü€",
        "&lt;id&gt;",
        "<!-- <id> </big> -->",
        "<![CDATA[</item><big>]]>",
        "<?x </id>?>",
        " \n",
      ),
    ),
    { maxLength: 4 },
  ).map((parts) => parts.join("")),
  element: fc.tuple(
    fc.constantFrom("list", "item", "id", "tags", "key", "big", "value"),
    fc.constantFrom("", " a='1'", ' b=">"', " c='/'"),
    fc.option(tie("content"), { nil: undefined, depthSize: "small" }),
  ).map(([name, attributes, content]) =>
    content === undefined ? `<${name}${attributes}/>` : `<${name}${attributes}>${content}</${name}>`
  ),
}));

const TOKENS = /<!--[^]*?-->|<!\[CDATA\[[^]*?\]\]>|<\?[^]*?\?>|<(?:"[^"]*"|'[^']*'|[^'">])*>|[^<]+/g;

/** The same by a whole document at once: an element and all that is in it, or not. */
function expected(text: string): string {
  const open: (Kept | undefined | "dropped")[] = [];
  return [...text.matchAll(TOKENS)].map(([token]) => {
    const parent = open.at(-1);
    const [, end, name] = /^<(\/?)([a-z]+)/.exec(token) ?? [];
    if (name === undefined) return parent === "dropped" ? "" : token;
    if (end === "/") return open.pop() === "dropped" ? "" : token;
    const below = parent === undefined
      ? PARTS.get(name)
      : parent === "dropped" || parent === true
      ? parent
      : parent.get(name) ?? "dropped";
    if (!token.endsWith("/>")) open.push(below);
    return below === "dropped" ? "" : token;
  }).join("");
}

Deno.test({
  name: "XmlSieve leaves out the same elements however a document is cut",
  permissions: "none",
  fn: () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(xml.content, sizes, (content, sizes) => {
        const text = `<r>${content}</r>`;
        assertEquals(sieved(text, sizes), expected(text));
      }),
      { numRuns: 500 },
    );
  },
});

Deno.test({
  name: "XmlSieve keeps what is read of EC2's instances and drops the rest",
  permissions: "none",
  fn: () => {
    const instance =
      "<item><instanceId>i-1</instanceId><privateDnsName>x</privateDnsName><placement><availabilityZone>us-east-1a</availabilityZone><tenancy>default</tenancy></placement><tagSet><item><key>k</key><value>v</value></item></tagSet><blockDeviceMapping><item><ebs><status>attached</status></ebs></item></blockDeviceMapping></item>";
    const text =
      `<DescribeInstancesResponse><requestId>1</requestId><reservationSet><item><ownerId>1</ownerId><instancesSet>${instance}</instancesSet></item></reservationSet><nextToken>t</nextToken></DescribeInstancesResponse>`;
    assertEquals(
      sieved(text, [100], READ_IN_PART),
      "<DescribeInstancesResponse><requestId>1</requestId><reservationSet><item><ownerId>1</ownerId><instancesSet><item><instanceId>i-1</instanceId><placement><availabilityZone>us-east-1a</availabilityZone></placement><tagSet><item><key>k</key><value>v</value></item></tagSet></item></instancesSet></item></reservationSet><nextToken>t</nextToken></DescribeInstancesResponse>",
    );
    const change =
      "<r><instancesSet><item><instanceId>i-1</instanceId><currentState><code>32</code><name>shutting-down</name></currentState></item></instancesSet></r>";
    assertStringIncludes(
      sieved(change, [9], READ_IN_PART),
      "<currentState><name>shutting-down</name></currentState>",
    );
  },
});

Deno.test({
  name: "XmlSieve gives up on a tag without an end and passes on the rest",
  permissions: "none",
  fn: () => {
    const text = `<list><item><id a='${"x".repeat(200_000)}`;
    assertEquals(sieved(text, [10_000]), text);
  },
});
