import { mayWrite, type Token } from "../auth/mod.ts";
import type { RecordBatch } from "../record.ts";
import { HttpError } from "./errors.ts";
import { shown } from "./parameters.ts";

/**
 * Lets a batch pass whose every record the token may write.
 * @throws {HttpError} 403 naming the first service that it may not write
 */
export function requireWritable(batch: RecordBatch, token: Token): void {
  if (token.writable === "all") return;
  for (const { service } of batch.streams) {
    if (mayWrite(token, service)) continue;
    throw new HttpError(
      403,
      `Token ${JSON.stringify(token.info.name)} may not write records of service ${shown(service)}`,
    );
  }
}
