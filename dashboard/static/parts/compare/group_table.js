/** The groups of a comparison, a row each: how much is said of them and how good it is. */

import { link, narrowingOf } from "../../address.js";
import { html } from "../../html.js";
import { number, percent, signed, t } from "../../i18n.js";
import { Apart, apart } from "../apart.js";
import { FieldValue, valueName } from "../field_value.js";
import { Distribution, Interval, Parts } from "../measures.js";
import { polarityName, SENTIMENTS } from "../polarity.js";
import { Table } from "../table.js";
import { mentionsIn } from "../trends/links.js";

const STARS = { from: 1, to: 5 };

/**
 * @param {{answer: object, params: object}} props
 *   answer: of /compare; params: of the address, which narrow what the links open
 */
export function GroupTable({ answer, params }) {
  const { by, groups } = answer;
  const most = (name) => Math.max(...groups.map((row) => row[`${name}_high`] ?? row[name] ?? 0), 0.05);
  const [voice, negative] = [most("share_of_voice"), most("share_negative")];
  const net = Math.max(...groups.flatMap((row) => [row.net_sentiment_low, row.net_sentiment_high].map(Math.abs)), 0.25);
  const asked = narrowingOf(params);
  const columns = [
    {
      title: t("compare.group"),
      order: (row) => valueName(by, row.group),
      cell: (row) => html`<a href=${link("search", { ...asked, [by]: [row.group] })}><${FieldValue} field=${by} value=${row.group} /></a>`,
    },
    {
      title: t("compare.mentions"),
      isFigure: true,
      order: (row) => row.mentions,
      cell: (row) => html`<div class="measure" data-title=${t("compare.mentions")}>
        <strong>${number(row.mentions)}</strong>
        <${Opinions} row=${row} />
      </div>`,
    },
    {
      title: t("compare.share_of_voice"),
      isFigure: true,
      order: (row) => row.share_of_voice,
      cell: (row) => html`<${Measure} row=${row} name="share_of_voice" title=${t("compare.share_of_voice")}
        write=${percent} from=${0} to=${voice} origin=${0} />`,
    },
    {
      title: t("compare.share_negative"),
      isFigure: true,
      order: (row) => row.share_negative,
      cell: (row) => html`<${Measure} row=${row} name="share_negative" title=${t("compare.share_negative")}
        write=${percent} from=${0} to=${negative} origin=${0} better="down" isShare
        address=${link("search", mentionsIn(params, { split: by, group: row.group, polarity: "negative" }))} />`,
    },
    {
      title: t("compare.net_sentiment"),
      isFigure: true,
      order: (row) => row.net_sentiment,
      cell: (row) => html`<${Measure} row=${row} name="net_sentiment" title=${t("compare.net_sentiment")}
        write=${(value) => signed(value, 2, 2)} from=${-net} to=${net} better="up" />`,
    },
    {
      title: t("compare.stars"),
      isFigure: true,
      order: (row) => row.average_stars,
      cell: (row) => html`<${Measure} row=${row} name="average_stars" title=${t("compare.stars")}
        write=${(value) => number(value, 2, 2)} ...${STARS} better="up">
        <${Distribution} counts=${row.stars} />
        <span class="hidden">${row.stars.map((count, index) => t("compare.of_stars", { stars: index + 1, mentions: number(count) })).join(", ")}</span>
      <//>`,
    },
  ];
  return html`<${Table} name="groups" caption=${t("compare.groups_caption")} columns=${columns} rows=${groups} keyOf=${(row) => row.group} />`;
}

/** A number with its interval, and how far it is from what it is held against. */
function Measure({ row, name, title, write, from, to, origin, better, isShare, address, children }) {
  const [value, low, high] = ["", "_low", "_high"].map((end) => row[`${name}${end}`]);
  const isCompared = `${name}_difference` in row;
  const { value: distance, tone } = isCompared ? apart(row, name, better) : { value: null, tone: "neutral" };
  if (value === null) {
    return html`<div class="measure" data-title=${title}><span class="quiet">${t("compare.too_few")}</span></div>`;
  }
  const interval = t("compare.interval", { low: write(low), high: write(high) });
  return html`<div class="measure" data-title=${title} title=${interval}>
    <span class="measure-value">
      ${children}
      <strong>${address ? html`<a href=${address}>${write(value)}</a>` : write(value)}</strong>
    </span>
    <${Interval} value=${value} low=${low} high=${high} from=${from} to=${to} origin=${origin}
      mark=${distance === null ? null : value - distance} tone=${tone} />
    <span class="hidden">${interval}</span>
    ${isCompared && html`<${Apart} row=${row} name=${name} better=${better} isShare=${isShare} />`}
  </div>`;
}

/** What the mentions of a group are made of. */
function Opinions({ row }) {
  const parts = SENTIMENTS.map((kind) => ({ kind, count: row[kind] }));
  const words = parts.map(({ kind, count }) => `${polarityName(kind, "sentiment")}: ${number(count)}`).join(", ");
  return html`<span title=${words}><${Parts} parts=${parts} /><span class="hidden">${words}</span></span>`;
}
