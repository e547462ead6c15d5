/** Names in trends, and what a line does in a sentence or two. */

import { t, topicName } from "../../i18n.js";
import { valueName } from "../field_value.js";
import { bucketName } from "./buckets.js";
import { extremes, OVERALL } from "./data.js";
import { cellText, changeText, valueText } from "./values.js";

/**
 * @param {string} topic its code, or OVERALL
 * @returns {string}
 */
export function trendName(topic) {
  return topic === OVERALL ? t("trends.overall") : topicName(topic);
}

/**
 * @param {string} split
 * @param {string} group
 * @returns {string} its name; of mentions without a value, that they have none
 */
export function groupName(split, group) {
  return group === "" ? t("narrowing.no_value") : valueName(split, group);
}

/**
 * Say of a line its lowest, highest and last value and what changed at the end.
 * @param {import("./model.js").Trend} trend
 * @param {import("./data.js").Cell[]} cells
 * @returns {string} a sentence or two
 */
export function summary({ measure, starts, period }, cells) {
  const found = extremes(cells);
  if (found === null) return nothingSaid(cells);
  const name = (at) => bucketName(starts[at], period);
  const said = t("trends.summary", {
    lowest: cellText(measure, cells[found.lowest]),
    lowest_when: name(found.lowest),
    highest: cellText(measure, cells[found.highest]),
    highest_when: name(found.highest),
    last: cellText(measure, cells[found.last]),
    last_when: name(found.last),
  });
  if (found.before === null) return said;
  const change = cells[found.last].value - cells[found.before].value;
  const values = { change: changeText(measure, change), before: valueText(measure, cells[found.before].value) };
  return `${said} ${t(change === 0 ? "trends.summary_same" : "trends.summary_change", values)}`;
}

/**
 * Say why none of the cells has a value.
 * @param {import("./data.js").Cell[]} cells
 * @returns {string} a sentence or two
 */
export function nothingSaid(cells) {
  return t(cells.some(({ state }) => state === "little") ? "trends.all_little" : "trends.all_none");
}

/**
 * Say of lines what each of them does.
 * @param {import("./model.js").Trend} trend
 * @param {import("./data.js").Cell[][]} lines
 * @returns {string}
 */
export function summaries(trend, lines) {
  if (trend.split === null) return summary(trend, lines[0]);
  return lines.map((cells, at) => `${groupName(trend.split, trend.groups[at])}: ${summary(trend, cells)}`).join(" ");
}
