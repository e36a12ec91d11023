/** @module JSON Schemas as people read them, in HTML. */

import type { JsonObject } from "./openapi_types.ts";
import { escapeHtml } from "./respond.ts";

const REFERENCE = "#/components/schemas/";

/** Where a named schema stands on the page. */
export function schemaAnchor(name: string): string {
  return `schema-${name}`;
}

/** A sentence, with what stands between backticks as code. */
export function proseHtml(text: string): string {
  return escapeHtml(text).replace(/`([^`]+)`/g, "<code>$1</code>");
}

/** A schema's type in few words: `string`, `integer 1 to 10000`, `"asc" or "desc"`, `array of Record`. */
export function typeHtml(schema: JsonObject): string {
  const { $ref, anyOf, oneOf, type, items } = schema;
  if (typeof $ref === "string" && $ref.startsWith(REFERENCE)) {
    const name = escapeHtml($ref.slice(REFERENCE.length));
    return `<a href="#${schemaAnchor(name)}">${name}</a>`;
  }
  const choices = (anyOf ?? oneOf) as JsonObject[] | undefined;
  if (choices !== undefined) return [...new Set(choices.map(typeHtml))].join(" or ");
  if (Array.isArray(schema.enum)) return schema.enum.map(valueHtml).join(" or ");
  if ("const" in schema) return valueHtml(schema.const);
  if (type === "array") return `array of ${typeHtml((items ?? {}) as JsonObject)}`;
  if (typeof type !== "string") return "anything";
  if (type === "object" && isTyped(schema.additionalProperties)) {
    return `object of ${typeHtml(schema.additionalProperties)}`;
  }
  return escapeHtml(
    [type, rangeOf(schema), formatOf(schema)].filter((text) => text !== "").join(" "),
  );
}

function isTyped(schema: unknown): schema is JsonObject {
  return typeof schema === "object" && schema !== null && "type" in schema;
}

function valueHtml(value: unknown): string {
  return `<code>${escapeHtml(JSON.stringify(value))}</code>`;
}

/** The bounds that say something: not those of every integer. */
function rangeOf({ minimum, maximum }: JsonObject): string {
  const least = Number(minimum ?? -Infinity);
  const most = Number(maximum ?? Infinity);
  if (least <= Number.MIN_SAFE_INTEGER && most >= Number.MAX_SAFE_INTEGER) return "";
  if (most >= Number.MAX_SAFE_INTEGER) return `from ${least}`;
  return least <= Number.MIN_SAFE_INTEGER ? `up to ${most}` : `${least} to ${most}`;
}

function formatOf({ format, maxLength }: JsonObject): string {
  if (typeof format === "string") return `(${format})`;
  return maxLength === undefined ? "" : `of up to ${maxLength} characters`;
}

/** The fields of an object, or of the objects in an array, as a table; empty if it has none that are named. */
export function fieldsHtml(schema: JsonObject): string {
  const { properties, items } = schema;
  if (schema.type === "array") return fieldsHtml((items ?? {}) as JsonObject);
  if (properties === undefined) return "";
  const required = (schema.required ?? []) as string[];
  const rows = Object.entries(properties as Record<string, JsonObject>).map(([name, field]) => {
    const mark = required.includes(name) ? " <small>required</small>" : "";
    return `<tr><th><code>${escapeHtml(name)}</code>${mark}</th>` +
      `<td>${typeHtml(field)}${noteHtml(field)}${fieldsHtml(field)}</td></tr>`;
  });
  return `<table>${rows.join("")}</table>`;
}

/** What a schema says about itself, and its default. */
export function noteHtml(schema: JsonObject): string {
  const description = descriptionOf(schema);
  const preset = "default" in schema ? ` <small>default ${valueHtml(schema.default)}</small>` : "";
  return preset + (description === "" ? "" : `<p>${proseHtml(description)}</p>`);
}

/** Its own description, or that of the alternative that has one. */
function descriptionOf({ description, anyOf }: JsonObject): string {
  if (typeof description === "string") return description;
  const described = ((anyOf ?? []) as JsonObject[]).map(descriptionOf);
  return described.find((text) => text !== "") ?? "";
}
