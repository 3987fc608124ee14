import { getLibFiles, ts } from "@ts-morph/common";
import { ConfigFile } from "../../../lib/config/schema.ts";
import { type Shape, unwrap } from "../../../lib/config/shape.ts";

/**
 * Every leaf key of slurm-ec2.yaml, `[]` for each item of a list. `defaults` has no keys of its own: they are merged
 * into the node groups.
 */
export function leafKeys(): string[] {
  return leavesOf(ConfigFile as unknown as Shape, "").filter((key) => !key.startsWith("defaults."));
}

function leavesOf(shape: Shape, path: string): string[] {
  const inner = unwrap(shape);
  const item = inner.item && unwrap(inner.item);
  const [entries, prefix] = inner.entries
    ? [inner.entries, path]
    : item?.entries
    ? [item.entries, `${path}[]`]
    : [undefined, path];
  if (entries === undefined) return [path];
  return Object.entries(entries).flatMap(([key, value]) =>
    leavesOf(value, prefix === "" ? key : `${prefix}.${key}`)
  );
}

/**
 * The files that read each key of the resolved configuration, found by the TypeScript compiler: an access to that very
 * property of `lib/config/model.ts`, not to one of the same name.
 * @param keys As {@link leafKeys} gives them.
 * @param files Paths from the root of the project.
 * @throws {Error} when the model has no such property.
 */
export function readersOf(
  root: string,
  keys: readonly string[],
  files: readonly string[],
): Map<string, string[]> {
  const model = `${root}lib/config/model.ts`;
  const options: ts.CompilerOptions = {
    allowImportingTsExtensions: true,
    resolveJsonModule: true,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    target: ts.ScriptTarget.ESNext,
    noEmit: true,
    strict: true,
    types: [],
  };
  const program = ts.createProgram([model, ...files.map((file) => root + file)], options, host(options));
  const checker = program.getTypeChecker();
  const config = typeNamed(program, checker, model, "Config");
  const declared = new Map(keys.map((key) => [key, propertyAt(checker, config, key)]));
  const keysOf = Map.groupBy(
    [...declared].flatMap(([key, { declarations = [] }]) =>
      declarations.map((declaration) => ({ declaration: declaration as ts.Node, key }))
    ),
    ({ declaration }) => declaration,
  );
  const readers = new Map(keys.map((key) => [key, [] as string[]]));
  for (const file of files) {
    const note = (symbol: ts.Symbol | undefined) => {
      for (const declaration of symbol?.declarations ?? []) {
        for (const { key } of keysOf.get(declaration) ?? []) {
          const found = readers.get(key)!;
          if (found.at(-1) !== file) found.push(file);
        }
      }
    };
    const visit = (node: ts.Node): void => {
      if (ts.isPropertyAccessExpression(node)) note(checker.getSymbolAtLocation(node.name));
      if (ts.isBindingElement(node) && ts.isObjectBindingPattern(node.parent) && !node.dotDotDotToken) {
        const name = node.propertyName ?? node.name;
        if (ts.isIdentifier(name)) note(checker.getTypeAtLocation(node.parent).getProperty(name.text));
      }
      ts.forEachChild(node, visit);
    };
    visit(program.getSourceFile(root + file)!);
  }
  return readers;
}

/** A host that finds the compiler's own types (`Partial`, `ReadonlyArray` …) in its package's data. */
function host(options: ts.CompilerOptions): ts.CompilerHost {
  const libs = new Map(getLibFiles().map(({ fileName, text }) => [`/lib/${fileName}`, text]));
  const disk = ts.createCompilerHost(options);
  return {
    ...disk,
    getDefaultLibLocation: () => "/lib",
    getDefaultLibFileName: (given) => `/lib/${ts.getDefaultLibFileName(given)}`,
    fileExists: (file) => libs.has(file) || disk.fileExists(file),
    readFile: (file) => libs.get(file) ?? disk.readFile(file),
    getSourceFile(file, target) {
      const text = libs.get(file) ?? disk.readFile(file);
      return text === undefined ? undefined : ts.createSourceFile(file, text, target, true);
    },
  };
}

function typeNamed(program: ts.Program, checker: ts.TypeChecker, file: string, name: string): ts.Type {
  const module = checker.getSymbolAtLocation(program.getSourceFile(file)!)!;
  const symbol = checker.getExportsOfModule(module).find((one) => one.name === name)!;
  return checker.getDeclaredTypeOfSymbol(symbol);
}

function propertyAt(checker: ts.TypeChecker, config: ts.Type, key: string): ts.Symbol {
  let type = config;
  let symbol: ts.Symbol | undefined;
  for (const step of key.split(".")) {
    const name = step.replace("[]", "");
    const property = checker.getPropertyOfType(type, name);
    if (!property) throw new Error(`lib/config/model.ts has no ${name} for the key ${key}`);
    // A Record's properties are declared nowhere: who reads the record reads them.
    symbol = property.declarations ? property : symbol;
    const value = checker.getNonNullableType(checker.getTypeOfSymbol(property));
    type = step.endsWith("[]") ? checker.getIndexTypeOfType(value, ts.IndexKind.Number)! : value;
  }
  return symbol!;
}
