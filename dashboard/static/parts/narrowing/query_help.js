/** The query language by examples, each of which can be tried at once. */

import { html } from "../../html.js";
import { t } from "../../i18n.js";

const EXAMPLES = ["words", "or", "not", "phrase", "beginning", "near", "topic", "stars", "date", "has"];

/**
 * @param {{onExample: (query: string) => void, onClose: () => void}} props
 */
export function QueryHelp({ onExample, onClose }) {
  return html`<section class="query-help" aria-label=${t("narrowing.help_title")}>
    <h2>${t("narrowing.help_title")}</h2>
    <dl>
      ${EXAMPLES.map((name) => {
        const example = t(`narrowing.example_${name}`);
        return html`<dt>
            <button type="button" class="example" onClick=${() => onExample(example)}>${example}</button>
          </dt>
          <dd>${t(`narrowing.example_${name}_means`)}</dd>`;
      })}
    </dl>
    <p class="quiet">${t("narrowing.help_note")}</p>
    <button type="button" class="button" onClick=${onClose}>${t("shell.close")}</button>
  </section>`;
}
