/** Everything that is chosen, in one line, each of it to be taken away. */

import { CHOSEN } from "../../address.js";
import { html } from "../../html.js";
import { t } from "../../i18n.js";
import { FieldValue, fieldName, valueName } from "../field_value.js";

/**
 * @param {{params: object, onChange: (changes: object) => void}} props
 */
export function Chips({ params, onChange }) {
  const chosen = CHOSEN.flatMap((field) => (params[field] ?? []).map((value) => ({ field, value })));
  if (!chosen.length) return null;
  const without = ({ field, value }) => ({ [field]: params[field].filter((one) => one !== value) });
  const nothing = Object.fromEntries(CHOSEN.map((field) => [field, undefined]));
  const name = ({ field, value }) => `${fieldName(field)}: ${valueName(field, value)}`;
  return html`<ul class="chips" aria-label=${t("narrowing.chosen")}>
    ${chosen.map(
      (one) => html`<li key=${`${one.field} ${one.value}`}>
        <button type="button" class="chip" onClick=${() => onChange(without(one))}
          aria-label=${t("narrowing.take_away", { what: name(one) })}>
          <span class="quiet">${fieldName(one.field)}</span>
          <${FieldValue} field=${one.field} value=${one.value} />
          <span aria-hidden="true">×</span>
        </button>
      </li>`,
    )}
    ${chosen.length > 1 &&
    html`<li>
      <button type="button" class="link" onClick=${() => onChange(nothing)}>${t("narrowing.clear")}</button>
    </li>`}
  </ul>`;
}
