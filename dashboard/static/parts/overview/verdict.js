/** Whether two numbers differ by more than chance: a sign and words, good or bad by colour as well. */

import { html } from "../../html.js";
import { t } from "../../i18n.js";

// What the interface says, and what stands for it here.
const NAMES = {
  "up, beyond chance": "up",
  "down, beyond chance": "down",
  "within chance": "chance",
  "not enough data": "too_few",
  unknown: "unknown",
};
const SIGNS = { up: "▲", down: "▼", chance: "≈", too_few: "…", unknown: "?" };

/**
 * @param {string} verdict of the interface
 * @returns {boolean} whether the change is more than chance explains
 */
export function isBeyondChance(verdict) {
  return verdict.endsWith(", beyond chance");
}

/**
 * @param {{value: string, better?: "up"|"down"}} props
 *   value: of the interface; better: the direction that is good news, where one is
 */
export function Verdict({ value, better }) {
  const name = NAMES[value] ?? "unknown";
  let tone = "neutral";
  if (better && isBeyondChance(value)) tone = name === better ? "positive" : "negative";
  return html`<span class=${`chance ${tone} ${isBeyondChance(value) ? "beyond" : ""}`}>
    <span class="tone" aria-hidden="true">${SIGNS[name]}</span> ${t(`overview.change_${name}`)}
  </span>`;
}
