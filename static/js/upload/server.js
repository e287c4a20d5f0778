import { csrfToken } from "../common/csrf.js";
import { Refused, Temporary } from "./retry.js";

const TIMEOUT_MS = 20_000;

/** The site's side of an upload. Every call may throw Temporary, Refused or, when it was too often, Error. */
export class UploadServer {
  #url;

  constructor(url) {
    this.#url = url;
  }

  begin(values, signal) {
    return this.#ask("", { method: "POST", values, signal });
  }

  state(code, signal) {
    return this.#ask(`${code}/`, { signal });
  }

  async grantParts(code, numbers, signal) {
    const { parts } = await this.#ask(`${code}/parts/`, { method: "POST", values: { numbers }, signal });
    return parts;
  }

  complete(code, signal) {
    return this.#ask(`${code}/complete/`, { method: "POST", signal });
  }

  cancel(code) {
    return this.#ask(`${code}/cancel/`, { method: "POST" });
  }

  retry(code) {
    return this.#ask(`${code}/retry/`, { method: "POST" });
  }

  choosePoster(code, number) {
    return this.#ask(`${code}/poster/`, { method: "POST", values: { number } });
  }

  async #ask(path, { method = "GET", values = {}, signal }) {
    const timeout = AbortSignal.timeout(TIMEOUT_MS);
    const posted = { body: new URLSearchParams(values), headers: { "X-CSRFToken": csrfToken() } };
    let response;
    let answer;
    try {
      response = await fetch(this.#url + path, {
        method,
        signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
        ...(method === "POST" ? posted : {}),
      });
      answer = await response.json().catch(() => ({}));
    } catch (error) {
      signal?.throwIfAborted();
      throw new Temporary("", { cause: error });
    }
    if (response.ok) return answer;
    if (response.status === 429) throw new Error(answer.error ?? "");
    if (response.status >= 500) throw new Temporary(answer.error ?? "");
    throw new Refused(answer.error ?? "", response.status);
  }
}
