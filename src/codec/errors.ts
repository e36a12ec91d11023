/** Stored bytes are not what was written: truncated, changed, or of a format this version does not know. */
export class CorruptDataError extends Error {
  override readonly name = "CorruptDataError";
}
