/** A part of a view that loads by itself and says by itself what went wrong. */

import { html, useId } from "../html.js";
import { t } from "../i18n.js";
import { Failure } from "./failure.js";

/**
 * @param {{title: string, state: {answer: any, error: Error|null, loading: boolean,
 *   again: () => void}, show: (answer: any) => any, aside?: any}} props
 *   state: of `useAnswer`; show: what the answer looks like; aside: stands beside the title
 */
export function Section({ title, state, show, aside }) {
  const id = useId();
  const { answer, error, loading, again } = state;
  let content = html`<p class="quiet" role="status">${t("shell.loading")}</p>`;
  if (error) content = html`<${Failure} error=${error} onAgain=${again} />`;
  else if (answer) content = show(answer);
  return html`<section class="section" aria-labelledby=${id} aria-busy=${loading}>
    <div class="section-head"><h2 id=${id}>${title}</h2>${aside}</div>
    ${content}
  </section>`;
}
