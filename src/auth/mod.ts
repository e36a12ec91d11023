/** @module Tokens and what they may do. */
export { InvalidTokenError, TokenLimitError, TokenNameTakenError } from "./errors.ts";
export { tokenOfAuthorization } from "./authorization.ts";
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
