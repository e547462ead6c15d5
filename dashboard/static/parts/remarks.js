/** What the interface says of an answer beside its numbers; it says it in English. */

import { html } from "../html.js";

/**
 * @param {{notes: string[]}} props
 */
export function Remarks({ notes }) {
  if (!notes.length) return null;
  return html`<ul class="remarks quiet" lang="en">${notes.map((note) => html`<li key=${note}><bdi>${note}</bdi></li>`)}</ul>`;
}
