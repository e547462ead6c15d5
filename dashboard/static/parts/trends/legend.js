/** What lines, colours and marks of a chart mean. */

import { html } from "../../html.js";
import { day, t } from "../../i18n.js";
import { Plain } from "../plain.js";
import { Sign } from "../polarity.js";
import { Remark } from "../remarks.js";
import { DASHES } from "./chart_look.js";
import { groupName } from "./words.js";

/**
 * The lines of a split, each as it is drawn.
 * @param {{trend: import("./model.js").Trend}} props
 */
export function Lines({ trend }) {
  if (trend.split === null) return null;
  return html`<ul class="lines" aria-label=${t(`narrowing.field_${trend.split}`)}>
    ${trend.groups.map(
      (group, at) => html`<li key=${group}>
        <svg class=${`line-${at + 1}`} width="32" height="12" viewBox="0 0 32 12" aria-hidden="true">
          <line x1="1" y1="6" x2="31" y2="6" stroke="currentColor" stroke-width="2.25" stroke-dasharray=${DASHES[at].join(" ")} />
        </svg>
        <${Plain} text=${groupName(trend.split, group)} />
      </li>`,
    )}
    ${trend.leftOut > 0 && html`<li class="quiet">${t("trends.left_out", { count: trend.leftOut })}</li>`}
  </ul>`;
}

/**
 * The days on which another model began to give the labels, numbered as in the chart.
 * @param {{changes: {day: string, before: import("../remarks.js").Said,
 *   after: import("../remarks.js").Said}[]}} props
 */
export function Changes({ changes }) {
  if (!changes.length) return null;
  return html`<div class="changes">
    <p>${t("trends.changes")}</p>
    <ol>
      ${changes.map(
        (change) => html`<li key=${change.day}>
          ${day(change.day)}: <${Remark} said=${change.before} /> → <${Remark} said=${change.after} />
        </li>`,
      )}
    </ol>
  </div>`;
}

/**
 * The marks that some chart has.
 * @param {{marks: Set<string>}} props of bars, band, gaps, bound, little, change
 */
export function Marks({ marks }) {
  const shown = ["band", "gaps", "bound", "little", "change"].filter((mark) => marks.has(mark));
  return html`<ul class="marks quiet">
    ${marks.has("bars") &&
    html`<li><${Sign} value="positive" /> ${t("trends.mark_above")}</li>
      <li><${Sign} value="negative" /> ${t("trends.mark_below")}</li>`}
    ${shown.map((mark) => html`<li key=${mark}>
      <span class=${`mark-${mark}`} aria-hidden="true"></span> ${t(`trends.mark_${mark}`)}
    </li>`)}
  </ul>`;
}

/**
 * Return the marks that charts of these lines have.
 * @param {import("./model.js").Trend} trend
 * @param {import("./data.js").Cell[][]} lines
 * @param {{bars: boolean, values: boolean, bands: boolean}} drawn bars: complaints and
 *   compliments; values: lines; bands: these with intervals
 * @returns {Set<string>}
 */
export function marksOf(trend, lines, { bars, values, bands }) {
  const cells = lines.flat();
  const has = {
    bars,
    band: bands && cells.some(({ low }) => low !== null),
    gaps: cells.some(({ state }) => state === "unknown"),
    bound: cells.some(({ state }) => state === "bound"),
    little: values && trend.split === null && cells.some(({ state }) => state === "little"),
    change: trend.changes.length > 0,
  };
  return new Set(Object.keys(has).filter((mark) => has[mark]));
}
