/** First and last day, and the periods that people mostly ask for. */

import { html, useState } from "../../html.js";
import { t } from "../../i18n.js";

const DAY_MS = 86_400_000;
// The first year that the record allows. Years that are still being typed lie before it.
const FIRST_YEAR = "1970";
const PRESETS = [7, 30, 90, 365];

/**
 * @param {{first?: string, last?: string, today: string, onPeriod: (days: object) => void}} props
 *   days are such as "2026-03-05"; a missing one is open
 */
export function Period({ first, last, today, onPeriod }) {
  const [isOwn, setOwn] = useState(false);
  const presets = [
    { name: "all" },
    ...PRESETS.map((days) => ({ name: String(days), first: daysBefore(today, days - 1), last: today })),
  ];
  const chosen = isOwn ? undefined : presets.find((one) => one.first === first && one.last === last);
  const choose = (event) => {
    const preset = presets.find(({ name }) => name === event.currentTarget.value);
    setOwn(!preset);
    if (preset) onPeriod({ first: preset.first, last: preset.last });
  };
  const change = (name) => (event) => {
    const value = event.currentTarget.value;
    setOwn(true);
    if (!value || value >= FIRST_YEAR) onPeriod({ [name]: value || undefined });
  };
  return html`<fieldset class="period">
    <legend class="hidden">${t("narrowing.period")}</legend>
    <select aria-label=${t("narrowing.period")} onChange=${choose}>
      ${[...presets, { name: "own" }].map(
        ({ name }) =>
          html`<option value=${name} selected=${name === (chosen?.name ?? "own")}>
            ${t(`narrowing.period_${name}`)}
          </option>`,
      )}
    </select>
    ${!chosen &&
    html`<input type="date" aria-label=${t("narrowing.first")} value=${first ?? ""} max=${last}
        onChange=${change("first")} />
      <span aria-hidden="true">–</span>
      <input type="date" aria-label=${t("narrowing.last")} value=${last ?? ""} min=${first}
        onChange=${change("last")} />`}
  </fieldset>`;
}

function daysBefore(day, count) {
  return new Date(Date.parse(day) - count * DAY_MS).toISOString().slice(0, 10);
}
