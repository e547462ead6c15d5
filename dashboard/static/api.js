/** The interface under /api/v1: questions, what is written, and addresses of downloads. */

const PREFIX = "/api/v1";
/** Of an event at `window`: someone has to sign in before anything is answered. */
export const SIGN_IN_NEEDED = "molva-sign-in-needed";

/** An answer that is an error, or no answer. */
export class ApiError extends Error {
  /**
   * @param {number} status of HTTP; 0 where nothing answered
   * @param {{kind: string, message: string, code?: string|null, values?: Object<string, string>,
   *   position?: number|null, argument?: string|null}} body
   *   `kind` is one of query, argument, refused, missing, access, store, fault, and here "network";
   *   `message` is English; `code` and `values` say the same for other languages;
   *   `position` counts code points of the query, from 0
   */
  constructor(status, body) {
    super(body.message);
    this.name = "ApiError";
    this.status = status;
    this.kind = body.kind;
    this.code = body.code ?? null;
    this.values = body.values ?? {};
    this.position = body.position ?? null;
    this.argument = body.argument ?? null;
  }
}

/**
 * Ask.
 * @param {string} path below /api/v1, such as "/search"
 * @param {Object<string, unknown>} [params] lists are repeated; what is empty is left out
 * @param {AbortSignal} [signal] breaks it off
 * @returns {Promise<any>} the answer
 * @throws {ApiError} it cannot be answered
 * @throws {DOMException} "AbortError": it was broken off
 */
export function get(path, params = {}, signal = undefined) {
  return ask(address(path, params), { signal });
}

/**
 * Write.
 * @param {string} path below /api/v1, such as "/corrections"
 * @param {object} body
 * @returns {Promise<any>} the answer
 * @throws {ApiError} it was not written
 */
export function post(path, body) {
  return ask(address(path), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

/**
 * Take away.
 * @param {string} path below /api/v1
 * @returns {Promise<null>}
 * @throws {ApiError} it was not done
 */
export function remove(path) {
  return ask(address(path), { method: "DELETE" });
}

/**
 * Return the address of an answer, for a link to a download.
 * @param {string} path below /api/v1
 * @param {Object<string, unknown>} [params]
 * @returns {string}
 */
export function address(path, params = {}) {
  const search = searchOf(params);
  return `${PREFIX}${path}${search && `?${search}`}`;
}

/**
 * Return what stands after the question mark of an address.
 * @param {Object<string, unknown>} params lists are repeated; what is empty is left out
 * @returns {string}
 */
export function searchOf(params) {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== null && one !== "") search.append(name, String(one));
    }
  }
  return search.toString();
}

async function ask(url, options) {
  let answer;
  try {
    answer = await fetch(url, { ...options, credentials: "same-origin" });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ApiError(0, { kind: "network", code: "unreachable", message: String(error.message) });
  }
  if (answer.ok) return answer.status === 204 ? null : answer.json();
  const error = new ApiError(answer.status, await bodyOf(answer));
  if (answer.status === 401) window.dispatchEvent(new CustomEvent(SIGN_IN_NEEDED));
  throw error;
}

async function bodyOf(answer) {
  try {
    const { error } = await answer.json();
    if (error?.message) return error;
  } catch {
    // Not from the interface: a proxy, or a fault of the server. Its status says what is known.
  }
  return { kind: "network", message: `${answer.status} ${answer.statusText}`.trim() };
}
