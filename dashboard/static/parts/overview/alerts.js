/** Alerts that are on: what is unusual, how sure that is, and which sentences are behind it. */

import { link } from "../../address.js";
import { html } from "../../html.js";
import { day, t } from "../../i18n.js";
import { useAnswer } from "../asking.js";
import { idQuery } from "../mention/mention_facts.js";
import { Plain } from "../plain.js";
import { Remarks } from "../remarks.js";
import { Section } from "../section.js";
import { headline, sentences } from "./alert_words.js";

/** Alerts of the whole project: rules narrow for themselves. */
export function Alerts() {
  const state = useAnswer("/overview/alerts");
  return html`<${Section} title=${t("overview.alerts")} state=${state} show=${(answer) => html`<${Shown} answer=${answer} />`} />`;
}

function Shown({ answer }) {
  const { on, looked_until: until, notes } = answer;
  // Where a cluster answers nobody may know of alerts, and the notes say so.
  if (until === null && notes.length) return html`<${Remarks} notes=${notes} />`;
  if (until === null) {
    return html`<p>${t("overview.alerts_never")} <code>molva alerts</code></p>`;
  }
  return html`
    ${!on.length && html`<p>${t("overview.alerts_none")}</p>`}
    <ul class="alerts">${on.map((alert) => html`<${Alert} key=${alert.headline} alert=${alert} />`)}</ul>
    <p class="quiet">${t("overview.alerts_until", { day: day(until) })}</p>
    <${Remarks} notes=${notes} />
  `;
}

function Alert({ alert }) {
  const { figures, kind, severity, since, query, evidence } = alert;
  const tone = figures.polarity === "positive" ? "positive" : "negative";
  return html`<li class=${`alert ${tone}`}>
    <h3>${headline(figures, kind)}</h3>
    <p class="quiet">
      ${t(`overview.severity_${severity}`)} · ${t("overview.since", { day: day(since) })}
    </p>
    ${sentences(figures).map((sentence) => html`<p>${sentence}</p>`)}
    ${evidence.map(
      (one) => html`<blockquote key=${one.id}>
        <p><${Plain} text=${one.text} /></p>
        <footer class="quiet">
          <${Plain} text=${one.source} />, ${day(one.day)}
          ${" · "}<a href=${link("search", { q: idQuery(one.id) })}>${t("overview.mention")}</a>
        </footer>
      </blockquote>`,
    )}
    <p><a href=${link("search", { q: query })}>${t("overview.read_all")} →</a></p>
  </li>`;
}
