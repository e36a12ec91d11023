/** The command line is wrong: exit code 2. The message is one line: what was wrong and what would be right. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** The command could not do its work: exit code 1. The message is one line for people. */
export class CommandError extends Error {
  override readonly name = "CommandError";
}

/** One bad record of a request, as the API reports it. */
export interface ApiProblem {
  readonly index: number;
  readonly field: string;
  readonly message: string;
}

/** The server refused a request. */
export class ApiError extends CommandError {
  constructor(
    message: string,
    /** The HTTP status. */
    readonly status: number,
    /** Which records of a batch are bad; empty when the server did not say. */
    readonly details: readonly ApiProblem[] = [],
  ) {
    super(message);
  }
}
