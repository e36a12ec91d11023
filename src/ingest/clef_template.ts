/** @module Message templates (messagetemplates.org) with their properties filled in. */

import { MESSAGE_BYTES_MAX } from "../record.ts";
import type { Members } from "./_lenient_attributes.ts";
import { textOf } from "./_lenient_fields.ts";

/** An escaped brace, or a hole: `{Name}`, `{@Name}`, `{$Name}`, with alignment and format. */
const PART = /\{\{|\}\}|\{[@$]?([^{}:,]{1,256})(?:,([^{}:]{1,16}))?(:[^{}]{0,256})?\}/g;

/** Units that a hole is filled up to at most: alignments make tables, not kilobytes. */
const ALIGNMENT_MAX = 256;

/**
 * A template with its holes filled: texts as they are, objects and arrays as JSON, numbers as they are written in JSON. Holes
 * without a property stay as they are written, and so do those after a message's worth of text: a template could name a long
 * text a million times.
 * @param properties where names are looked up; those beginning with `@` as CLEF escapes them
 * @param renderings what the holes with a format (`{Amount:0.00}`) become, in their order: CLEF's `@r`
 */
export function renderTemplate(template: string, properties: Members, renderings: unknown): string {
  if (!template.includes("{") && !template.includes("}")) return template;
  const rendered: readonly unknown[] = Array.isArray(renderings) ? renderings : [];
  let formatted = 0;
  let filledUnits = 0;
  return template.replace(
    PART,
    (part: string, name?: string, alignment?: string, format?: string) => {
      if (part === "{{") return "{";
      if (part === "}}") return "}";
      const own = format === undefined ? undefined : rendered[formatted++];
      if (filledUnits > MESSAGE_BYTES_MAX) return part;
      const key = name!.startsWith("@") ? `@${name}` : name!;
      let text = part;
      if (typeof own === "string") text = own;
      else if (Object.hasOwn(properties, key)) text = align(textOf(properties[key]), alignment);
      filledUnits += text.length;
      return text;
    },
  );
}

/** Fills up with spaces: on the left for a positive width, on the right for a negative one. */
function align(text: string, alignment: string | undefined): string {
  const width = Number(alignment ?? 0);
  if (!Number.isInteger(width) || Math.abs(width) > ALIGNMENT_MAX) return text;
  return width < 0 ? text.padEnd(-width) : text.padStart(width);
}
