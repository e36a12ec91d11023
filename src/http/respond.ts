import { HEADER_UNITS_MAX } from "./limits.ts";

/** The headers of every answer that is JSON. */
export const JSON_HEADERS: Readonly<Record<string, string>> = {
  "content-type": "application/json",
  "x-content-type-options": "nosniff",
};

/** An answer of JSON text. */
export function jsonText(
  text: string,
  status = 200,
  headers?: Readonly<Record<string, string>>,
): Response {
  return new Response(text, {
    status,
    headers: headers === undefined ? JSON_HEADERS : { ...JSON_HEADERS, ...headers },
  });
}

/** An answer of a value as JSON. */
export function jsonResponse(
  value: unknown,
  status = 200,
  headers?: Readonly<Record<string, string>>,
): Response {
  return jsonText(JSON.stringify(value), status, headers);
}

/** An answer of an HTML page under a `Content-Security-Policy`. */
export function htmlResponse(html: string, policy: string): Response {
  return new Response(html, {
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": policy,
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
    },
  });
}

/**
 * A text as the value of a response header: printable ASCII, `?` for anything else, cut to a length that proxies take.
 * Deno 2.9 ends the whole process on a header value with a control character, so every value from outside goes through here.
 */
export function headerText(text: string): string {
  return text.slice(0, HEADER_UNITS_MAX).replace(/[^\x20-\x7e]/g, "?");
}

/** Text as HTML text or attribute value. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
