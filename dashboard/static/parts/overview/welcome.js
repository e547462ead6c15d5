/** What to do first: of a store that has nothing, or nothing tagged. */

import { html } from "../../html.js";
import { t } from "../../i18n.js";

const STEPS = [
  ["collect", "molva collect app_store -a app_id=123456789"],
  ["import", "molva import reviews.csv --map text=review"],
  ["tag", "molva tag"],
];

/** Greets whoever has just begun. */
export function Welcome() {
  return html`<section class="welcome" aria-label=${t("overview.welcome_title")}>
    <h2>${t("overview.welcome_title")}</h2>
    <p>${t("overview.welcome_text")}</p>
    <ol>
      ${STEPS.map(
        ([name, command]) => html`<li>
          <p>${t(`overview.welcome_${name}`)}</p>
          <p><code>${command}</code></p>
        </li>`,
      )}
    </ol>
    <p class="quiet">${t("overview.welcome_end")}</p>
  </section>`;
}

/** Says that nothing can be counted before it is tagged. */
export function Untagged() {
  return html`<p class="note">${t("overview.untagged")} <code>molva tag</code></p>`;
}
