/** @module The blocks of docs/clients.md: what the document tells its readers to write is what the tests run. */

import assert from "node:assert/strict";
import { join, PROJECT } from "../_server.ts";
import type { Target } from "./_receiver.ts";

const text = Deno.readTextFileSync(join(PROJECT, "docs/clients.md"));

/** The headings of the document that have a block; each is run by a test. */
export function headings(): string[] {
  return [...text.matchAll(/^### (.+)\n(?:(?!^#).*\n)*?```/gm)].map((match) => match[1]!);
}

/**
 * The block below a heading, with a receiver's ports and token for those of the document, and what else is to be
 * replaced.
 */
export function snippet(
  heading: string,
  target: Target,
  replacements: Readonly<Record<string, string>> = {},
): string {
  const start = text.indexOf(`\n### ${heading}\n`);
  assert.ok(start >= 0, `docs/clients.md has no heading ${heading}`);
  const [, block] = /\n```\w+\n([^]*?)\n```\n/.exec(text.slice(start)) ?? [];
  assert.ok(block !== undefined, `docs/clients.md has no block below ${heading}`);
  let filled = block;
  for (const [from, to] of Object.entries(replacements)) {
    assert.ok(filled.includes(from), `The block below ${heading} has no ${from}`);
    filled = filled.replaceAll(from, to);
  }
  return filled
    .replaceAll("YOUR-TOKEN", target.token)
    .replace(/\b5000\b/g, () => String(target.port("http")))
    .replace(/\b5514\b/g, () => String(target.port("tcp")))
    .replace(/\b6514\b/g, () => String(target.port("tls")))
    .replace(/\b12201\b/g, () => String(target.port("gelf")));
}
