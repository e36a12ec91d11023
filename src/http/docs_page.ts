/** @module The OpenAPI document as a page that needs nothing but itself. */

import { createHash } from "node:crypto";
import style from "./docs.css" with { type: "text" };
import { fieldsHtml, noteHtml, proseHtml, schemaAnchor, typeHtml } from "./docs_schema.ts";
import type { JsonObject, OpenApiDocument, Operation, Parameter } from "./openapi_types.ts";
import { escapeHtml } from "./respond.ts";

/** The page's `Content-Security-Policy`: nothing runs, nothing is loaded, and one style, named by its hash, is taken. */
export const DOCS_CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash("sha256").update(style).digest("base64")}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** An operation and where it stands. */
interface Place {
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
  readonly anchor: string;
}

/** The whole page. */
export function docsPage(document: OpenApiDocument): string {
  const { title, version, description } = document.info;
  const places = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): Place => {
      const anchor = `${method}${path.replace(/[^a-zA-Z_.-]+/g, "-")}`;
      return { method: method.toUpperCase(), path, operation, anchor };
    })
  );
  const schemas = Object.entries(document.components.schemas as Record<string, JsonObject>);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)} ${escapeHtml(version)}: the API</title>
<style>${style}</style>
</head>
<body>
<nav aria-label="Routes">${navigation(places, schemas.map(([name]) => name))}</nav>
<main>
<h1>${escapeHtml(title)} <small>${escapeHtml(version)}</small></h1>
<p>${proseHtml(description)}</p>
<p>Every request but those marked <em>open</em> carries <code>Authorization: Token &lt;token&gt;</code>.
An error is an <a href="#${schemaAnchor("Error")}">Error</a>.
For programs: <a href="/openapi.json">openapi.json</a>. For people: <a href="/">the page</a>.</p>
${places.map(operationHtml).join("\n")}
<h2 id="schemas">Schemas</h2>
${schemas.map(([name, schema]) => schemaHtml(name, schema)).join("\n")}
</main>
</body>
</html>
`;
}

function navigation(places: readonly Place[], schemas: readonly string[]): string {
  const groups = [...Map.groupBy(places, ({ operation }) => operation.tags[0]!)];
  const lists = groups.map(([tag, members]) => {
    const links = members.map(({ method, path, anchor }) => {
      const label = `<b class="${method}">${method}</b> ${escapeHtml(path)}`;
      return `<li><a href="#${anchor}">${label}</a></li>`;
    });
    return `<h2>${escapeHtml(tag)}</h2><ul>${links.join("")}</ul>`;
  });
  const named = schemas.map((name) => `<li><a href="#${schemaAnchor(name)}">${name}</a></li>`);
  return `${lists.join("")}<h2>schemas</h2><ul>${named.join("")}</ul>`;
}

function operationHtml({ method, path, operation, anchor }: Place): string {
  const { summary, description, parameters = [], requestBody, responses, security } = operation;
  const open = security?.length === 0 ? " <em>open</em>" : "";
  return `<section id="${anchor}">
<h2><b class="${method}">${method}</b> <code>${escapeHtml(path)}</code>${open}</h2>
<p>${proseHtml(summary)}.</p>
${description === undefined ? "" : `<p>${proseHtml(description)}</p>`}
${parameters.length === 0 ? "" : `<table>${parameters.map(parameterHtml).join("")}</table>`}
${requestBody === undefined ? "" : `<h3>Body</h3>${contentHtml(requestBody)}`}
<h3>Answers</h3>
<table class="answers">${Object.entries(responses).map(responseHtml).join("")}</table>
</section>`;
}

function parameterHtml({ name, in: place, required, description, schema }: Parameter): string {
  const kind = `${place}${required === true ? ", required" : ""}`;
  // What it is repeated for is said in its description.
  const type = typeHtml(schema.type === "array" ? schema.items as JsonObject : schema);
  const preset = noteHtml({ ...schema, description: "" });
  return `<tr><th><code>${escapeHtml(name)}</code> <small>${kind}</small></th>` +
    `<td>${type}${preset}<p>${proseHtml(description)}</p></td></tr>`;
}

function responseHtml([status, response]: [string, JsonObject]): string {
  const content = Number(status) < 400 ? contentHtml(response) : "";
  return `<tr><th><code class="s${status[0]}">${status}</code></th>` +
    `<td>${proseHtml(String(response.description))}${content}</td></tr>`;
}

/** The media types of a body, with its fields where they have no name to look up. */
function contentHtml({ content }: JsonObject): string {
  const types = Object.entries((content ?? {}) as Record<string, { schema: JsonObject }>);
  return types.map(([type, { schema }]) => {
    // Text of a format that is no JSON: the type says more than "string".
    const shape = schema.type === "string" || Object.keys(schema).length === 0
      ? ""
      : `: ${typeHtml(schema)}${fieldsHtml(schema)}`;
    return `<div class="content"><small>${escapeHtml(type)}</small>${shape}</div>`;
  }).join("");
}

function schemaHtml(name: string, schema: JsonObject): string {
  const fields = fieldsHtml(schema);
  return `<section id="${schemaAnchor(name)}">
<h3>${name}</h3>${noteHtml(schema)}
${fields === "" ? `<p>${typeHtml(schema)}</p>` : fields}
</section>`;
}
