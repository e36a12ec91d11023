import { InvalidTokenError } from "./errors.ts";
import { TOKEN_NAME_UNITS_MAX, TOKEN_SERVICE_UNITS_MAX, TOKEN_SERVICES_MAX } from "./limits.ts";
import type { TokenInfo, TokenRequest } from "./token.ts";

/** The version of the stored value; a newer one is refused, not guessed at. */
const VERSION = 1;

/** The value that the token table keeps for a token; its hash binds it to its place there. */
export function encodeToken(info: TokenInfo, hash: Uint8Array): unknown {
  return {
    version: VERSION,
    hash: hash.toBase64(),
    name: info.name,
    write: info.write,
    read: info.read,
    delete: info.delete,
    admin: info.admin,
    createdAtMs: info.createdAtMs,
    ...(info.expiresAtMs === undefined ? {} : { expiresAtMs: info.expiresAtMs }),
  };
}

/**
 * Reads a stored value back.
 * @throws {Error} if it is of another version, has another shape or is another token's: none must get rights by accident
 */
export function decodeToken(value: unknown, hash: Uint8Array): TokenInfo {
  const stored = (typeof value === "object" ? value : null) as Record<string, unknown> | null;
  if (stored === null) throw new Error("Cannot read a stored token: its value is damaged");
  if (stored.version !== VERSION) {
    throw new Error(
      `Cannot read a stored token: its version is ${stored.version}, this release reads ${VERSION}`,
    );
  }
  if (stored.hash !== undefined && stored.hash !== hash.toBase64()) {
    throw new Error("Cannot read a stored token: its value is another token's");
  }
  const { name, write, read, admin, createdAtMs, expiresAtMs } = stored;
  if (
    typeof name !== "string" || !isWrite(write) || typeof read !== "boolean" ||
    typeof stored.delete !== "boolean" || typeof admin !== "boolean" ||
    typeof createdAtMs !== "number" ||
    !(expiresAtMs === undefined || typeof expiresAtMs === "number")
  ) {
    throw new Error("Cannot read a stored token: its value has not the shape of a token");
  }
  return { name, write, read, delete: stored.delete, admin, createdAtMs, expiresAtMs };
}

function isWrite(write: unknown): write is string[] | "*" {
  return write === "*" ||
    (Array.isArray(write) && write.every((service) => typeof service === "string"));
}

/**
 * Checks what is asked of a new token.
 * @throws {InvalidTokenError} with a sentence that says what would be right
 */
export function checkTokenRequest(request: TokenRequest): void {
  const { name, write, expiresAtMs } = request;
  if (!isPlainText(name, TOKEN_NAME_UNITS_MAX)) {
    throw new InvalidTokenError(
      `Cannot make a token: its name must have 1 to ${TOKEN_NAME_UNITS_MAX} characters and no control characters`,
    );
  }
  if (write !== "*") {
    if (write.length > TOKEN_SERVICES_MAX) {
      throw new InvalidTokenError(
        `Cannot make a token for ${write.length} services: at most ${TOKEN_SERVICES_MAX} can be listed, "*" means all`,
      );
    }
    for (const service of write) {
      if (isPlainText(service, TOKEN_SERVICE_UNITS_MAX)) continue;
      throw new InvalidTokenError(
        `Cannot make a token for service ${JSON.stringify(service.slice(0, 64))}: ` +
          `a service has 1 to ${TOKEN_SERVICE_UNITS_MAX} characters and no control characters`,
      );
    }
  }
  if (expiresAtMs !== undefined && !Number.isSafeInteger(expiresAtMs)) {
    throw new InvalidTokenError("Cannot make a token: its expiry must be whole milliseconds");
  }
}

function isPlainText(text: string, unitsMax: number): boolean {
  // deno-lint-ignore no-control-regex -- control characters are what it looks for
  return text.length >= 1 && text.length <= unitsMax && !/[\x00-\x1f\x7f-\x9f]/.test(text) &&
    text.isWellFormed();
}
