/** An alert in words, in the language of the page: what changed, by how much, how sure that is. */

import { days, number, percent, signed, t, topicName } from "../../i18n.js";
import { shown } from "../spans.js";

// The false discovery rate below which it is called so.
const SURE = [[0.0001, "almost_certain"], [0.001, "very_sure"], [1, "sure"]];
const DAYS_A_YEAR = 365.25;

/**
 * @param {object} figures of the alert
 * @param {"fired"|"escalated"} kind of its last event
 * @returns {string} one line: what changed, and where
 */
export function headline(figures, kind) {
  const group = figures.group ? `: ${shown(figures.group)}` : "";
  const line =
    figures.kind === "spike"
      ? t("overview.alert_more", { subject: subject(figures, "of_many") })
      : `${shown(figures.rule)}: ${subject(figures)} ${limit(figures)}`;
  return (kind === "escalated" ? t("overview.alert_stronger", { line }) : line) + group;
}

/**
 * @param {object} figures of the alert
 * @returns {string[]} by how much it changed, and how sure that is
 */
export function sentences(figures) {
  const { first, last, low, high, observed } = figures;
  const when = days(first, last);
  if (figures.kind === "spike") {
    const amount = t("overview.alert_amount", {
      days: when, observed, expected: short(figures.expected), count: rounded(figures.value), low: short(low), high: short(high),
    });
    return [amount, howSure(figures)];
  }
  const written = (value) => measured(figures, value);
  const parts = [`${when}: ${subject(figures)} – ${written(figures.value)}`];
  if (low !== null) parts.push(t("overview.alert_interval", { low: written(low), high: written(high) }));
  if (figures.measure !== "count") parts.push(t("overview.alert_of", { count: observed }));
  return [`${parts.join(", ")}.`];
}

function howSure({ p, q }) {
  const [, word] = SURE.find(([bound]) => q <= bound);
  const years = 1 / (Math.max(p, 1e-12) * DAYS_A_YEAR);
  let often = t("overview.alert_days", { count: Math.round(years * DAYS_A_YEAR) });
  if (years > 1000) often = t("overview.alert_never");
  else if (years >= 2) often = t("overview.alert_years", { count: Math.round(years) });
  const few = t("overview.alert_few", { number: Math.max(Math.round(q * 10_000), 1) });
  return t(`overview.alert_${word}`, { often, share: q >= 0.01 ? percent(q) : few });
}

/** What is counted; `of_many` in the case that "more" asks for. */
function subject({ measure, polarity, topic }, form = "plain") {
  const about = topic ? "topic" : "overall";
  const name = measure === "count" ? `${polarity}_${about}_${form}` : `${measure}_${about}`;
  return t(`overview.subject_${name}`, { topic: topic ? topicName(topic) : "" });
}

function limit(figures) {
  const side = figures.above !== null ? "above" : "below";
  return t(`overview.alert_${side}`, { limit: measured(figures, figures[side]) });
}

function measured({ measure }, value) {
  if (measure === "share_negative") return percent(value);
  if (measure === "net_sentiment") return signed(value);
  return short(value);
}

/** Two digits of what is small, whole numbers of what is not. */
function rounded(value) {
  return value >= 10 ? Math.round(value) : Number(value.toPrecision(2));
}

function short(value) {
  return number(rounded(value));
}
