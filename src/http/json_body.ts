import { HttpError } from "./errors.ts";
import { TOKEN_BODY_BYTES_MAX } from "./limits.ts";
import type { Call, HttpContext } from "./route.ts";

/**
 * Reads a small request body as JSON.
 * @throws {HttpError} 415 for another type, 413, or 400 if it is not JSON
 */
export function readJson(
  call: Call,
  context: HttpContext,
  bytesMax: number = TOKEN_BODY_BYTES_MAX,
): Promise<unknown> {
  const type = call.request.headers.get("content-type")?.replace(/;.*/s, "").trim().toLowerCase();
  if (type !== undefined && type !== "application/json") {
    throw new HttpError(415, "Cannot read a body of this type: send application/json");
  }
  if (call.request.headers.has("content-encoding")) {
    throw new HttpError(415, "Cannot read a compressed body here: send it as it is");
  }
  return context.bodies.read(call.request, (body) => {
    try {
      return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body)) as unknown;
    } catch (error) {
      throw new HttpError(400, `The body is not JSON: ${(error as Error).message}`);
    }
  }, bytesMax);
}
