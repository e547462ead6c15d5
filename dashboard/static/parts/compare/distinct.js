/** What people praise, or complain of, in one group and not in the others; read when asked for. */

import { link, narrowingOf } from "../../address.js";
import { html } from "../../html.js";
import { number, t, topicName } from "../../i18n.js";
import { useAnswer } from "../asking.js";
import { FieldValue, valueName } from "../field_value.js";
import { idQuery } from "../mention/mention_facts.js";
import { Plain } from "../plain.js";
import { Sign } from "../polarity.js";
import { quoted } from "../quoted.js";
import { Section } from "../section.js";
import { mentionsIn } from "../trends/links.js";

const TONES = [["complaint", "negative"], ["praise", "positive"]];

/**
 * @param {{question: object, params: object, onChange: (changes: object) => void}} props
 *   question: what is compared; params: of the address
 */
export function Distinct({ question, params, onChange }) {
  const isAsked = params.distinct === "1";
  const state = useAnswer(isAsked ? "/compare" : null, { ...question, distinct: true });
  if (!isAsked) {
    return html`<section class="section">
      <div class="section-head"><h2>${t("compare.distinct")}</h2></div>
      <p>${t("compare.distinct_means")}</p>
      <button type="button" class="button" onClick=${() => onChange({ distinct: "1" })}>${t("compare.distinct_ask")}</button>
    </section>`;
  }
  return html`<${Section} title=${t("compare.distinct")} state=${state} show=${(answer) => html`<${Shown} answer=${answer} params=${params} />`} />`;
}

function Shown({ answer, params }) {
  const { by, groups, distinct } = answer;
  if (!distinct.length) return html`<p>${t("compare.distinct_none")}</p>`;
  return html`<p class="quiet">${t("compare.distinct_means")}</p>
    ${groups.filter(({ against }) => against !== null).map(({ group }) => {
      const terms = distinct.filter((one) => one.group === group);
      return html`<section key=${group} class="distinct" aria-label=${valueName(by, group)}>
        <h3><${FieldValue} field=${by} value=${group} /></h3>
        <div class="side-by-side">
          ${TONES.map(
            ([tone, polarity]) => html`<${Terms} key=${tone} terms=${terms.filter((one) => one.tone === tone)}
              tone=${tone} polarity=${polarity} by=${by} params=${params} />`,
          )}
        </div>
      </section>`;
    })}`;
}

function Terms({ terms, tone, polarity, by, params }) {
  return html`<div>
    <p><${Sign} value=${polarity} /> ${t(`compare.more_${tone}`)}</p>
    ${!terms.length && html`<p class="quiet">${t("compare.distinct_nothing")}</p>`}
    <ul class="terms">
      ${terms.map(
        (term) => html`<li key=${`${term.kind} ${term.term}`}>
          <p>
            <a href=${link("search", where(params, by, term, polarity))}>
              ${term.kind === "topic" ? topicName(term.term) : html`“<${Plain} text=${term.term} />”`}
            </a>${" "}
            <span class="quiet">${t("compare.distinct_counts", { here: number(term.mentions), there: number(term.mentions_against) })}</span>
          </p>
          ${term.example &&
          html`<blockquote>
            <p><a href=${link("search", { q: idQuery(term.example_id) })}><${Plain} text=${term.example} /></a></p>
          </blockquote>`}
        </li>`,
      )}
    </ul>
  </div>`;
}

/** The mentions of the group that have the term. */
function where(params, by, { kind, term, group }, polarity) {
  if (kind === "topic") return mentionsIn(params, { split: by, group, topic: term, polarity });
  const words = [params.q && `(${params.q})`, `"${quoted(term)}"`].filter(Boolean).join(" ");
  return { ...narrowingOf(params), q: words, [by]: [group] };
}
