import type { OpenApiDocument, Operation, Parameter } from "./openapi_types.ts";
import { page } from "./page.ts";
import { escapeHtml } from "./respond.ts";

/** The OpenAPI document as a page that needs nothing but itself. */
export function docsPage(document: OpenApiDocument): string {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => operationHtml(method, path, operation))
  );
  return page(
    `${document.info.title} ${document.info.version}: the API`,
    `<h1>${escapeHtml(document.info.title)} <small>${escapeHtml(document.info.version)}</small></h1>
<p>${escapeHtml(document.info.description)}</p>
<p>Every request but those marked <em>open</em> carries <code>Authorization: Token &lt;token&gt;</code>.
For programs: <a href="/openapi.json">openapi.json</a>.</p>
${operations.join("\n")}
<h2>Schemas</h2>
<pre>${escapeHtml(JSON.stringify(document.components.schemas, null, 2))}</pre>`,
  );
}

function operationHtml(method: string, path: string, operation: Operation): string {
  const open = operation.security?.length === 0 ? " <em>open</em>" : "";
  const description = operation.description === undefined
    ? ""
    : `<p>${escapeHtml(operation.description)}</p>`;
  const parameters = (operation.parameters ?? []).map(parameterHtml).join("");
  const answers = Object.entries(operation.responses).map(([status, response]) =>
    `<tr><td><code>${status}</code></td><td>${escapeHtml(String(response.description))}</td></tr>`
  ).join("");
  return `<section>
<h2><code>${method.toUpperCase()} ${escapeHtml(path)}</code>${open}</h2>
<p>${escapeHtml(operation.summary)}.</p>${description}
${parameters === "" ? "" : `<table>${parameters}</table>`}
<table>${answers}</table>
</section>`;
}

function parameterHtml({ name, in: place, required, description }: Parameter): string {
  const kind = `${place}${required === true ? ", required" : ""}`;
  return `<tr><td><code>${escapeHtml(name)}</code> <small>${kind}</small></td>` +
    `<td>${escapeHtml(description)}</td></tr>`;
}
