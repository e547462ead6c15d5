/** Topics over time: all of them small, one of them large. */

import { go, narrowingOf } from "../address.js";
import { html, useMemo } from "../html.js";
import { t } from "../i18n.js";
import { useAnswer } from "../parts/asking.js";
import { PERIODS } from "../parts/trends/buckets.js";
import { Failure } from "../parts/failure.js";
import { Narrowing } from "../parts/narrowing/narrowing.js";
import { TrendAbout } from "../parts/trends/about.js";
import { arranged, MEASURES, MOST_GROUPS } from "../parts/trends/data.js";
import { Downloads } from "../parts/trends/downloads.js";
import { Large } from "../parts/trends/large.js";
import { trendOf } from "../parts/trends/model.js";
import { Settings, SPLITS } from "../parts/trends/settings.js";
import { Smalls } from "../parts/trends/small.js";

const DAY_MS = 86_400_000;
/** Up to so many days a trend is counted by days, by weeks; beyond, by months. */
const DAYS_BY = { day: 45, week: 200 };

/**
 * @param {{about: object, params: object}} props
 */
export default function View({ about, params }) {
  const settings = settingsOf(params, about.today);
  const { measure, split, asked } = settings;
  const overall = useAnswer("/trends", { ...asked, overall: true });
  // With a split the groups come first: of many branches only those are asked that are drawn.
  const isReady = !split || (overall.answer && !overall.loading && !overall.error);
  const chosen = isReady && split ? largestOf(overall.answer, split) : {};
  const topics = useAnswer(isReady ? "/trends" : null, { ...asked, ...chosen });
  const error = overall.error ?? topics.error;
  const loading = overall.loading || topics.loading || !isReady;
  const trend = useMemo(
    () => overall.answer && topics.answer && trendOf({ overall: overall.answer, topics: topics.answer }, { split, measure }),
    [overall.answer, topics.answer, split, measure],
  );
  const change = (changes) => go("trends", { ...params, ...changes }, { replace: true });
  return html`<h1>${t("shell.view_trends")}</h1>
    <${Narrowing} view="trends" params=${params} about=${about} error=${error}>
      <${Settings} ...${settings} onChange=${change} />
      ${error &&
      error.kind !== "query" &&
      html`<${Failure} error=${error} onAgain=${error === overall.error ? overall.again : topics.again} />`}
      ${loading && html`<p class="quiet trends-wait" role="status">${t("shell.loading")}</p>`}
      ${trend &&
      !error &&
      html`<${Charts} trend=${trend} params=${params} asked=${asked} answers=${[overall.answer, topics.answer]} loading=${loading} />`}
    <//>`;
}

function Charts({ trend, params, asked, answers, loading }) {
  if (!trend.starts.length) return html`<p>${t("trends.nothing")}</p>`;
  const topic = trend.topics.includes(params.chart) ? params.chart : trend.topics[0];
  return html`<div class="trends" aria-busy=${loading}>
    ${topic !== undefined && html`<${Large} trend=${trend} topic=${topic} params=${params} asked=${asked} />`}
    <${Smalls} trend=${trend} params=${params} opened=${topic} />
    <${Downloads} asked=${asked} />
    <${TrendAbout} answers=${answers} />
  </div>`;
}

/** Return what the address says, with what holds where it says nothing. */
function settingsOf(params, today) {
  const period = PERIODS.includes(params.period) ? params.period : periodFor(params, today);
  const split = SPLITS.includes(params.split) ? params.split : null;
  return {
    period,
    split,
    measure: Object.hasOwn(MEASURES, params.show ?? "") ? params.show : "mentions",
    isSame: params.scale === "same",
    asked: { ...narrowingOf(params), period, split },
  };
}

function periodFor({ first, last }, today) {
  if (!first) return "month";
  const days = (Date.parse(last ?? today) - Date.parse(first)) / DAY_MS;
  return PERIODS.find((period) => days <= (DAYS_BY[period] ?? Infinity));
}

/** Return what narrows a question to the groups that are drawn; nothing where all are. */
function largestOf(answer, split) {
  const { groups } = arranged(answer.rows, split);
  const largest = groups.slice(0, MOST_GROUPS);
  // Mentions without a value cannot be asked for beside those that have one.
  return groups.length <= MOST_GROUPS || largest.includes("") ? {} : { [split]: largest };
}
