/** What else is known of a mention: earlier versions, corrections, the log of its case, accuracy. */

import { link } from "../../address.js";
import { post } from "../../api.js";
import { html } from "../../html.js";
import { moment, number, percent, t, topicName } from "../../i18n.js";
import { useAnswer } from "../asking.js";
import { Failure } from "../failure.js";
import { valueName } from "../field_value.js";
import { tell } from "../notices.js";
import { Plain } from "../plain.js";
import { polarityName } from "../polarity.js";
import { Table } from "../table.js";
import { withNote } from "./correcting.js";
import { idQuery } from "./mention_facts.js";
import { Panel, useWork } from "./panel.js";

const VERDICTS = ["keep", "advert", "copy"];

/**
 * @param {{found: object, about: object, id: string, onChanged: (mention: object) => void,
 *   onClose: () => void}} props
 */
export function More({ found, about, id, onChanged, onClose }) {
  const { answer, error, loading } = useAnswer("/mention", { id: found.id });
  return html`<${Panel} id=${id} onClose=${onClose} title=${t("mention.more")}>
    <dl class="known">
      <dt>${t("mention.id")}</dt>
      <dd><a href=${link("search", { q: idQuery(found.id) })} data-first><${Plain} text=${found.id} /></a></dd>
      <dt>${t("mention.collected_at")}</dt><dd>${moment(found.collected_at)}</dd>
      ${found.likes !== null && html`<dt>${t("mention.likes")}</dt><dd>${number(found.likes)}</dd>`}
      ${found.model &&
      html`<dt>${t("mention.model")}</dt>
        <dd>${found.model}; ${t("mention.taxonomy", { version: found.taxonomy_version })}</dd>`}
    </dl>
    ${loading && html`<p class="quiet" role="status">${t("shell.loading")}</p>`}
    ${error && html`<${Failure} error=${error} />`}
    ${answer &&
    html`<${Earlier} versions=${answer.earlier} />
      <${Corrections} corrections=${answer.corrections} modelSays=${answer.model_says} />
      <${CaseLog} entries=${answer.case_log} />
      <${Accuracy} figures=${answer.accuracy} lang=${found.lang} />`}
    ${about.access === "write" && html`<${Verdict} found=${found} onChanged=${onChanged} />`}
  <//>`;
}

function Earlier({ versions }) {
  if (!versions.length) return null;
  return html`<p class="part-title">${t("mention.earlier")}</p>
    <ul class="log">
      ${versions.map(
        (one) => html`<li>
          <span class="quiet">${moment(one.collected_at)}</span>
          ${one.title && html`<p class="mention-title"><${Plain} text=${one.title} /></p>`}
          <div class="words"><${Plain} text=${one.text} /></div>
        </li>`,
      )}
    </ul>`;
}

function Corrections({ corrections, modelSays }) {
  if (!corrections.length) return null;
  return html`<p class="part-title">${t("mention.corrections")}</p>
    <ul class="log">
      ${corrections.map(
        (one) => html`<li class=${one.in_force || one.undoes ? "" : "past"}>
          <${Entry} at=${one.made_at} author=${one.author} note=${one.note}>
            ${one.undoes ? t("mention.takes_back", { which: one.undoes }) : said(one)}
            ${!one.in_force && !one.undoes && ` (${t("mention.no_longer")})`}
          <//>
        </li>`,
      )}
    </ul>
    ${modelSays &&
    html`<p class="quiet">
      ${t("mention.model_says")} ${said(modelSays) || t("mention.nothing")}
    </p>`}`;
}

/** What labels say, in words. */
function said({ sentiment, topics }) {
  const parts = Object.entries(topics ?? {}).map(
    ([topic, polarity]) => `${topicName(topic)}: ${polarity ? polarityName(polarity) : t("mention.not_spoken_of")}`,
  );
  if (sentiment) parts.unshift(polarityName(sentiment, "sentiment"));
  return parts.join("; ");
}

function CaseLog({ entries }) {
  if (!entries.length) return null;
  return html`<p class="part-title">${t("mention.case_log")}</p>
    <ul class="log">
      ${entries.map(
        (one) => html`<li>
          <${Entry} at=${one.at} author=${one.author} note=${one.note}>
            ${one.status && valueName("case", one.status)}${one.status && one.owner && ", "}
            ${one.owner && html`${t("mention.case_owner")}: <${Plain} text=${one.owner} />`}
          <//>
        </li>`,
      )}
    </ul>`;
}

function Entry({ at, author, note, children }) {
  return html`<span class="quiet">${moment(at)}${author && html`, <${Plain} text=${author} />`}</span>
    ${children}${note && html`<div><${Plain} text=${note} /></div>`}`;
}

function Accuracy({ figures, lang }) {
  if (!figures.length) return null;
  const columns = [
    { title: t("mention.label"), cell: (row) => (row.topic ? topicName(row.topic) : t("mention.overall")) },
    { title: t("mention.figure"), cell: (row) => t(`mention.figure_${row.figure.toLowerCase()}`) },
    { title: t("mention.value"), isFigure: true, cell: (row) => percent(row.value) },
    { title: t("mention.interval"), isFigure: true, cell: (row) => `${percent(row.low)} – ${percent(row.high)}` },
    { title: t("mention.texts"), isFigure: true, cell: (row) => number(row.texts) },
  ];
  const caption = t("mention.accuracy", { lang: lang ? valueName("lang", lang) : "" });
  const keyOf = (row) => `${row.topic} ${row.figure}`;
  return html`<${Table} caption=${caption} columns=${columns} rows=${figures} keyOf=${keyOf} />`;
}

function Verdict({ found, onChanged }) {
  const [work, isBusy, error] = useWork();
  const say = (verdict) =>
    work(async () => {
      const { mention, note } = await post("/noise", { mention_id: found.id, verdict });
      onChanged(mention);
      tell(withNote(t(`mention.verdict_${verdict}_said`), note));
    });
  return html`<div class="verdict" role="group" aria-label=${t("mention.noise")}>
    <span class="quiet">${t("mention.noise")}</span>
    ${VERDICTS.map(
      (verdict) => html`<button type="button" class="button small" disabled=${isBusy} onClick=${() => say(verdict)}>
        ${t(`mention.verdict_${verdict}`)}
      </button>`,
    )}
    ${error && html`<${Failure} error=${error} />`}
  </div>`;
}
