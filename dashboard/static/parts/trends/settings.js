/** How a trend is counted and drawn: length of buckets, what is shown, lines, scales. */

import { html, useId } from "../../html.js";
import { t } from "../../i18n.js";
import { fieldName } from "../field_value.js";
import { PERIODS } from "./buckets.js";
import { MEASURES } from "./data.js";

/** What a trend can be split by. */
export const SPLITS = ["source", "brand", "location", "product", "lang", "stars"];

/**
 * @param {{period: string, measure: string, split: string|null, isSame: boolean,
 *   onChange: (changes: object) => void}} props
 */
export function Settings({ period, measure, split, isSame, onChange }) {
  return html`<div class="settings" role="group" aria-label=${t("trends.settings")}>
    <${Choice} label=${t("trends.show")} value=${measure} onChoose=${(show) => onChange({ show })}
      options=${Object.keys(MEASURES).map((name) => [name, t(`trends.measure_${name}`)])} />
    <${Choice} label=${t("trends.by")} value=${period} onChoose=${(value) => onChange({ period: value })}
      options=${PERIODS.map((name) => [name, t(`trends.period_${name}`)])} />
    <${Choice} label=${t("trends.split")} value=${split ?? ""} onChoose=${(value) => onChange({ split: value || undefined })}
      options=${[["", t("trends.split_none")], ...SPLITS.map((name) => [name, fieldName(name)])]} />
    <label class="check">
      <input type="checkbox" checked=${isSame}
        onChange=${(event) => onChange({ scale: event.currentTarget.checked ? "same" : undefined })} />
      ${t("trends.scale_same")}
    </label>
  </div>`;
}

function Choice({ label, value, options, onChoose }) {
  const id = useId();
  return html`<div class="setting">
    <label for=${id}>${label}</label>
    <select id=${id} value=${value} onChange=${(event) => onChoose(event.currentTarget.value)}>
      ${options.map(([name, text]) => html`<option key=${name} value=${name} selected=${name === value}>${text}</option>`)}
    </select>
  </div>`;
}
