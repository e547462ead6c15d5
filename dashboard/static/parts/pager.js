/** Going through long answers page by page; each page has its address. */

import { link } from "../address.js";
import { html } from "../html.js";
import { t } from "../i18n.js";

/**
 * Links to the first and to the following page; nothing where there is one page.
 * @param {{view: string, params: object, next: string|null}} props
 *   next: of the answer, what `after` of the following page is
 */
export function Pager({ view, params, next }) {
  if (!next && !params.after) return null;
  return html`<nav class="pager" aria-label=${t("shell.pages")}>
    ${params.after &&
    html`<a class="button" href=${link(view, { ...params, after: undefined })}>← ${t("shell.first_page")}</a>`}
    ${next &&
    html`<a class="button" rel="next" href=${link(view, { ...params, after: next })}>${t("shell.next_page")} →</a>`}
  </nav>`;
}
