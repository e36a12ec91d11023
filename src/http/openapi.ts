import { z } from "zod";
import { recordInputSchema, recordSchema } from "../record.ts";
import { operations } from "./openapi_operations.ts";
import type { JsonObject, OpenApiDocument, Operation } from "./openapi_types.ts";
import {
  errorSchema,
  madeTokenSchema,
  messageSchema,
  newTokenSchema,
  savedSchema,
  sessionSchema,
  signInSchema,
  tokenSchema,
} from "./schemas.ts";
import { SESSION_COOKIE } from "./session_cookie.ts";

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
    security: [{ token: [] }, { bearer: [] }, { basic: [] }, { session: [] }],
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
        session: {
          type: "apiKey",
          in: "cookie",
          name: SESSION_COOKIE,
          description: "What POST /session sets; for browsers.",
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
        SignIn: schemaOf(signInSchema, "input"),
        Session: schemaOf(sessionSchema, "output"),
        MadeToken: schemaOf(madeTokenSchema, "output"),
      },
    },
  };
}

function schemaOf(schema: z.ZodType, io: "input" | "output"): JsonObject {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io, unrepresentable: "any" });
  return json;
}
