/** Asking the interface from a component: one answer at a time, the overtaken one broken off. */

import { get } from "../api.js";
import { useCallback, useEffect, useState } from "../html.js";

/**
 * Ask when the component appears and whenever what is asked changes.
 * @param {string|null} path below /api/v1; null asks nothing
 * @param {Object<string, unknown>} [params]
 * @returns {{answer: any, error: Error|null, loading: boolean, again: () => void,
 *   replace: (answer: any) => void}}
 *   `answer` is the latest one, null before the first; it stays while the next is waited for.
 *   An error does not: it is of its own question
 */
export function useAnswer(path, params = {}) {
  const asked = path === null ? null : JSON.stringify([path, params]);
  const [state, setState] = useState({ asked: null, answer: null, error: null });
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    if (asked === null) return undefined;
    const control = new AbortController();
    const settle = (change) =>
      control.signal.aborted || setState((before) => ({ ...before, error: null, ...change, asked, turn }));
    get(path, params, control.signal).then(
      (answer) => settle({ answer }),
      (error) => settle({ error }),
    );
    return () => control.abort();
  }, [asked, turn]);
  const isSettled = state.asked === asked && state.turn === turn;
  return {
    answer: state.answer,
    error: isSettled ? state.error : null,
    loading: asked !== null && !isSettled,
    again: useCallback(() => setTurn((before) => before + 1), []),
    replace: useCallback((answer) => setState((before) => ({ ...before, answer })), []),
  };
}
