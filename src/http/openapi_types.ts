/** @module The parts of an OpenAPI document, as far as this server writes and shows them. */

/** A JSON Schema or any other part of the document. */
export type JsonObject = { [key: string]: unknown };

/** One operation, as far as the documentation page reads it. */
export interface Operation {
  readonly summary: string;
  readonly description?: string;
  readonly tags: readonly string[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: JsonObject;
  readonly responses: Readonly<Record<string, JsonObject>>;
  /** Empty: no token is needed. */
  readonly security?: readonly JsonObject[];
}

/** One parameter of an operation. */
export interface Parameter {
  readonly name: string;
  readonly in: "query" | "path" | "header";
  readonly required?: boolean;
  readonly description: string;
  readonly schema: JsonObject;
}

/** An OpenAPI 3.1 document of this server. */
export interface OpenApiDocument {
  readonly openapi: "3.1.0";
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly security: readonly JsonObject[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: JsonObject;
}
