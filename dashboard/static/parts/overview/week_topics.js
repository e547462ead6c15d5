/** Topics that people complain of, or praise, more or less often than the week before. */

import { link } from "../../address.js";
import { html, useId, useState } from "../../html.js";
import { number, t, topicName } from "../../i18n.js";
import { Interval } from "../measures.js";
import { Sign } from "../polarity.js";
import { mentionsIn } from "../trends/links.js";
import { isBeyondChance, Verdict } from "./verdict.js";

const SHOWN = 5;
/** The scale of "times as many" reaches from a tenth to ten times, as logarithms. */
const REACH = Math.log(10);
const NAMES = { negative: "complaints", positive: "compliments" };
const BETTER = { negative: "down", positive: "up" };

/**
 * @param {{polarity: "negative"|"positive", topics: object[], within: object}} props
 *   topics: rows of the interface; within: what the mentions of the later week are found by
 */
export function OpinionChanges({ polarity, topics, within }) {
  const [isWhole, setWhole] = useState(false);
  const id = useId();
  const name = NAMES[polarity];
  const rows = topics
    .map((row) => ({ topic: row.topic, days: [row.before_days, row.after_days], ...row[name] }))
    .filter(({ before, after }) => before || after)
    .sort((one, other) => weight(other) - weight(one));
  return html`<section class="opinions" aria-labelledby=${id}>
    <h3 id=${id}><${Sign} value=${polarity} /> ${t(`overview.said_${name}`)}</h3>
    ${!rows.length && html`<p class="quiet">${t(`overview.no_${name}`)}</p>`}
    ${rows.length > 0 &&
    html`<ul class="changes">
      ${rows.slice(0, isWhole ? rows.length : SHOWN).map(
        (row) => html`<${Row} key=${row.topic} row=${row} polarity=${polarity} within=${within} />`,
      )}
    </ul>`}
    ${rows.length > SHOWN &&
    html`<button type="button" class="link" aria-expanded=${isWhole} onClick=${() => setWhole(!isWhole)}>
      ${isWhole ? t("overview.fewer_topics") : t("overview.all_topics", { count: rows.length })}
    </button>`}
  </section>`;
}

function Row({ row, polarity, within }) {
  const { topic, before, after, ratio, ratio_low: low, ratio_high: high, change } = row;
  const address = link("search", mentionsIn(within, { topic, polarity }));
  let tone = "neutral";
  if (isBeyondChance(change)) tone = change.startsWith(BETTER[polarity]) ? "positive" : "negative";
  return html`<li class="change-row">
    <a href=${address}>${topicName(topic)}</a>
    <span class="figure">
      <span class="quiet">${before === null ? "—" : number(before)} <span aria-hidden="true">→</span>
      <span class="hidden">${t("overview.then")}</span></span> <strong>${after === null ? "—" : number(after)}</strong>
    </span>
    <span class="change-line">
      ${low !== null &&
      html`<${Interval} value=${logarithm(ratio)} low=${logarithm(low)} high=${logarithm(high)}
        from=${-REACH} to=${REACH} mark=${0} tone=${tone} />`}
    </span>
    <span class="change-words">
      <${Verdict} value=${change} better=${BETTER[polarity]} />
      ${ratio !== null && html` <span class="quiet">${t("overview.times", { ratio: number(ratio, 1) })}</span>`}
    </span>
  </li>`;
}

/** What is certain comes first, then what changed most. */
function weight({ before, after, change, days: [old, recent] }) {
  const moved = Math.abs((after ?? 0) / (recent || 1) - (before ?? 0) / (old || 1));
  return isBeyondChance(change) ? 1e6 + moved : moved;
}

function logarithm(value) {
  if (value === null) return null;
  return value > 0 ? Math.log(value) : -Infinity;
}
