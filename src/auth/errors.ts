/** A token with this name exists already. */
export class TokenNameTakenError extends Error {
  override readonly name = "TokenNameTakenError";
}

/** No more tokens can be kept; the message names the limit. */
export class TokenLimitError extends Error {
  override readonly name = "TokenLimitError";
}

/** A token's name, grants or expiry are not what they may be; the message says what would be right. */
export class InvalidTokenError extends Error {
  override readonly name = "InvalidTokenError";
}
