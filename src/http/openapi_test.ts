import assert from "node:assert/strict";
import { docsPage } from "./docs_page.ts";
import { openApiDocument } from "./openapi.ts";
import { operations } from "./openapi_operations.ts";
import { routesOf } from "./app.ts";
import type { HttpContext } from "./route.ts";

Deno.test("the OpenAPI document has exactly the routes that there are, as open as they are", () => {
  const routes = routesOf({ version: "1" } as HttpContext);
  const named = routes.map((route) => [`${route.method} ${route.path}`, route.access === "public"]);
  const described = Object.entries(operations)
    .map(([name, operation]) => [name, operation.security?.length === 0]);
  assert.deepEqual(described.sort(), named.sort());
});

Deno.test("every reference in the OpenAPI document leads somewhere", () => {
  const document = openApiDocument("1.2.3");
  const text = JSON.stringify(document);
  const schemas = document.components.schemas as Record<string, unknown>;
  const references = [...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map((match) =>
    match[1]!
  );
  assert.ok(references.length > 10);
  for (const reference of references) assert.ok(reference in schemas, reference);
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const operation of Object.values(methods)) {
      const inPath = (operation.parameters ?? []).filter((parameter) => parameter.in === "path");
      const names = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
      assert.deepEqual(inPath.map((parameter) => parameter.name), names, path);
    }
  }
});

Deno.test("the documentation names every operation and loads nothing from anywhere", () => {
  const document = openApiDocument("1.2.3");
  const html = docsPage(document);
  for (const path of Object.keys(document.paths)) assert.ok(html.includes(`${path}</code>`), path);
  assert.ok(!/(src|href)="(https?:)?\/\//.test(html));
  assert.ok(!html.includes("<token>"));
});
