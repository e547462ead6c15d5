/** Good and bad news: always a sign and a word, the colour only comes with them. */

import { html } from "../html.js";
import { t } from "../i18n.js";

/** In the order in which they are offered. */
export const SENTIMENTS = ["negative", "neutral", "positive", "mixed"];
const SIGNS = { negative: "−", neutral: "0", positive: "+", mixed: "±" };

/**
 * The sign of a polarity, for the eye; its word has to stand beside it or be its label.
 * @param {{value: "positive"|"neutral"|"negative"|"mixed"}} props
 */
export function Sign({ value }) {
  return html`<span class=${`sign ${value}`} aria-hidden="true">${SIGNS[value] ?? "?"}</span>`;
}

/**
 * Sign and word.
 * @param {{value: "positive"|"neutral"|"negative"|"mixed", of?: "topic"|"sentiment"}} props
 *   of: what it is said of; a topic has complaints and compliments
 */
export function Polarity({ value, of = "topic" }) {
  return html`<span class="polarity"><${Sign} value=${value} /> ${polarityName(value, of)}</span>`;
}

/**
 * @param {"positive"|"neutral"|"negative"|"mixed"} value
 * @param {"topic"|"sentiment"} [of]
 * @returns {string} the word
 */
export function polarityName(value, of = "topic") {
  return of === "topic" ? t(`shell.topic_${value}`) : t(`shell.sentiment_${value}`);
}
