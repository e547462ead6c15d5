/** How sure a label is, in words beside its number. */

import { percent, t } from "../../i18n.js";

// Calibrated probabilities: of labels at 0.9, nine in ten are right.
const STEPS = [[0.95, "almost_certain"], [0.8, "very_likely"], [0.6, "likely"], [0, "not"]];

/**
 * @param {number} confidence from 0 to 1
 * @param {boolean} isCorrected whether a person has put labels of the mention right
 * @returns {string} such as "almost certain, 97 %"
 */
export function surenessName(confidence, isCorrected) {
  if (isPersons(confidence, isCorrected)) return t("mention.by_person");
  const [, name] = STEPS.find(([least]) => confidence >= least);
  return `${t(`mention.sure_${name}`)}, ${percent(confidence)}`;
}

/**
 * @param {number} confidence from 0 to 1
 * @param {boolean} isCorrected as above
 * @returns {boolean} whether the label is a person's: what a person says counts as certain
 */
export function isPersons(confidence, isCorrected) {
  return isCorrected && confidence === 1;
}
