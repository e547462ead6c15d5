/** How the sources are: when each was last read, what came of it, what is wrong. Trouble first. */

import { html, useState } from "../../html.js";
import { moment, number, t } from "../../i18n.js";
import { useAnswer } from "../asking.js";
import { Plain } from "../plain.js";
import { Remark, Remarks } from "../remarks.js";
import { Section } from "../section.js";

const SHOWN = 6;
const OUTCOMES = new Set(["running", "finished", "stopped", "failed", "interrupted"]);

/**
 * Health of all sources of the store.
 * @param {{about: {answers_from: string}}} props
 */
export function SourceHealth({ about }) {
  const state = useAnswer("/overview/sources");
  return html`<${Section} title=${t("overview.sources")} state=${state} show=${(answer) => html`<${Shown} answer=${answer} isCluster=${about.answers_from === "elasticsearch"} />`} />`;
}

function Shown({ answer, isCluster }) {
  const [isWhole, setWhole] = useState(false);
  const { sources, total, in_trouble: inTrouble, notes } = answer;
  // Where a cluster answers nobody may know of sources, and the notes say so.
  if (!total && isCluster && notes.length) return html`<${Remarks} notes=${notes} />`;
  if (!total) return html`<p>${t("overview.sources_none")} <code>molva sources</code></p>`;
  const troubled = sources.filter((one) => one.in_trouble);
  const rest = sources.filter((one) => !one.in_trouble);
  const visible = [...troubled, ...(isWhole ? rest : rest.slice(0, Math.max(SHOWN - troubled.length, 0)))];
  return html`
    <p>
      ${inTrouble
        ? t("overview.sources_troubled", { count: inTrouble, all: total })
        : t("overview.sources_fine", { count: total })}
    </p>
    <ul class="sources">
      ${visible.map((one) => html`<${Source} key=${`${one.source} ${one.arguments}`} source=${one} />`)}
    </ul>
    ${sources.length > visible.length &&
    html`<button type="button" class="link" onClick=${() => setWhole(true)}>
      ${t("overview.sources_all", { count: sources.length })}
    </button>`}
    <${Remarks} notes=${notes} />
  `;
}

function Source({ source }) {
  const { in_trouble: isTroubled, started, outcome, items, message, alarms } = source;
  const outcomeName = OUTCOMES.has(outcome) ? t(`overview.outcome_${outcome}`) : outcome;
  return html`<li class=${isTroubled ? "source negative" : "source positive"}>
    <span class="source-mark tone" aria-hidden="true">${isTroubled ? "!" : "✓"}</span>
    <div>
      <p>
        <strong><${Plain} text=${source.source} /></strong>${" "}
        ${source.arguments && html`<span class="quiet"><${Plain} text=${source.arguments} /></span>`}
      </p>
      <p class=${isTroubled ? "" : "quiet"}>
        ${isTroubled && html`<strong>${t("overview.trouble")}</strong> `}
        ${t("overview.source_read", { when: moment(started), outcome: outcomeName, items: number(items), new: number(source.new) })}
      </p>
      ${isTroubled && message && html`<p><${Remark} said=${message} /></p>`}
      ${alarms.map((alarm) => html`<p key=${alarm.text}><${Remark} said=${alarm} /></p>`)}
    </div>
  </li>`;
}
