/** What stands at the place of a chart that is looked at, with the way to its mentions. */

import { html } from "../../html.js";
import { t } from "../../i18n.js";
import { Plain } from "../plain.js";
import { Sign } from "../polarity.js";
import { Remark, remarkText } from "../remarks.js";
import { bucketName } from "./buckets.js";
import { cellText, intervalText } from "./values.js";
import { groupName } from "./words.js";

/**
 * @param {{trend: import("./model.js").Trend, place: {at: number, line: number}|null,
 *   cell: import("./data.js").Cell|null, linkOf: (at: number, line: number, polarity?: string) => string|null}} props
 */
export function Readout({ trend, place, cell, linkOf }) {
  if (place === null) return html`<p class="readout quiet">${t("trends.hint")}</p>`;
  const { at, line } = place;
  const row = cell.state === "unknown" ? null : cell.row;
  const interval = namedInterval(trend.measure, cell);
  return html`<div class="readout">
    <span class="readout-when">${bucketName(trend.starts[at], trend.period)}</span>
    ${trend.split !== null && html`<${Plain} text=${groupName(trend.split, trend.groups[line])} />`}
    <strong>${measured(trend, cell)}</strong>
    ${interval && html`<span class="quiet">${interval}</span>`}
    ${row &&
    html`<${Count} href=${linkOf(at, line)} count=${row.count}>${t("trends.mentions", { count: row.count })}<//>
      <${Count} href=${linkOf(at, line, "negative")} count=${row.negative}>
        <${Sign} value="negative" /> ${t("trends.complaints", { count: row.negative })}
      <//>
      <${Count} href=${linkOf(at, line, "positive")} count=${row.positive}>
        <${Sign} value="positive" /> ${t("trends.compliments", { count: row.positive })}
      <//>`}
    <${Reason} trend=${trend} cell=${cell} />
  </div>`;
}

function Count({ href, count, children }) {
  return count > 0 && href ? html`<a href=${href}>${children}</a>` : html`<span class="quiet">${children}</span>`;
}

/**
 * Why a value is missing or holds only in part.
 * @param {{trend: import("./model.js").Trend, cell: import("./data.js").Cell}} props
 */
export function Reason({ trend, cell }) {
  if (cell.state === "little") return html`<span class="quiet">${t("trends.little_why")}</span>`;
  const said = reasonOf(trend, cell);
  if (said === null) return null;
  return html`<span class="quiet">
    ${cell.state === "bound" && `${t("trends.state_bound")}: `}<${Remark} said=${said} />
  </span>`;
}

/** Return why a value is missing or a lower bound; null where it is neither. */
function reasonOf(trend, { state, row }) {
  return state === "unknown" || state === "bound" ? (trend.reasons.get(row.reason) ?? null) : null;
}

/**
 * The same as a sentence, for who hears it.
 * @param {import("./model.js").Trend} trend
 * @param {{at: number, line: number}} place
 * @param {import("./data.js").Cell} cell
 * @returns {string}
 */
export function readoutText(trend, { at, line }, cell) {
  const group = trend.split === null ? "" : groupName(trend.split, trend.groups[line]);
  const said = reasonOf(trend, cell);
  const parts = [bucketName(trend.starts[at], trend.period), group, measured(trend, cell), namedInterval(trend.measure, cell)];
  if (cell.row && cell.state !== "unknown") {
    parts.push(t("trends.complaints", { count: cell.row.negative }), t("trends.compliments", { count: cell.row.positive }));
  }
  return [...parts, said && remarkText(said)].filter(Boolean).join("; ");
}

/** The value with the name of what it is. */
function measured(trend, cell) {
  return `${t(`trends.measure_${trend.measure}`)}: ${cellText(trend.measure, cell)}`;
}

function namedInterval(measure, cell) {
  const interval = intervalText(measure, cell);
  return interval && t("trends.interval_named", { interval });
}
