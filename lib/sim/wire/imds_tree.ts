/** Versions of the metadata service, as it lists them (EC2 user guide, "Get the available versions of the instance metadata"). */
export const IMDS_VERSIONS: readonly string[] = [
  "1.0",
  "2007-01-19",
  "2007-03-01",
  "2007-08-29",
  "2007-10-10",
  "2007-12-15",
  "2008-02-01",
  "2008-09-01",
  "2009-04-04",
  "2011-01-01",
  "2011-05-01",
  "2012-01-12",
  "2014-02-25",
  "2014-11-05",
  "2015-10-20",
  "2016-04-19",
  "2016-06-30",
  "2016-09-02",
  "2018-03-28",
  "2018-08-17",
  "2018-09-24",
  "2019-10-01",
  "2020-10-27",
  "2021-01-03",
  "2021-03-23",
  "2021-07-15",
  "2022-09-24",
  "2024-04-11",
  "latest",
];

type Bytes = Uint8Array<ArrayBuffer>;

/** A tree of metadata: text, or names with what is under them. */
export type Tree = string | Bytes | { readonly [name: string]: Tree | undefined };

/** A name that its parent lists in another form. */
const LISTED = "\0";

/** A name under which something is found, and the line by which its parent lists it. */
export function listedAs(name: string, line: string): string {
  return `${name}${LISTED}${line}`;
}

/** What a tree has at a path: a value, or the list of names under it; undefined when there is nothing. */
export function at(root: Tree, path: readonly string[]): string | Bytes | undefined {
  let tree: Tree | undefined = root;
  for (const name of path) {
    if (tree === undefined || isLeaf(tree)) return undefined;
    tree = Object.entries(tree).find(([key]) => key.split(LISTED)[0] === name)?.[1];
  }
  if (tree === undefined || isLeaf(tree)) return tree;
  const list = Object.entries(tree).filter(([, value]) => value !== undefined);
  return list.map(([key, value]) => {
    const [name, line] = key.split(LISTED);
    return line ?? (isLeaf(value!) ? name : `${name}/`);
  }).join("\n");
}

function isLeaf(tree: Tree): tree is string | Bytes {
  return typeof tree === "string" || tree instanceof Uint8Array;
}
