/** Title and text of a mention: what was asked for is marked, sentences with topics are numbered. */

import { html, useState } from "../../html.js";
import { percent, t } from "../../i18n.js";
import { cut, length, shown } from "../spans.js";
import { factName } from "./facts.js";

/** Longer texts are shown in part until they are asked for, in characters. */
const LONG = 1200;
/** Of weights: what a label's probability loses without the word. */
const WEAK = 0.05;
/** Share of the tone in the colour behind the word that counted most, in percent. */
const DARKEST = 45;

/**
 * @param {{found: object, lit?: number|null, why: object|null, isNumbered: boolean,
 *   onLit: (number: number|null) => void}} props
 *   lit: number of the sentence that stands out; why: answer of /why, shades words;
 *   isNumbered: sentences without a topic have their number too
 */
export function MentionText({ found, lit, why, isNumbered, onLit }) {
  const [isWhole, setWhole] = useState(false);
  const isLong = length(found.text) > LONG;
  const parts = (field) => html`<${Sentences} ...${{ found, field, lit, why, isNumbered, onLit }} />`;
  return html`<div class="mention-text" lang=${found.lang ?? undefined}>
    ${found.title && html`<p class="mention-title"><bdi>${parts("title")}</bdi></p>`}
    ${found.text &&
    html`<div class=${isLong && !isWhole ? "words folded" : "words"}><bdi>${parts("text")}</bdi></div>`}
    ${isLong &&
    html`<button type="button" class="link" aria-expanded=${isWhole} onClick=${() => setWhole(!isWhole)}>
      ${isWhole ? t("mention.less_text") : t("mention.whole_text")}
    </button>`}
  </div>`;
}

function Sentences({ found, field, lit, why, isNumbered, onLit }) {
  const sentences = found.sentences.filter((one) => one.field === field);
  const isExplained = why && sentences.some(({ number }) => number === why.number);
  const spans = [
    ...sentences.map((sentence) => ({ ...sentence, sentence })),
    ...(field === "text" ? found.highlights : []).map(([start, end]) => ({ start, end, isFound: true })),
    ...found.facts.filter((one) => one.field === field).map((fact) => ({ ...fact, fact })),
    ...(isExplained ? shaded(why.words) : []),
  ];
  return grouped(cut(found[field], spans)).map(({ sentence, pieces }) => {
    const words = pieces.map((piece) => html`<${Piece} ...${piece} />`);
    if (!sentence) return words;
    const { number, topics } = sentence;
    const tones = new Set(topics.map(({ polarity }) => polarity));
    const tone = tones.size === 1 ? [...tones][0] : tones.size ? "mixed" : "";
    const sides = topics.length
      ? { onMouseEnter: () => onLit(number), onMouseLeave: () => onLit(null) }
      : {};
    const isLit = lit === number && "lit";
    const name = ["sentence", tone, isLit, isExplained && why.number === number && "explained"];
    return html`<span class=${name.filter(Boolean).join(" ")} ...${sides}>${words}</span
      >${(topics.length > 0 || isNumbered) && html`<sup class="footnote">${number}</sup>`}`;
  });
}

/** Put together the pieces of each sentence, and those between sentences. */
function grouped(pieces) {
  const groups = [];
  for (const piece of pieces) {
    const sentence = piece.spans.find((span) => span.sentence)?.sentence;
    if (!groups.length || groups.at(-1).sentence !== sentence) groups.push({ sentence, pieces: [] });
    groups.at(-1).pieces.push(piece);
  }
  return groups;
}

function Piece({ text, spans }) {
  const fact = spans.find((span) => span.fact)?.fact;
  const word = spans.find((span) => span.weight !== undefined);
  let words = shown(text);
  if (word) {
    const side = word.weight < 0 ? "against" : "for";
    words = html`<span class=${side} title=${percent(word.weight, 1)} style=${{ "--shade": word.shade }}>${words}</span>`;
  }
  if (fact) words = html`<span class="fact-words" title=${factName(fact)}>${words}</span>`;
  return spans.some((span) => span.isFound) ? html`<mark>${words}</mark>` : words;
}

/** Give words a shade: the strongest the darkest that leaves it readable; none where all are weak. */
function shaded(words) {
  const most = Math.max(WEAK, ...words.map(({ weight }) => Math.abs(weight)));
  return words.map((word) => ({ ...word, shade: `${Math.round((Math.abs(word.weight) / most) * DARKEST)}%` }));
}
