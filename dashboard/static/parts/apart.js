/** How far a group is from what it is held against: sign, number and words, good or bad by colour as well. */

import { html } from "../html.js";
import { signed, t } from "../i18n.js";

/**
 * Return what a difference amounts to.
 * @param {object} row of the interface
 * @param {string} name of the measure, such as "share_negative"
 * @param {"up"|"down"} [better] the direction that is good news, where one is
 * @returns {{value: number|null, isBeyond: boolean, tone: "positive"|"negative"|"neutral"}}
 *   isBeyond: more than chance explains
 */
export function apart(row, name, better) {
  const [value, low, high] = ["", "_low", "_high"].map((end) => row[`${name}_difference${end}`]);
  const isBeyond = value !== null && (low > 0 || high < 0);
  let tone = "neutral";
  if (isBeyond && better) tone = value > 0 === (better === "up") ? "positive" : "negative";
  return { value, isBeyond, tone };
}

/**
 * @param {{row: object, name: string, better?: "up"|"down", isShare?: boolean}} props
 *   isShare: it is given in percentage points
 */
export function Apart({ row, name, better, isShare = false }) {
  if (row.against === null) return html`<span class="apart quiet">${t("compare.is_base")}</span>`;
  const { value, isBeyond, tone } = apart(row, name, better);
  if (value === null) return html`<span class="apart quiet">${t("compare.no_difference")}</span>`;
  const written = isShare ? t("compare.points", { number: signed(100 * value, 0) }) : signed(value, 2, 2);
  if (!isBeyond) {
    return html`<span class="apart quiet">
      <span aria-hidden="true">≈</span> ${written}<span class="hidden">, ${t("compare.chance")}</span>
    </span>`;
  }
  const isUp = value > 0;
  let word = isUp ? t("compare.more") : t("compare.less");
  if (better) word = tone === "positive" ? t("compare.better") : t("compare.worse");
  return html`<span class=${`apart beyond ${tone}`}>
    <span class="tone" aria-hidden="true">${isUp ? "▲" : "▼"}</span> ${written}, ${word}
  </span>`;
}
