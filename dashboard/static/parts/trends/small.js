/** All topics over time, a small chart each; each opens the large one. */

import { link } from "../../address.js";
import { html, useEffect, useMemo, useRef, useState } from "../../html.js";
import { t } from "../../i18n.js";
import { bucketName } from "./buckets.js";
import { Chart } from "./chart.js";
import { extremes } from "./data.js";
import { Lines, Marks, marksOf } from "./legend.js";
import { isMirrored, smallRange } from "./model.js";
import { linesPlot, mirroredPlot } from "./plots.js";
import { cellText, valueText } from "./values.js";
import { nothingSaid, summaries, trendName } from "./words.js";

/**
 * @param {{trend: import("./model.js").Trend, params: object, opened: string}} props
 *   opened: the topic of the large chart
 */
export function Smalls({ trend, params, opened }) {
  const isSame = params.scale === "same";
  const { at, onPointerMove, onPointerLeave, plotOf } = usePointed(trend);
  const marks = useMemo(() => {
    const lines = trend.topics.flatMap((topic) => trend.lines(topic));
    const values = !isMirrored(trend);
    return marksOf(trend, lines, { bars: !values, values, bands: values && trend.split === null });
  }, [trend]);
  return html`<section aria-labelledby="smalls-title">
    <div class="smalls-head">
      <h2 id="smalls-title">${t("trends.by_topic")}</h2>
      <p class="quiet">${t(isSame ? "trends.scale_same_says" : "trends.scale_own_says")}</p>
      ${trend.split === null &&
      html`<p class="quiet smalls-when" aria-hidden="true">
        ${at === null ? t("trends.figures_latest") : bucketName(trend.starts[at], trend.period)}
      </p>`}
    </div>
    <${Lines} trend=${trend} />
    <ul class="smalls" onPointerMove=${onPointerMove} onPointerLeave=${onPointerLeave}>
      ${trend.topics.map(
        (topic) => html`<${Small} key=${topic} trend=${trend} topic=${topic} params=${params} isSame=${isSame}
          isOpen=${topic === opened} at=${at} onPlot=${plotOf(topic)} />`,
      )}
    </ul>
    <${Marks} marks=${marks} />
  </section>`;
}

function Small({ trend, topic, params, isSame, isOpen, at, onPlot }) {
  const lines = trend.lines(topic);
  const isEmpty = lines.flat().every(({ value }) => value === null);
  const make = useMemo(() => {
    const range = smallRange(trend, topic, isSame);
    const frame = { ...trend, changes: trend.changes.map(({ place }) => ({ place, label: "" })), size: "small", hasFoot: true };
    if (isMirrored(trend)) return mirroredPlot(frame, { cells: lines[0], range });
    return linesPlot(frame, { measure: trend.measure, lines, range });
  }, [trend, topic, isSame]);
  return html`<li class="small">
    <a href=${link("trends", { ...params, chart: topic })} aria-current=${isOpen ? "true" : undefined}>
      <span class="small-head">
        <h3>${trendName(topic)}</h3>
        ${trend.split === null && html`<${Figures} trend=${trend} cells=${lines[0]} at=${at} />`}
      </span>
      ${isEmpty
        ? html`<span class="small-chart small-empty quiet">${nothingSaid(lines.flat())}</span>`
        : html`<span class="hidden">${summaries(trend, lines)}</span>
            <${Chart} make=${make} kind="small-chart" onPlot=${onPlot} />`}
    </a>
  </li>`;
}

/** The figures of the bucket that is pointed at, else of the latest; who hears has the sentence. */
function Figures({ trend, cells, at }) {
  const shown = cells[at ?? extremes(cells)?.last];
  if (!shown) return null;
  if (!isMirrored(trend) || shown.value === null) {
    return html`<span class="figure" aria-hidden="true">${cellText(trend.measure, shown)}</span>`;
  }
  return html`<span class="figure" aria-hidden="true">
    <span class="positive tone">+${valueText("mentions", shown.row.positive)}</span>${" "}
    <span class="negative tone">−${valueText("mentions", shown.row.negative)}</span>
  </span>`;
}

/** The bucket that is pointed at in one of the charts, shown in all of them. */
function usePointed(trend) {
  const [pointed, setPointed] = useState(null);
  const plots = useRef(new Map());
  const at = pointed === null || pointed >= trend.starts.length ? null : pointed;
  useEffect(() => {
    for (const plot of plots.current.values()) {
      plot.setCursor({ left: at === null ? -10 : plot.valToPos(at, "x"), top: 0 }, false);
    }
  }, [at, trend]);
  return {
    at,
    onPointerMove: (event) => {
      if (event.pointerType !== "mouse") return;
      const plot = [...plots.current.values()].find(({ over }) => over === event.target);
      if (plot) setPointed(Math.round(plot.posToVal(event.offsetX, "x")));
    },
    onPointerLeave: () => setPointed(null),
    plotOf: (topic) => (plot) => (plot ? plots.current.set(topic, plot) : plots.current.delete(topic)),
  };
}
