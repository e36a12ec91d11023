import { type Api, NoAnswerError, sentenceOf } from "./api.ts";
import type { Backoff } from "./backoff.ts";
import { SimulationError } from "./errors.ts";

/** Makes a token for each service of a run, and revokes them. */
export class ServiceTokens {
  readonly #api: Api;
  readonly #prefix: string;
  readonly #names: string[] = [];

  /** `run` becomes part of the tokens' names: two runs at a time do not meet. */
  constructor(api: Api, run: string) {
    this.#api = api;
    this.#prefix = `simulator-${run}-`;
  }

  /**
   * A new token that may write the records of `service` and nothing else.
   * @param expiresMs Unix milliseconds
   * @throws {SimulationError} if the server does not make it
   */
  async create(service: string, expiresMs: number, backoff: Backoff): Promise<string> {
    const name = this.#prefix + service;
    const body = JSON.stringify({
      name,
      write: [service],
      read: false,
      delete: false,
      admin: false,
      expires_at: new Date(expiresMs).toISOString(),
    });
    const headers = { "content-type": "application/json" };
    const { status, text } = await this.#api
      .ask({ method: "POST", path: "/tokens", headers, body }, backoff)
      .catch((error) => {
        throw error instanceof NoAnswerError ? cannotMake(service, error.message) : error;
      });
    const token = status === 201 ? tokenOf(text) : undefined;
    // 409: an attempt whose answer was lost made it.
    if (token !== undefined || status === 409) this.#names.push(name);
    if (token === undefined) throw cannotMake(service, `HTTP ${status}${sentenceOf(text)}`);
    return token;
  }

  /** Revokes every token that was made; gives the names of those that could not be. */
  async revoke(backoff: Backoff): Promise<string[]> {
    const names = this.#names.splice(0);
    const left: string[] = [];
    for (const [index, name] of names.entries()) {
      try {
        const path = `/tokens/${encodeURIComponent(name)}`;
        const { status } = await this.#api.ask({ method: "DELETE", path }, backoff);
        if (status >= 300 && status !== 404) left.push(name);
      } catch (error) {
        if (!(error instanceof NoAnswerError)) throw error;
        return [...left, ...names.slice(index)];
      }
    }
    return left;
  }
}

function cannotMake(service: string, found: string): SimulationError {
  return new SimulationError(
    `Cannot make a token for ${service}: ${found}; the server must run and --token be one with admin rights`,
  );
}

function tokenOf(text: string): string | undefined {
  try {
    const { token } = JSON.parse(text);
    return typeof token === "string" ? token : undefined;
  } catch {
    return undefined; // Not the API's answer: the caller says so.
  }
}
