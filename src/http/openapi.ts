import { z } from "zod";
import { recordInputSchema, recordSchema } from "../record.ts";
import { operations } from "./openapi_operations.ts";
import {
  errorSchema,
  madeTokenSchema,
  messageSchema,
  newTokenSchema,
  savedSchema,
  tokenSchema,
} from "./schemas.ts";

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

/** The document of every route, with the schemas that the server itself checks by. */
export function openApiDocument(version: string): OpenApiDocument {
  const paths: Record<string, Record<string, Operation>> = {};
  for (const [route, operation] of Object.entries(operations)) {
    const [method = "", path = ""] = route.split(" ");
    // Hono's `/logs/:id` is OpenAPI's `/logs/{id}`.
    const at = paths[path.replace(/:([a-z_]+)/g, "{$1}")] ??= {};
    at[method.toLowerCase()] = operation;
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Log Sentinel",
      version,
      description: "Stores log records durably, answers filtered queries over them, counts and " +
        "forgets them. JSON in and out; every error is one sentence.",
    },
    security: [{ token: [] }, { bearer: [] }, { basic: [] }],
    paths,
    components: {
      securitySchemes: {
        token: {
          type: "apiKey",
          in: "header",
          name: "Authorization",
          description: "`Token <token>`",
        },
        bearer: { type: "http", scheme: "bearer" },
        basic: {
          type: "http",
          scheme: "basic",
          description: "The token is the password; the user name does not matter.",
        },
      },
      schemas: {
        RecordInput: schemaOf(recordInputSchema, "input"),
        Record: schemaOf(recordSchema, "output"),
        Error: schemaOf(errorSchema, "output"),
        Saved: schemaOf(savedSchema, "output"),
        Message: schemaOf(messageSchema, "output"),
        NewToken: schemaOf(newTokenSchema, "input"),
        Token: schemaOf(tokenSchema, "output"),
        MadeToken: schemaOf(madeTokenSchema, "output"),
      },
    },
  };
}

function schemaOf(schema: z.ZodType, io: "input" | "output"): JsonObject {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io, unrepresentable: "any" });
  return json;
}
