import type { RecordProblem } from "../record.ts";

/** A body cannot be read, or some of its records are bad; nothing of it may be stored. */
export class BadBodyError extends Error {
  override readonly name = "BadBodyError";
  /** @param details the problems of single records, where that is what is wrong; at most 100 */
  constructor(
    message: string,
    readonly details?: readonly RecordProblem[],
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** A body is longer than allowed, as sent or once decompressed. */
export class BodyTooLargeError extends Error {
  override readonly name = "BodyTooLargeError";
}

/** A `Content-Encoding` that is not known. */
export class UnsupportedEncodingError extends Error {
  override readonly name = "UnsupportedEncodingError";
}

/** A `Content-Type` that the format does not come in. */
export class UnsupportedMediaTypeError extends Error {
  override readonly name = "UnsupportedMediaTypeError";
}
