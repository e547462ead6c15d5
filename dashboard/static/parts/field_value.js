/** Fields that can be chosen by, and their values, by the names that people know. */

import { html } from "../html.js";
import { languageName, number, t, topicName } from "../i18n.js";
import { Plain } from "./plain.js";
import { polarityName, Sign } from "./polarity.js";
import { shown } from "./spans.js";

/**
 * @param {string} field such as "brand"
 * @returns {string} its name
 */
export function fieldName(field) {
  return t(`narrowing.field_${field}`);
}

/**
 * @param {string} field
 * @param {string} value as a query writes it, such as "speed:negative"
 * @returns {string} its name
 */
export function valueName(field, value) {
  const [topic, polarity] = value.split(":");
  switch (field) {
    case "topic":
      return polarity ? `${topicName(topic)}: ${polarityName(polarity)}` : topicName(topic);
    case "sentiment":
      return polarityName(value, "sentiment");
    case "stars":
      return t("narrowing.stars", { count: Number(value) });
    case "lang":
      return languageName(value);
    case "case":
      return t(`narrowing.case_${value}`);
    default:
      return shown(value);
  }
}

/**
 * A value as it is shown: with its sign, its stars.
 * @param {{field: string, value: string}} props
 */
export function FieldValue({ field, value }) {
  const [topic, polarity] = value.split(":");
  if (field === "topic" && polarity) {
    return html`<span><${Sign} value=${polarity} /> ${topicName(topic)}</span>`;
  }
  if (field === "sentiment") {
    return html`<span><${Sign} value=${value} /> ${valueName(field, value)}</span>`;
  }
  if (field === "stars") {
    return html`<span>${number(Number(value))} <span class="star" aria-hidden="true">★</span></span>`;
  }
  return html`<${Plain} text=${valueName(field, value)} />`;
}
