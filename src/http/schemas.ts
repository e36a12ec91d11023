/** @module The shapes that only HTTP speaks, as zod schemas: what is checked is what is published. */

import { z } from "zod";

const grants = {
  write: z.union([z.literal("*"), z.array(z.string())])
    .describe('The services whose records the token may write; "*" means every service'),
  read: z.boolean().describe("Whether it may read records"),
  delete: z.boolean().describe("Whether it may delete records"),
  admin: z.boolean().describe("Whether it may do everything, tokens included"),
};

/** The body of `POST /tokens`. */
export const newTokenSchema = z.strictObject({
  name: z.string().min(1).max(128).describe("Unique, without control characters"),
  write: grants.write.default([]),
  read: grants.read.default(false),
  delete: grants.delete.default(false),
  admin: grants.admin.default(false),
  expires_at: z.string().optional()
    .describe("RFC 3339; from then on the token is unknown. Absent: it stays until revoked"),
});

/** A token as it is listed. */
export const tokenSchema = z.object({
  name: z.string(),
  ...grants,
  created_at: z.string(),
  expires_at: z.string().optional(),
});

/** A token that was just made: the only time that its text is shown. */
export const madeTokenSchema = tokenSchema.extend({
  token: z.string().describe("The token itself, shown this once"),
});

/** The body of `POST /session`. */
export const signInSchema = z.strictObject({ token: z.string().min(1).max(1_024) });

/** Who is signed in. */
export const sessionSchema = z.object({ name: z.string(), ...grants });

/** Every error. */
export const errorSchema = z.object({
  error: z.string().describe("One sentence"),
  details: z.array(z.object({ index: z.int(), field: z.string(), message: z.string() })).optional()
    .describe("The bad records of a batch, at most 100"),
  offset: z.int().optional()
    .describe("Of a bad text query: where in it, in UTF-16 units from its start"),
});

/** The answer to `POST /logs`. */
export const savedSchema = z.object({
  message: z.string(),
  count: z.int(),
  ids: z.array(z.int()).describe("In the order of the records sent"),
});

/** The answer to a deletion of records or of a token. */
export const messageSchema = z.object({ message: z.string() });
