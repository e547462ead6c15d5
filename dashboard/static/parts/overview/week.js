/** The last whole week against the one before. */

import { link } from "../../address.js";
import { html } from "../../html.js";
import { days, number, percent, signed, t } from "../../i18n.js";
import { apart } from "../apart.js";
import { useAnswer } from "../asking.js";
import { Interval } from "../measures.js";
import { Section } from "../section.js";
import { mentionsIn } from "../trends/links.js";
import { Verdict } from "./verdict.js";
import { OpinionChanges } from "./week_topics.js";

const WEEK = 7;

/**
 * @param {{asked: object}} props
 *   asked: what narrows the mentions
 */
export function Week({ asked }) {
  const state = useAnswer("/overview/week", asked);
  const show = (answer) =>
    answer.total === null
      ? html`<p>${t("overview.week_nothing", { days: days(answer.before.first, answer.after.last) })}</p>`
      : html`<${Changes} answer=${answer} asked=${asked} />`;
  return html`<${Section} title=${t("overview.week")} state=${state} show=${show} />`;
}

function Changes({ answer, asked }) {
  const { total, topics, before, after } = answer;
  const within = { ...asked, first: after.first, last: after.last };
  const isPartly = total.before_days < WEEK || total.after_days < WEEK;
  return html`
    <p class="quiet">${t("overview.week_days", { after: days(after.first, after.last), before: days(before.first, before.last) })}</p>
    ${isPartly &&
    html`<p class="note">
      ${t("overview.week_partly", { after: total.after_days, before: total.before_days, days: WEEK })}
    </p>`}
    <dl class="tiles">
      <${Mentions} total=${total} within=${within} />
      <${Share} total=${total} within=${within} />
      <${Net} total=${total} />
      <${Stars} total=${total} />
    </dl>
    <div class="side-by-side">
      <${OpinionChanges} polarity="negative" topics=${topics} within=${within} />
      <${OpinionChanges} polarity="positive" topics=${topics} within=${within} />
    </div>
  `;
}

function Mentions({ total, within }) {
  const value = total.after_count;
  return html`<div class="tile">
    <dt>${t("overview.mentions")}</dt>
    <dd>
      <p class="tile-value">
        ${value === null ? "—" : html`<a href=${link("search", mentionsIn(within, {}))}>${number(value)}</a>`}
      </p>
      <${Before} text=${total.before_count === null ? null : number(total.before_count)} />
      <p><${Verdict} value=${total.count_change} /></p>
    </dd>
  </div>`;
}

function Share({ total, within }) {
  const value = total.after_share_negative;
  return html`<div class="tile">
    <dt>${t("overview.share_negative")}</dt>
    <dd>
      <p class="tile-value">
        ${value === null
          ? "—"
          : html`<a href=${link("search", mentionsIn(within, { polarity: "negative" }))}>${percent(value)}</a>`}
      </p>
      <${Before} text=${total.before_share_negative === null ? null : percent(total.before_share_negative)} />
      <${Difference} row=${total} name="share_negative" reach=${0.5} better="down"
        unit="points" write=${(one) => signed(100 * one, 0)} />
    </dd>
  </div>`;
}

function Net({ total }) {
  const value = total.after_net_sentiment;
  return html`<div class="tile">
    <dt>${t("overview.net_sentiment")}</dt>
    <dd>
      <p class="tile-value">${value === null ? "—" : signed(value, 2, 2)}</p>
      <${Before} text=${total.before_net_sentiment === null ? null : signed(total.before_net_sentiment, 2, 2)} />
      <${Difference} row=${total} name="net_sentiment" reach=${1} better="up"
        unit="plain" write=${(one) => signed(one, 2, 2)} />
    </dd>
  </div>`;
}

function Stars({ total }) {
  const value = total.after_average_stars;
  if (value === null && total.before_average_stars === null) return null;
  return html`<div class="tile">
    <dt>${t("overview.average_stars")}</dt>
    <dd>
      <p class="tile-value">${value === null ? "—" : html`${number(value, 2)} <span class="star" aria-hidden="true">★</span>`}</p>
      <${Before} text=${total.before_average_stars === null ? null : number(total.before_average_stars, 2)} />
    </dd>
  </div>`;
}

function Before({ text }) {
  return html`<p class="quiet">${text === null ? t("overview.before_unknown") : t("overview.before", { value: text })}</p>`;
}

/** By how much it changed, the interval drawn around no change, and what that amounts to. */
function Difference({ row, name, reach, better, unit, write }) {
  const { [`${name}_difference_low`]: low, [`${name}_difference_high`]: high, [`${name}_change`]: verdict } = row;
  const { value, tone } = apart(row, name, better);
  if (value === null) return html`<p><${Verdict} value=${verdict} /></p>`;
  const far = Math.max(reach, Math.abs(low), Math.abs(high));
  return html`
    <${Interval} value=${value} low=${low} high=${high} from=${-far} to=${far} mark=${0} tone=${tone} />
    <p class="tile-note">${t(`overview.difference_${unit}`, { value: write(value), low: write(low), high: write(high) })}</p>
    <p><${Verdict} value=${verdict} better=${better} /></p>
  `;
}
