import assert from "node:assert/strict";
import { docsPage } from "./docs_page.ts";
import { typeHtml } from "./docs_schema.ts";
import type { JsonObject } from "./openapi_types.ts";
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

Deno.test("every link within the documentation leads somewhere, and every field has its place", () => {
  const document = openApiDocument("1.2.3");
  const html = docsPage(document);
  const anchors = [...html.matchAll(/ id="([^"]+)"/g)].map((match) => match[1]!);
  assert.equal(new Set(anchors).size, anchors.length);
  const links = [...html.matchAll(/ href="#([^"]+)"/g)].map((match) => match[1]!);
  assert.ok(links.length > 40);
  for (const link of links) assert.ok(anchors.includes(link), link);
  for (const methods of Object.values(document.paths)) {
    for (const { parameters = [] } of Object.values(methods)) {
      for (const { name } of parameters) assert.ok(html.includes(`<code>${name}</code>`), name);
    }
  }
  for (const [name, schema] of Object.entries(document.components.schemas as object)) {
    const section = html.split(`id="schema-${name}"`)[1]!;
    for (const field of Object.keys(schema.properties ?? {})) {
      assert.ok(section.includes(`<code>${field}</code>`), `${name}.${field}`);
    }
  }
});

Deno.test("a schema's type is said in few words", () => {
  const cases: [JsonObject, string][] = [
    [{ type: "string", format: "date-time" }, "string (date-time)"],
    [{ type: "integer", minimum: 1, maximum: 9 }, "integer 1 to 9"],
    [{ type: "integer", minimum: 0 }, "integer from 0"],
    [{ type: "integer", maximum: 5 }, "integer up to 5"],
    [
      { type: "array", items: { $ref: "#/components/schemas/A" } },
      'array of <a href="#schema-A">A</a>',
    ],
    [{ anyOf: [{ type: "string" }, { type: "null" }] }, "string or null"],
    [{ enum: ["<a>", 1] }, "<code>&#34;&#60;a&#62;&#34;</code> or <code>1</code>"],
    [{ type: "object", additionalProperties: { type: "integer" } }, "object of integer"],
    [{ type: "object", additionalProperties: {} }, "object"],
    [{}, "anything"],
  ];
  for (const [schema, text] of cases) assert.equal(typeHtml(schema), text);
});
