import { deepEqual, match } from "node:assert/strict";
import plugin from "./lint_imports.ts";

const ROOT = decodeURIComponent(new URL("..", import.meta.url).pathname);

function messages(path: string, source: string): string[] {
  return Deno.lint.runPlugin(plugin, ROOT + path, source).map((found) => found.message);
}

Deno.test("import-direction accepts what points down through a public face", () => {
  deepEqual(messages("main.ts", `import { runCli } from "./src/cli/mod.ts";`), []);
  deepEqual(messages("src/http/app.ts", `import { a } from "../query/mod.ts";`), []);
  deepEqual(messages("src/codec/a.ts", `import { a } from "../record.ts";`), []);
  deepEqual(messages("src/codec/a.ts", `import { a } from "./_bytes.ts";`), []);
  deepEqual(messages("src/codec/a.ts", `import { deepEqual } from "node:assert/strict";`), []);
  deepEqual(messages("src/record.ts", `export { a } from "./record/batch.ts";`), []);
  deepEqual(messages("src/cli/simulate.ts", `import { s } from "../../simulator/mod.ts";`), []);
  deepEqual(messages("src/cli/a.ts", `import m from "../../deno.json" with { type: "json" };`), []);
  deepEqual(messages("tests/crash.ts", `import { a } from "../src/storage/journal.ts";`), []);
});

Deno.test("import-direction refuses what points up or sideways", () => {
  match(messages("src/codec/a.ts", `import { a } from "../storage/mod.ts";`)[0] ?? "", /codec may/);
  match(messages("src/auth/a.ts", `import { a } from "../query/mod.ts";`)[0] ?? "", /auth may not/);
  match(messages("src/ui/a.ts", `import { a } from "../record.ts";`)[0] ?? "", /nothing of/);
  match(messages("simulator/a.ts", `import { a } from "../src/query/mod.ts";`)[0] ?? "", /record$/);
  match(
    messages("src/cli/query.ts", `import { s } from "../../simulator/mod.ts";`)[0] ?? "",
    /cli may not import simulator/,
  );
});

Deno.test("import-direction refuses a way around a public face", () => {
  match(messages("src/http/a.ts", `import { a } from "../query/page.ts";`)[0] ?? "", /query\/mod/);
  match(
    messages("src/codec/a.ts", `import { a } from "../record/time.ts";`)[0] ?? "",
    /record\.ts/,
  );
});

Deno.test("import-direction keeps a private file in its directory, from tests too", () => {
  match(messages("tests/a.ts", `import { a } from "../src/codec/_b.ts";`)[0] ?? "", /private/);
  match(messages("src/cli/a.ts", `import { a } from "./import/_b.ts";`)[0] ?? "", /private/);
  deepEqual(messages("tests/crash/a.ts", `import { a } from "../api/_b.ts";`), []);
  deepEqual(messages("src/cli/import/a.ts", `import { a } from "../_b.ts";`), []);
});

Deno.test("import-direction sees every form of import", () => {
  const forms = [
    `import type { A } from "../http/mod.ts";`,
    `export { a } from "../http/mod.ts";`,
    `export * from "../http/mod.ts";`,
    `const a = await import("../http/mod.ts");`,
    `type A = import("../http/mod.ts").A;`,
    `new Worker(new URL("../http/mod.ts", import.meta.url), { type: "module" });`,
  ];
  for (const form of forms) deepEqual(messages("src/codec/a.ts", form).length, 1, form);
});

Deno.test("database-behind-storage lets only storage open the database", () => {
  const source = `const kv = await Deno.openKv("x");`;
  deepEqual(messages("src/storage/a.ts", source), []);
  deepEqual(messages("src/auth/a_test.ts", source), []);
  deepEqual(messages("src/http/a.ts", source).length, 1);
});
