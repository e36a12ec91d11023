/** @module Tokens and what they may do. */
export { InvalidTokenError, TokenLimitError, TokenNameTakenError } from "./errors.ts";
export { tokenOfAuthorization } from "./authorization.ts";
export { type SealedSession, type Session, Sessions } from "./sessions.ts";
export { SESSION_IDLE_MS_MAX } from "./limits.ts";
export {
  may,
  mayWrite,
  mayWriteAny,
  type Right,
  type Token,
  type TokenGrants,
  type TokenInfo,
  type TokenRequest,
} from "./token.ts";
export { TokenRegistry, type TokenRegistryOptions } from "./token_registry.ts";
