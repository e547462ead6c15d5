/** Topics and groups: how much each group is blamed for a topic, or how often it is spoken of. */

import { link } from "../../address.js";
import { html } from "../../html.js";
import { percent, t, topicCodes, topicName } from "../../i18n.js";
import { Apart, apart } from "../apart.js";
import { FieldValue } from "../field_value.js";
import { Interval } from "../measures.js";
import { Table } from "../table.js";
import { mentionsIn } from "../trends/links.js";

/** What can be shown, and what of the mentions its links open. */
const SHOWN = {
  share_negative: { better: "down", polarity: "negative" },
  share: {},
};

/**
 * @param {{answer: object, params: object, onChange: (changes: object) => void}} props
 *   answer: of /compare; params: of the address
 */
export function TopicMatrix({ answer, params, onChange }) {
  const name = Object.hasOwn(SHOWN, params.show ?? "") ? params.show : "share_negative";
  const { by, groups, topics } = answer;
  const rows = rowsOf(topics);
  if (!rows.length) return html`<p>${t("compare.no_topics")}</p>`;
  const most = Math.max(...topics.map((row) => row[`${name}_high`] ?? 0), 0.05);
  const columns = [
    { title: t("compare.topic"), order: ({ topic }) => topicName(topic), cell: ({ topic }) => topicName(topic) },
    ...groups.map(({ group }) => ({
      title: html`<${FieldValue} field=${by} value=${group} />`,
      isFigure: true,
      order: ({ cells }) => cells.get(group)?.[name] ?? null,
      cell: ({ cells }) => {
        const row = cells.get(group);
        return row && html`<${Cell} row=${row} name=${name} most=${most} by=${by} params=${params} />`;
      },
    })),
  ];
  return html`<section class="section">
    <div class="section-head">
      <h2>${t("compare.topics")}</h2>
      <div class="choice" role="group" aria-label=${t("compare.shown")}>
        ${Object.keys(SHOWN).map(
          (one) => html`<button key=${one} type="button" class="button" aria-pressed=${one === name}
            onClick=${() => onChange({ show: one })}>${t(`compare.show_${one}`)}</button>`,
        )}
      </div>
    </div>
    <p class="quiet">${t(`compare.means_${name}`)} ${t("compare.legend")}</p>
    <${Table} name="matrix" caption=${t(`compare.show_${name}`)} columns=${columns} rows=${rows} keyOf=${({ topic }) => topic} />
  </section>`;
}

function Cell({ row, name, most, by, params }) {
  const { better, polarity } = SHOWN[name];
  const [value, low, high] = ["", "_low", "_high"].map((end) => row[`${name}${end}`]);
  if (value === null) {
    return html`<div class="matrix-cell"><span class="quiet">${t("compare.too_few_of", { count: row.count })}</span></div>`;
  }
  const { value: distance, isBeyond, tone } = apart(row, name, better);
  const address = link("search", mentionsIn(params, { split: by, group: row.group, topic: row.topic, polarity }));
  const interval = t("compare.interval", { low: percent(low), high: percent(high) });
  return html`<div class=${`matrix-cell ${tone} ${isBeyond ? "beyond" : ""}`} title=${interval}>
    <a href=${address}>${percent(value)}<span class="hidden"> ${interval}, ${topicName(row.topic)}, ${row.group}</span></a>
    <${Interval} value=${value} low=${low} high=${high} from=${0} to=${most}
      mark=${distance === null ? null : value - distance} tone=${tone} />
    <${Apart} row=${row} name=${name} better=${better} isShare />
  </div>`;
}

/** A row a topic, in the order of the taxonomy, with the cell of each group. */
function rowsOf(topics) {
  const found = new Map();
  for (const row of topics) {
    if (!found.has(row.topic)) found.set(row.topic, new Map());
    found.get(row.topic).set(row.group, row);
  }
  const known = topicCodes().filter((topic) => found.has(topic));
  const others = [...found.keys()].filter((topic) => !known.includes(topic));
  return [...known, ...others].map((topic) => ({ topic, cells: found.get(topic) }));
}
