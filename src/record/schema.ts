/**
 * @module The published schemas of records, for documents and clients. Ingestion runs the faster `check.ts`, which
 * accepts exactly what {@linkcode recordInputSchema} accepts.
 */

import { z } from "zod";
import { attributesText } from "./_attributes.ts";
import { hasAtMostBytes, hasAtMostChars } from "./_text_rules.ts";
import {
  ATTRIBUTE_DEPTH_MAX,
  ATTRIBUTE_NAMES_MAX,
  ATTRIBUTES_BYTES_MAX,
  MESSAGE_BYTES_MAX,
  SEVERITY_NUMBER_MAX,
  SEVERITY_NUMBER_MIN,
  SEVERITY_TEXT_CHARS_MAX,
  TRACE_ID_CHARS_MAX,
} from "./limits.ts";
import { parseSeverity, SEVERITIES } from "./severity.ts";
import { parseInstant } from "./time.ts";

const wellFormed = (text: string) => text.isWellFormed();
const SURROGATE = "expected no lone surrogate";

const serviceSchema = z.string()
  .regex(/^\P{Cc}{1,128}$/u, "expected 1 to 128 characters without control characters")
  .refine(wellFormed, SURROGATE)
  .meta({ description: "1 to 128 characters, none a control character.", example: "auth-service" });

const messageSchema = z.string()
  .refine(
    (text) => hasAtMostBytes(text, MESSAGE_BYTES_MAX),
    `expected at most ${MESSAGE_BYTES_MAX} bytes`,
  )
  .refine(wellFormed, SURROGATE)
  .meta({ description: `At most ${MESSAGE_BYTES_MAX} bytes of UTF-8, kept exactly.` });

function textSchema(charsMax: number, description: string) {
  return z.string()
    .refine((text) => hasAtMostChars(text, charsMax), `expected at most ${charsMax} characters`)
    .refine(wellFormed, SURROGATE)
    .meta({ maxLength: charsMax, description });
}

const traceIdSchema = textSchema(
  TRACE_ID_CHARS_MAX,
  "The trace that the record belongs to; by custom 32 hexadecimal digits.",
);
const spanIdSchema = textSchema(
  TRACE_ID_CHARS_MAX,
  "The span that the record belongs to; by custom 16 hexadecimal digits.",
);
const severityTextSchema = textSchema(
  SEVERITY_TEXT_CHARS_MAX,
  "The sender's own name of the level, where it says more than `severity`.",
);
const severityNumberSchema = z.int().min(SEVERITY_NUMBER_MIN).max(SEVERITY_NUMBER_MAX).meta({
  description: "OpenTelemetry's severity number, where it says more than `severity`.",
});
const attributesSchema = z.record(z.string(), z.unknown()).meta({
  description:
    `At most ${ATTRIBUTE_NAMES_MAX} names, ${ATTRIBUTE_DEPTH_MAX} levels of objects and ` +
    `arrays, and ${ATTRIBUTES_BYTES_MAX} bytes as compact JSON in UTF-8. Integers beyond 2^53 - 1 are ` +
    `kept as strings.`,
});

const severityInputSchema = z.union([
  z.string().refine(
    (text) => parseSeverity(text) !== undefined,
    `expected ${SEVERITIES.join(", ")}, a usual alias, or an OpenTelemetry number as digits`,
  ),
  z.int().min(SEVERITY_NUMBER_MIN).max(SEVERITY_NUMBER_MAX),
]).meta({
  description: `${SEVERITIES.join(", ")}, or a usual alias (\`warn\`, \`err\`, \`critical\`, ` +
    `\`notice\`, OpenTelemetry's and syslog's names) in any case, or OpenTelemetry's number 1 to 24.`,
  example: "ERROR",
});

const inputShape = {
  timestamp: z.string()
    .refine((text) => parseInstant(text) !== undefined, "expected an RFC 3339 time that exists")
    .meta({
      format: "date-time",
      description:
        "RFC 3339, or without an offset, which is read as UTC; years 0001 to 9999, up to " +
        "nanoseconds, kept exactly.",
      example: "2025-04-01T12:00:00.000Z",
    }),
  service: serviceSchema,
  severity: severityInputSchema,
  message: messageSchema,
  trace_id: traceIdSchema.nullish(),
  span_id: spanIdSchema.nullish(),
  attributes: attributesSchema.nullish(),
  severity_text: severityTextSchema.nullish(),
  severity_number: z.union([severityNumberSchema, z.string().regex(/^(?:[1-9]|1[0-9]|2[0-4])?$/)])
    .nullish(),
  id: z.unknown().optional().meta({ description: "Ignored: the server numbers records itself." }),
  received_at: z.unknown().optional().meta({
    description: "Ignored: the server's own clock counts.",
  }),
};

/** A record as `POST /logs` takes it. Fields that it does not name become attributes. */
export const recordInputSchema = z.looseObject(inputShape).superRefine((record, context) => {
  const others = Object.keys(record).filter((name) => !Object.hasOwn(inputShape, name));
  attributesText(record.attributes ?? undefined, record, others, (field, message) => {
    context.addIssue({ code: "custom", path: [field], message });
  });
}).meta({
  title: "RecordInput",
  description:
    "A record to be stored. Fields not named here become attributes, within the limits of " +
    "`attributes`; one that is called as an attribute is gets a suffix such as `_1`.",
});

/** A record as `POST /logs` takes it. */
export type RecordInput = z.input<typeof recordInputSchema>;

const instantSchema = z.string().meta({
  format: "date-time",
  description: "RFC 3339 in UTC with three digits of fraction, or as many as it needs.",
  example: "2025-04-01T12:00:00.000Z",
});

/** A record as every answer gives it. */
export const recordSchema = z.object({
  id: z.int().min(1).meta({ description: "Unique for ever; grows in the order of acceptance." }),
  timestamp: instantSchema,
  service: serviceSchema,
  severity: z.enum(SEVERITIES),
  message: messageSchema,
  received_at: instantSchema,
  trace_id: traceIdSchema.optional(),
  span_id: spanIdSchema.optional(),
  severity_text: severityTextSchema.optional(),
  severity_number: severityNumberSchema.optional(),
  attributes: attributesSchema.optional(),
}).meta({ title: "Record", description: "A stored record." });

/** A record as every answer gives it. */
export type RecordOutput = z.infer<typeof recordSchema>;
