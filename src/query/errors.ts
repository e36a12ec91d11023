/** A request's parameter cannot be used; the message is the sentence that the client gets with a 400. */
export class InvalidParameterError extends Error {
  override readonly name: string = "InvalidParameterError";
}

/** A text query cannot be read. */
export class QuerySyntaxError extends InvalidParameterError {
  override readonly name = "QuerySyntaxError";
  /**
   * @param message the sentence for a 400; says where and what would be right
   * @param offset where in the query, in UTF-16 units from its start
   */
  constructor(message: string, readonly offset: number) {
    super(message);
  }
}
