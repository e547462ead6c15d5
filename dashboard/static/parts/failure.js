/** What went wrong, in the place of what was asked for. */

import { html } from "../html.js";
import { t } from "../i18n.js";
import { Mistake } from "./mistake.js";

const HEADINGS = new Set(["query", "argument", "refused", "missing", "access", "store", "fault", "network"]);

/**
 * An error, and a way to try again.
 * @param {{error: Error & {kind?: string}, onAgain?: () => void}} props
 */
export function Failure({ error, onAgain }) {
  const kind = HEADINGS.has(error.kind) ? error.kind : "fault";
  return html`<div class="failure" role="alert">
    <p class="failure-title">${t(`shell.error_${kind}`)}</p>
    <p><${Mistake} error=${error} /></p>
    ${onAgain &&
    html`<button type="button" class="button" onClick=${onAgain}>${t("shell.again")}</button>`}
  </div>`;
}
