/** @module Wire formats: bytes in, a batch of records out. */
export { decompressBody } from "./decompress.ts";
export {
  BadBodyError,
  BodyTooLargeError,
  UnsupportedEncodingError,
  UnsupportedMediaTypeError,
} from "./errors.ts";
export { BODY_RECORDS_MAX } from "./limits.ts";
export { decodeNative } from "./native.ts";
