/**
 * @module The architecture as lint rules: which folder may import which, and through which file.
 *
 * Imports point one way: `cli` → `http`, `sockets` → `ingest`, `auth`, `logql` → `query` → `storage` → `codec` → `record`. Other
 * peers do not know each other. From outside, a folder is its `mod.ts` (`src/record.ts` for `record`); a file whose name begins with `_`
 * belongs to its own directory. Tests under `tests/` and benchmarks may look anywhere.
 */

const ENGINE = ["record", "codec", "storage"];
const MIDDLE = ["ingest", "auth", "query", "logql"];

/** What each part of the tree may import besides itself. A part that is not listed may import everything. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  "record": [],
  "codec": ["record"],
  "storage": ["record", "codec"],
  "ingest": ENGINE,
  "auth": ENGINE,
  "query": ENGINE,
  "logql": [...ENGINE, "query"],
  "http": [...ENGINE, ...MIDDLE, "ui"],
  "sockets": [...ENGINE, "ingest"],
  "cli": [...ENGINE, ...MIDDLE, "http", "sockets"],
  "ui": [],
  "simulator": ["record"],
  "tools": [],
  "main": ["cli"],
};

/** The two commands that start the simulator, which is otherwise a stranger like any client. */
const SIMULATOR_STARTERS = new Set(["src/cli/simulate.ts", "src/cli/demo.ts"]);

/** Where a file stands: the part of the tree it belongs to, and its path from the project's root. */
interface Place {
  readonly part: string;
  readonly path: string;
}

/** The project's root, with a slash at its end: this file stands one folder below it. */
const ROOT = decodeURIComponent(new URL("../", import.meta.url).pathname);

function placeOf(absolutePath: string): Place | undefined {
  const normal = absolutePath.replaceAll("\\", "/");
  if (!normal.startsWith(ROOT)) return undefined;
  const path = normal.slice(ROOT.length);
  if (path === "main.ts") return { part: "main", path };
  const [top = "", second] = path.split("/");
  // Files of the root, such as deno.json for the version, belong to everyone.
  if (second === undefined) return undefined;
  return { part: top === "src" ? second.replace(/\.ts$/, "") : top, path };
}

/** The path that a relative specifier means; `undefined` for packages and for directories (in `new URL`). */
function resolve(importer: string, specifier: string): string | undefined {
  if (!specifier.startsWith(".") || /(^|\/)\.*$/.test(specifier)) return undefined;
  return decodeURIComponent(
    new URL(specifier, `file://${encodeURI(importer.replaceAll("\\", "/"))}`).pathname,
  );
}

function directoryOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/") + 1);
}

function publicFaceOf(part: string): string {
  if (part === "record") return "src/record.ts";
  return part === "simulator" ? "simulator/mod.ts" : `src/${part}/mod.ts`;
}

/** Why `importer` may not import `specifier`, as a sentence; `undefined` if it may. */
function objection(importer: string, specifier: string): string | undefined {
  const target = resolve(importer, specifier);
  if (target === undefined) return undefined;
  const from = placeOf(importer);
  const to = placeOf(target);
  if (from === undefined || to === undefined) return undefined;
  const name = to.path.slice(to.path.lastIndexOf("/") + 1);
  // Under tests/ the underscore tells what is shared from what is run.
  const shared = from.part === "tests" && to.part === "tests";
  if (!shared && name.startsWith("_") && !from.path.startsWith(directoryOf(to.path))) {
    return `${to.path} is private to ${directoryOf(to.path)}`;
  }
  if (from.part === to.part) return undefined;
  if (from.part === "tests" || from.part === "bench") return undefined;
  const isTest = from.path.endsWith("_test.ts");
  // Tests start the real program, and share what stands under tests/.
  if (isTest && (to.part === "tests" || to.part === "main")) return undefined;
  const starts = to.part === "simulator" && SIMULATOR_STARTERS.has(from.path);
  const allowed = ALLOWED[from.part];
  if (allowed !== undefined && !allowed.includes(to.part) && !starts) {
    const known = allowed.length === 0 ? "nothing of the project" : allowed.join(", ");
    return `${from.part} may not import ${to.part}; it may import ${known}`;
  }
  if (to.path !== publicFaceOf(to.part) && to.part !== "main") {
    return `${to.path} is internal to ${to.part}; import ${publicFaceOf(to.part)}`;
  }
  return undefined;
}

function textOf(node: { type: string; value?: unknown } | null | undefined): string | undefined {
  return node?.type === "Literal" && typeof node.value === "string" ? node.value : undefined;
}

/** Checks every form of import: static, re-export, dynamic, type, and `new URL(…, import.meta.url)` of a Worker. */
const direction: Deno.lint.Rule = {
  create(context) {
    const check = (node: Deno.lint.Node, source: Parameters<typeof textOf>[0]): void => {
      const specifier = textOf(source);
      if (specifier === undefined) return;
      const message = objection(context.filename, specifier);
      if (message !== undefined) context.report({ node, message });
    };
    return {
      ImportDeclaration: (node) => check(node, node.source),
      ExportNamedDeclaration: (node) => check(node, node.source),
      ExportAllDeclaration: (node) => check(node, node.source),
      ImportExpression: (node) => check(node, node.source),
      TSImportType: (node) =>
        check(node, node.argument.type === "TSLiteralType" ? node.argument.literal : undefined),
      "NewExpression[callee.name='URL']"(node: Deno.lint.NewExpression) {
        const [first, second] = node.arguments;
        if (second?.type === "MemberExpression" && second.object.type === "MetaProperty") {
          check(node, first);
        }
      },
    };
  },
};

/** Keeps the database behind the one small interface of `storage`, so that a test can put any fault in its place. */
const database: Deno.lint.Rule = {
  create(context) {
    const place = placeOf(context.filename);
    const free = place === undefined || place.part === "storage" || place.part === "tests" ||
      place.part === "bench" || place.path.endsWith("_test.ts");
    if (free) return {};
    return {
      "MemberExpression[object.name='Deno'][property.name='openKv']"(
        node: Deno.lint.MemberExpression,
      ) {
        context.report({ node, message: "Only storage opens the database; use openStore()" });
      },
    };
  },
};

/** The project's own lint rules, loaded by `lint.plugins` in deno.json. */
const plugin: Deno.lint.Plugin = {
  name: "sentinel",
  rules: { "import-direction": direction, "database-behind-storage": database },
};

export default plugin;
