/** Numbers of trends in words: values, intervals, and why there is none. */

import { number, percent, signed, t } from "../../i18n.js";

/**
 * @param {keyof import("./data.js").MEASURES} measure
 * @param {number} value
 * @returns {string}
 */
export function valueText(measure, value) {
  switch (measure) {
    case "share":
    case "share_negative":
      return percent(value, value > 0 && value < 0.1 ? 1 : 0);
    case "net_sentiment":
      return signed(value);
    default:
      return number(value, measure === "mentions" ? 1 : 2);
  }
}

/**
 * @param {keyof import("./data.js").MEASURES} measure
 * @param {number} change from one value to another
 * @returns {string} with its sign; of shares in percentage points
 */
export function changeText(measure, change) {
  if (measure !== "share" && measure !== "share_negative") return signed(change);
  return t("trends.points", { change: signed(change * 100, 1) });
}

/**
 * @param {keyof import("./data.js").MEASURES} measure
 * @param {import("./data.js").Cell} cell
 * @returns {string} the value, "at least" where a count is a lower bound; else why there is none
 */
export function cellText(measure, cell) {
  if (cell.value === null) return t(`trends.state_${cell.state}`);
  const text = valueText(measure, cell.value);
  return cell.state === "bound" && measure === "mentions" ? t("trends.at_least", { value: text }) : text;
}

/**
 * @param {keyof import("./data.js").MEASURES} measure
 * @param {import("./data.js").Cell} cell
 * @returns {string} the ends of the interval, such as "8 to 17"; empty where there is none
 */
export function intervalText(measure, { low, high }) {
  if (low === null || high === null) return "";
  return t("trends.interval", { low: valueText(measure, low), high: valueText(measure, high) });
}
