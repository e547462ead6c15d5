/** One topic over time, as large as there is room: value, interval, gaps, changes of the model. */

import { go, link } from "../../address.js";
import { html, useEffect, useMemo, useRef } from "../../html.js";
import { t } from "../../i18n.js";
import { Chart } from "./chart.js";
import { useCursor } from "./cursor.js";
import { mirroredRange, OVERALL, rangeOf } from "./data.js";
import { Downloads } from "./downloads.js";
import { Changes, Lines, Marks, marksOf } from "./legend.js";
import { mentionsOf } from "./links.js";
import { linesPlot, mirroredPlot } from "./plots.js";
import { Readout, readoutText } from "./readout.js";
import { TrendTable } from "./table.js";
import { nothingSaid, summaries, trendName } from "./words.js";

/**
 * @param {{trend: import("./model.js").Trend, topic: string, params: object, asked: object}} props
 *   params: of the view; asked: what the interface was asked
 */
export function Large({ trend, topic, params, asked }) {
  const lines = trend.lines(topic);
  const behind = ({ at, line, polarity }) =>
    mentionsOf(params, {
      topic, polarity, split: trend.split, group: trend.groups[line], start: trend.starts[at], period: trend.period,
    });
  const linkOf = (at, line, polarity) => {
    const found = behind({ at, line, polarity });
    return found && link("search", found);
  };
  const open = (place) => {
    const found = lines[place.line][place.at].row?.count ? behind(place) : null;
    if (found) go("search", found);
  };
  const cursor = useCursor({ most: trend.starts.length, lines: lines.length, onOpen: open });
  const { place } = cursor;
  const cell = place && lines[place.line][place.at];
  const isSplit = trend.split !== null;
  const isEmpty = lines.flat().every(({ value }) => value === null);
  const make = usePlots(trend, lines, cursor.watched);
  const heading = useRef(null);
  useArrival(heading, topic);
  const marks = marksOf(trend, lines, { bars: !isSplit, values: true, bands: true });
  return html`<section class="large" aria-labelledby="large-title">
    <div class="large-head">
      <h2 id="large-title" tabindex="-1" ref=${heading}>${trendName(topic)}</h2>
      <p class="quiet">${t(`trends.measure_${trend.measure}`)}, ${t(`trends.by_${trend.period}`)}</p>
    </div>
    <p id="large-summary" class=${isSplit && !isEmpty ? "hidden" : "large-summary"}>
      ${isEmpty ? nothingSaid(lines.flat()) : summaries(trend, lines)}
    </p>
    <${Lines} trend=${trend} />
    <div class="plots" role="application" tabindex="0" aria-label=${t("trends.chart_of", { topic: trendName(topic) })}
      aria-roledescription=${t("trends.chart")} aria-describedby="large-summary large-keys" onKeyDown=${cursor.onKeyDown}>
      <${Chart} make=${make.values} kind=${isSplit ? "split-chart" : "large-chart"} onPlot=${cursor.plotAs("values")} />
      ${make.bars && html`<${Chart} make=${make.bars} kind="bars-chart" onPlot=${cursor.plotAs("bars")} />`}
    </div>
    <span id="large-keys" class="hidden">${t("trends.keys")}</span>
    <${Readout} trend=${trend} place=${place} cell=${cell} linkOf=${linkOf} />
    <span class="hidden" role="status">${place && cursor.byKeys ? readoutText(trend, place, cell) : ""}</span>
    <${Marks} marks=${marks} />
    <${Changes} changes=${trend.changes} />
    <${TrendTable} key=${topic} trend=${trend} topic=${topic} linkOf=${linkOf} />
    <${Downloads} asked=${{ ...asked, ...(topic === OVERALL ? { overall: true } : { only: [topic] }) }} />
  </section>`;
}

function usePlots(trend, lines, watched) {
  return useMemo(() => {
    const isSplit = trend.split !== null;
    const changes = trend.changes.map(({ place, after }, at) => ({
      // Without the version of the topics; the list below the chart has it.
      place, label: trend.changes.length > 1 ? `${at + 1}` : after.values.tagger,
    }));
    const frame = { ...trend, changes, size: "large", hasFoot: isSplit };
    const range = rangeOf(trend.measure, lines.flat(), { withBands: true });
    return {
      values: linesPlot(frame, { measure: trend.measure, lines, range, watched }),
      bars: isSplit
        ? null
        : mirroredPlot({ ...frame, changes: [], hasFoot: true }, { cells: lines[0], range: mirroredRange(lines[0]) }),
    };
  }, [trend, lines]);
}

/** Bring the chart before whoever opened it, eyes and focus alike; not when the page is loaded. */
function useArrival(heading, topic) {
  const shown = useRef(topic);
  useEffect(() => {
    if (shown.current === topic) return;
    shown.current = topic;
    heading.current.focus({ preventScroll: true });
    heading.current.scrollIntoView({ block: "start" });
  }, [topic]);
}
