/** A text that a stranger wrote. */

import { html } from "../html.js";
import { shown } from "./spans.js";

/**
 * Show it as text, whatever it is: its direction ends with it, and what would turn it is shown.
 * @param {{text: string}} props
 */
export function Plain({ text }) {
  return html`<bdi>${shown(text)}</bdi>`;
}
