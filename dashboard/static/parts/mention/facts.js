/** What a text states about the service, in words: how long it took, whether it was solved. */

import { formatter, t } from "../../i18n.js";

/**
 * @param {{kind: string, value: number}} fact of the interface
 * @returns {string}
 */
export function factName({ kind, value }) {
  switch (kind) {
    case "wait":
      return t("mention.fact_wait", { duration: duration(value) });
    case "repeat_contact":
      return t("mention.fact_repeat_contact", { count: value });
    default:
      return t(`mention.fact_${kind}_${value ? "yes" : "no"}`);
  }
}

/** Write minutes in the largest unit in which they are at least one and a half. */
function duration(minutes) {
  const [unit, size] = minutes >= 2160 ? ["day", 1440] : minutes >= 90 ? ["hour", 60] : ["minute", 1];
  const options = { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: 1 };
  return formatter(Intl.NumberFormat, options).format(minutes / size);
}
