/** Negative mentions that nobody has replied to: how many, for how long, and the newest. */

import { link } from "../../address.js";
import { html } from "../../html.js";
import { moment, number, t, topicName } from "../../i18n.js";
import { useAnswer } from "../asking.js";
import { Plain } from "../plain.js";
import { polarityName, Sign } from "../polarity.js";
import { quoted } from "../quoted.js";
import { Section } from "../section.js";
import { length, slice } from "../spans.js";
import { mentionsIn } from "../trends/links.js";

const NEWEST = 3;
/** So much of a text is shown, in characters. */
const SHOWN = 220;

/**
 * @param {{asked: object}} props
 *   asked: what narrows the mentions
 */
export function Unanswered({ asked }) {
  const state = useAnswer("/overview/unanswered", { ...asked, limit: NEWEST });
  return html`<${Section} title=${t("overview.unanswered")} state=${state} show=${(answer) => html`<${Shown} answer=${answer} asked=${asked} />`} />`;
}

function Shown({ answer, asked }) {
  const { total, by_age: ages, hits, left_out: leftOut } = answer;
  const address = link("search", mentionsIn({ ...asked, q: waiting(asked.q, leftOut) }, { polarity: "negative" }));
  return html`
    ${total === 0
      ? html`<p>${t("overview.unanswered_none")}</p>`
      : html`<p class="tile-value"><a href=${address}>${t("overview.unanswered_total", { count: total })}</a></p>
          <${Ages} ages=${ages} />
          <h3>${t("overview.newest")}</h3>
          <ul class="newest">${hits.map((hit) => html`<${Newest} key=${hit.id} hit=${hit} />`)}</ul>
          <p><a href=${address}>${t("overview.read_all")} →</a></p>`}
    ${leftOut.length > 0 &&
    html`<p class="quiet">
      ${t("overview.unanswered_left_out")}${" "}
      ${leftOut.map(
        ({ source, mentions }, index) => html`${index > 0 && ", "}<${Plain} text=${source} /> (${number(mentions)})`,
      )}
    </p>`}
  `;
}

/** The query that finds the same: no reply yet, where replies are seen. */
function waiting(query, leftOut) {
  const sources = leftOut.map(({ source }) => `-source:"${quoted(source)}"`);
  return [query && `(${query})`, "-has:reply", ...sources].filter(Boolean).join(" ");
}

function Ages({ ages }) {
  const most = Math.max(...ages.map(({ mentions }) => mentions), 1);
  const name = ({ under_days: under }, index) => {
    if (index === 0) return t("overview.age_under", { count: under });
    const from = ages[index - 1].under_days;
    return under === null ? t("overview.age_over", { count: from }) : t("overview.age_between", { from, count: under });
  };
  return html`<dl class="ages">
    ${ages.map(
      (age, index) => html`<div key=${age.name}>
        <dt>${name(age, index)}</dt>
        <dd>
          <svg class="bar-line" width="100%" height="10" aria-hidden="true" focusable="false">
            <rect height="10" width=${`${(100 * age.mentions) / most}%`} />
          </svg>
          <span class="figure">${number(age.mentions)}</span>
        </dd>
      </div>`,
    )}
  </dl>`;
}

function Newest({ hit }) {
  const text = hit.text || hit.title || "";
  const isLong = length(text) > SHOWN;
  const where = [hit.brand, hit.location, hit.source].filter(Boolean);
  const opinions = new Map(
    hit.sentences.flatMap(({ topics }) => topics).map((one) => [`${one.topic} ${one.polarity}`, one]),
  );
  return html`<li>
    <p class="quiet">
      ${where.map((name, index) => html`${index > 0 && " · "}<${Plain} text=${name} />`)}
      ${" · "}<time datetime=${hit.published_at ?? hit.collected_at}>${moment(hit.published_at ?? hit.collected_at)}</time>
    </p>
    <p lang=${hit.lang ?? undefined}><${Plain} text=${isLong ? slice(text, 0, SHOWN) : text} />${isLong && "…"}</p>
    ${opinions.size > 0 &&
    html`<ul class="marks">
      ${[...opinions.values()].map(
        ({ topic, polarity }) => html`<li class=${polarity} key=${`${topic} ${polarity}`}>
          <${Sign} value=${polarity} /> ${topicName(topic)}<span class="hidden">, ${polarityName(polarity)}</span>
        </li>`,
      )}
    </ul>`}
  </li>`;
}
