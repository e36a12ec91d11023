/**
 * The token that an `Authorization` header carries: `Token <token>`, `Bearer <token>`, or `Basic` with the token as the
 * password and any user name (RFC 9110 section 11.4, RFC 7617). The scheme's case does not matter.
 *
 * @returns `undefined` for any other scheme or shape
 */
export function tokenOfAuthorization(header: string): string | undefined {
  const match = /^(token|bearer|basic) +(\S+) *$/i.exec(header);
  if (match === null) return undefined;
  const credentials = match[2]!;
  return match[1]!.toLowerCase() === "basic" ? passwordOf(credentials) : credentials;
}

function passwordOf(base64: string): string | undefined {
  let text: string;
  try {
    // atob gives one unit per byte; tokens are ASCII, so no other decoding can make a known token of it.
    text = atob(base64);
  } catch {
    return undefined; // Not base64: no token.
  }
  const colon = text.indexOf(":");
  return colon < 0 ? undefined : text.slice(colon + 1);
}
