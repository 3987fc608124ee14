/** An export of a module. */
export interface Export {
  readonly name: string;
  /** Interfaces and type aliases; everything else is there when the program runs. */
  readonly isType: boolean;
}

/** What a source file exports, and which exports of others it reads. */
export interface Reading {
  /** Path from the root of the project. */
  readonly path: string;
  readonly text: string;
  readonly exports: readonly Export[];
  /** `path#name` of what it imports; `path#*`: all that there is. */
  readonly reads: ReadonlySet<string>;
}

/**
 * Exports that nobody in the program reads, as `path#name`. A value needs a reader in another file, a test's file
 * counting where its own uses it too; a type is read where its own file uses it, since it is part of what is exported.
 */
export function unreadExports(readings: readonly Reading[]): string[] {
  const isTest = ({ path }: Reading) => path.startsWith("tests/");
  const program = readings.filter((reading) => !isTest(reading));
  const [read, tested] = [namesRead(program), namesRead(readings.filter(isTest))];
  return program.flatMap(({ path, text, exports }) =>
    exports.filter(({ name, isType }) => {
      const key = `${path}#${name}`;
      if (read.has(key) || read.has(`${path}#*`)) return false;
      const isUsed = text.split(new RegExp(`(?<![\\w$])${name.replaceAll("$", "\\$")}(?![\\w$])`)).length > 2;
      return !(isUsed && (isType || tested.has(key)));
    }).map(({ name }) => `${path}#${name}`)
  );
}

function namesRead(readings: readonly Reading[]): ReadonlySet<string> {
  return new Set(readings.flatMap(({ reads }) => [...reads]));
}

/** Reads a source file by Deno's own parser, so that comments and strings count for nothing. */
export function readExports(path: string, text: string): Reading {
  const exports: Export[] = [];
  const reads = new Set<string>();
  const add = (specifier: unknown, names: Iterable<string>) => {
    if (typeof specifier !== "string" || !specifier.startsWith(".")) return;
    const to = new URL(specifier, `file:///${path}`).pathname.slice(1);
    for (const name of names) reads.add(`${to}#${name}`);
  };
  // What is taken from a module that is imported whole or lazily is known by the words of the file.
  const words = () => new Set(text.match(/[A-Za-z_$][\w$]*/g));
  const visitor: Deno.lint.LintVisitor = {
    ImportDeclaration({ source, specifiers }) {
      const isWhole = specifiers.some(({ type }) => type === "ImportNamespaceSpecifier");
      add(
        source.value,
        isWhole
          ? words()
          : specifiers.flatMap((item) =>
            item.type === "ImportSpecifier"
              ? [nameOf(item.imported)]
              : item.type === "ImportDefaultSpecifier"
              ? ["default"]
              : []
          ),
      );
    },
    ExportAllDeclaration: ({ source }) => add(source.value, ["*"]),
    ExportNamedDeclaration({ source, specifiers, declaration }) {
      if (source) add(source.value, specifiers.map(({ local }) => nameOf(local)));
      else exports.push(...specifiers.map(({ exported }) => ({ name: nameOf(exported), isType: false })));
      exports.push(...declared(declaration));
    },
    ImportExpression: ({ source }) => add(source.type === "Literal" ? source.value : undefined, words()),
    TSImportType: ({ argument }) =>
      add((argument as { literal?: { value?: unknown } }).literal?.value, words()),
  };
  Deno.lint.runPlugin({ name: "exports", rules: { read: { create: () => visitor } } }, path, text);
  return { path, text, exports, reads };
}

function nameOf(node: object): string {
  const { name, value } = node as { readonly name?: string; readonly value?: unknown };
  return name ?? String(value);
}

function declared(declaration: Deno.lint.ExportNamedDeclaration["declaration"]): Export[] {
  if (!declaration) return [];
  if (declaration.type === "VariableDeclaration") {
    return declaration.declarations.flatMap(({ id }) =>
      id.type === "Identifier" ? [{ name: id.name, isType: false }] : []
    );
  }
  const isType = declaration.type === "TSInterfaceDeclaration" ||
    declaration.type === "TSTypeAliasDeclaration";
  return "id" in declaration && declaration.id?.type === "Identifier"
    ? [{ name: declaration.id.name, isType }]
    : [];
}
