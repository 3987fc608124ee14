/** One import of a module. */
export interface Import {
  /** Path from the root of the project, or the package's name for what is not ours. */
  readonly to: string;
  /** Erased by the compiler: nothing of it is there when the program runs. */
  readonly typeOnly: boolean;
}

/** What a source file imports, exports and ends. */
export interface Module {
  /** Path from the root of the project. */
  readonly path: string;
  readonly imports: readonly Import[];
  /** Names of exported declarations. */
  readonly exports: readonly string[];
  /** Whether it ends the process. */
  readonly exits: boolean;
}

/** What each part of the program may import besides itself; other folders of lib/ are domains. */
export const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  "main.ts": ["commands", "lib/base"],
  "mod.ts": ["lib/*"],
  "commands": ["lib/*"],
  "deploy": ["commands", "lib/*"],
  "lib/power_up": ["lib/capacity", "lib/cluster", "lib/identity", "lib/aws", "lib/slurm", "lib/base"],
  "lib/controller": [
    "lib/capacity",
    "lib/power_up",
    "lib/cluster",
    "lib/identity",
    "lib/aws",
    "lib/slurm",
    "lib/base",
  ],
  "lib/controller_run": [
    "lib/controller",
    "lib/capacity",
    "lib/store",
    "lib/cluster",
    "lib/identity",
    "lib/aws",
    "lib/slurm",
    "lib/base",
  ],
  "lib/status": [
    "lib/controller",
    "lib/capacity",
    "lib/cluster",
    "lib/identity",
    "lib/aws",
    "lib/slurm",
    "lib/base",
  ],
  "lib/see": [
    "lib/store",
    "lib/controller",
    "lib/capacity",
    "lib/cluster",
    "lib/identity",
    "lib/aws",
    "lib/slurm",
    "lib/base",
  ],
  "lib/store": ["lib/controller", "lib/capacity", "lib/cluster", "lib/aws", "lib/slurm", "lib/base"],
  "lib/preflight": ["lib/cluster", "lib/identity", "lib/aws", "lib/slurm", "lib/base"],
  "lib/aws": ["lib/base"],
  "lib/slurm": ["lib/base"],
  "lib/base": ["deno.json"],
  "lib/sim": ["lib/aws", "lib/base"],
  "lib/std": [],
};
const DOMAIN_MAY_IMPORT = ["lib/identity", "lib/aws", "lib/slurm", "lib/base"];

/** Files whose types everybody may import: what the user configured, and what is noted of it. */
const TYPES_FOR_ALL = ["lib/config/model.ts", "lib/events/event.ts"];

/** Packages that only some files may import. */
const PACKAGES: readonly (readonly [name: RegExp, users: RegExp])[] = [
  [/^@(?:aws-sdk|smithy)\//, /^lib\/aws\/\w+_client\.ts$/],
  [/^@std\/log$/, /^lib\/base\/file_log\.ts$/],
  [/^@std\/cli\b/, /^commands\/base\/command\.ts$/],
  [/^@std\/assert$|^fast-check$/, /$^/],
];

/** Files with effects: only commands choose between them and their stand-ins. */
const ADAPTER = /_(?:client|process)\.ts$/;

/** Words of the other side, kept out of the names that a folder exports. */
const FOREIGN_WORDS: Readonly<Record<string, RegExp>> = {
  "lib/aws": /slurm|scontrol|hostlist/i,
  "lib/slurm": /aws|ec2|ssm/i,
};

/** Every break of the layer rule, one line each; none for modules that keep it. Tests may do as they like. */
export function checkLayers(modules: readonly Module[]): string[] {
  const program = modules.filter(({ path }) => !path.startsWith("tests/"));
  return [...program.flatMap(checkModule), ...findCycles(program)];
}

function checkModule(module: Module): string[] {
  const { path, imports, exports, exits } = module;
  const problems = imports.flatMap((item) => checkImport(path, item)).map((why) => `${path} ${why}`);
  if (exits && path !== "main.ts") problems.push(`${path} ends the process: only main.ts may`);
  const foreign = FOREIGN_WORDS[area(path)];
  for (const name of exports) {
    if (foreign?.test(name)) problems.push(`${path} exports ${name}: a word of another layer`);
  }
  return problems;
}

function checkImport(from: string, { to, typeOnly }: Import): string[] {
  const users = PACKAGES.find(([name]) => name.test(to))?.[1];
  if (users) return from.startsWith("lib/std/") || users.test(from) ? [] : [`may not import ${to}`];
  if (!isOurs(to)) return [];
  const [source, target] = [area(from), area(to)];
  if (source === target || (typeOnly && TYPES_FOR_ALL.includes(to))) return [];
  // Scripts, units and templates are data: install carries them in every build.
  if (source === "commands" && target === "deploy" && !to.endsWith(".ts")) return [];
  const allowed = MAY_IMPORT[source] ?? DOMAIN_MAY_IMPORT;
  if (!allowed.includes(target) && !(allowed.includes("lib/*") && target.startsWith("lib/"))) {
    return [`may not import ${to}${typeOnly ? ", not even types" : ""}`];
  }
  return ADAPTER.test(to) && source !== "commands" && !typeOnly ? [`may not import the adapter ${to}`] : [];
}

function isOurs(specifier: string): boolean {
  return /^(?:lib|commands|deploy|tests)\/|^(?:main|mod)\.ts$|^deno\.json$/.test(specifier);
}

/** `lib/power_up` of `lib/power_up/run.ts`, `commands`, `main.ts`. */
function area(path: string): string {
  const [top = "", second = ""] = path.split("/");
  return top === "lib" ? `lib/${second}` : top;
}

/** Cycles of imports, of types and lazy ones too, one for each module they begin with. */
function findCycles(modules: readonly Module[]): string[] {
  const targets = new Map(modules.map(({ path, imports }) => [
    path,
    imports.map(({ to }) => to),
  ]));
  const cycles: string[] = [];
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]) => {
    if (trail.includes(path)) {
      cycles.push(`Import cycle: ${[...trail.slice(trail.indexOf(path)), path].join(" → ")}`);
    } else if (!done.has(path)) {
      for (const to of targets.get(path) ?? []) visit(to, [...trail, path]);
      done.add(path);
    }
  };
  for (const path of targets.keys()) visit(path, []);
  return cycles;
}

/** Reads a source file by Deno's own parser, so that comments and strings count for nothing. */
export function readModule(path: string, source: string): Module {
  const imports: Import[] = [];
  const exports: string[] = [];
  let exits = false;
  const add = (specifier: unknown, typeOnly: boolean) => {
    if (typeof specifier === "string") imports.push({ to: resolve(path, specifier), typeOnly });
  };
  const visitor: Deno.lint.LintVisitor = {
    ImportDeclaration({ source, importKind, specifiers }) {
      const onlyTypes = specifiers.length > 0 &&
        specifiers.every((item) => item.type === "ImportSpecifier" && item.importKind === "type");
      add(source.value, importKind === "type" || onlyTypes);
    },
    ExportAllDeclaration: ({ source, exportKind }) => add(source.value, exportKind === "type"),
    ExportNamedDeclaration({ source, exportKind, specifiers, declaration }) {
      const onlyTypes = specifiers.length > 0 && specifiers.every((item) => item.exportKind === "type");
      if (source) add(source.value, exportKind === "type" || onlyTypes);
      exports.push(...declaredNames(declaration));
    },
    ImportExpression: ({ source }) => add(source.type === "Literal" ? source.value : undefined, false),
    TSImportType: ({ argument }) => add((argument as { literal?: { value?: unknown } }).literal?.value, true),
    MemberExpression({ object, property }) {
      const name = property.type === "Identifier"
        ? property.name
        : property.type === "Literal"
        ? property.value
        : "";
      exits ||= object.type === "Identifier" && ["Deno", "process"].includes(object.name) && name === "exit";
    },
  };
  Deno.lint.runPlugin({ name: "layers", rules: { read: { create: () => visitor } } }, path, source);
  return { path, imports, exports, exits };
}

function declaredNames(declaration: Deno.lint.ExportNamedDeclaration["declaration"]): string[] {
  if (!declaration) return [];
  if (declaration.type === "VariableDeclaration") {
    return declaration.declarations.flatMap(({ id }) => id.type === "Identifier" ? [id.name] : []);
  }
  return "id" in declaration && declaration.id?.type === "Identifier" ? [declaration.id.name] : [];
}

function resolve(from: string, specifier: string): string {
  return specifier.startsWith(".") ? new URL(specifier, `file:///${from}`).pathname.slice(1) : specifier;
}
