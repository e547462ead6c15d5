/** The numbers of a chart as a table; each of them leads to its mentions. */

import { html, useState } from "../../html.js";
import { number, t } from "../../i18n.js";
import { Plain } from "../plain.js";
import { bucketName } from "./buckets.js";
import { Reason } from "./readout.js";
import { cellText, intervalText } from "./values.js";
import { groupName, trendName } from "./words.js";

/**
 * @param {{trend: import("./model.js").Trend, topic: string,
 *   linkOf: (at: number, line: number, polarity?: string) => string|null}} props
 */
export function TrendTable({ trend, topic, linkOf }) {
  // Hundreds of rows are made only for who wants them.
  const [isOpen, setOpen] = useState(false);
  return html`<details class="trend-table" onToggle=${(event) => setOpen(event.currentTarget.open)}>
    <summary>${t("trends.table")}</summary>
    ${isOpen &&
    html`<div class="table-place" tabindex="0" role="region" aria-label=${t("trends.table")}>
      <table class="table">
        <caption>${trendName(topic)}: ${t(`trends.measure_${trend.measure}`)}</caption>
        ${trend.split === null
          ? html`<${Whole} trend=${trend} cells=${trend.lines(topic)[0]} linkOf=${linkOf} />`
          : html`<${ByGroup} trend=${trend} lines=${trend.lines(topic)} linkOf=${linkOf} />`}
      </table>
    </div>`}
  </details>`;
}

function Whole({ trend, cells, linkOf }) {
  const hasOwn = trend.measure !== "mentions";
  return html`<thead>
      <tr>
        <th scope="col">${t(`trends.period_${trend.period}`)}</th>
        <th scope="col" class="figure">${t(`trends.measure_${trend.measure}`)}</th>
        <th scope="col" class="figure">${t("trends.interval_head")}</th>
        ${hasOwn && html`<th scope="col" class="figure">${t("trends.measure_mentions")}</th>`}
        <th scope="col" class="figure">${t("trends.complaints_head")}</th>
        <th scope="col" class="figure">${t("trends.compliments_head")}</th>
        <th scope="col">${t("trends.note_head")}</th>
      </tr>
    </thead>
    <tbody>
      ${cells.map(
        (cell, at) => html`<tr key=${trend.starts[at]}>
          <th scope="row">${bucketName(trend.starts[at], trend.period)}</th>
          <td class="figure"><${Linked} text=${cellText(trend.measure, cell)} href=${hrefOf(cell, linkOf(at, 0))} /></td>
          <td class="figure quiet">${intervalText(trend.measure, cell)}</td>
          ${hasOwn && html`<td class="figure"><${Count} cell=${cell} name="count" href=${linkOf(at, 0)} /></td>`}
          <td class="figure"><${Count} cell=${cell} name="negative" href=${linkOf(at, 0, "negative")} /></td>
          <td class="figure"><${Count} cell=${cell} name="positive" href=${linkOf(at, 0, "positive")} /></td>
          <td><${Reason} trend=${trend} cell=${cell} /></td>
        </tr>`,
      )}
    </tbody>`;
}

function ByGroup({ trend, lines, linkOf }) {
  return html`<thead>
      <tr>
        <th scope="col">${t(`trends.period_${trend.period}`)}</th>
        ${trend.groups.map((group) => html`<th scope="col" class="figure"><${Plain} text=${groupName(trend.split, group)} /></th>`)}
      </tr>
    </thead>
    <tbody>
      ${trend.starts.map(
        (start, at) => html`<tr key=${start}>
          <th scope="row">${bucketName(start, trend.period)}</th>
          ${lines.map(
            (cells, line) => html`<td class="figure">
              <${Linked} text=${cellText(trend.measure, cells[at])} href=${hrefOf(cells[at], linkOf(at, line))} />
            </td>`,
          )}
        </tr>`,
      )}
    </tbody>`;
}

function Count({ cell, name, href }) {
  const count = cell.row?.[name] ?? null;
  return html`<${Linked} text=${count === null ? "–" : number(count)} href=${count ? href : null} />`;
}

function Linked({ text, href }) {
  return href ? html`<a href=${href}>${text}</a>` : html`<span class="quiet">${text}</span>`;
}

/** Return the address only where there is something to read. */
function hrefOf({ row }, href) {
  return row?.count ? href : null;
}
