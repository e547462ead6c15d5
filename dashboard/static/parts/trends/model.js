/** What a view of trends draws, made once of the answers. */

import { placeOf } from "./buckets.js";
import { arranged, cellOf, mirroredRange, MOST_GROUPS, OVERALL, rangeOf } from "./data.js";

/**
 * @typedef {object} Trend
 * @property {"day"|"week"|"month"|"quarter"} period
 * @property {string|null} split what the groups are
 * @property {keyof import("./data.js").MEASURES} measure
 * @property {string[]} starts first days of the buckets
 * @property {(string|null)[]} groups those that are drawn; [null] without a split
 * @property {number} leftOut groups that are not drawn
 * @property {string[]} topics whole mentions first, then by the number of mentions
 * @property {number[]} gaps places of buckets that were not collected
 * @property {{place: number, day: string, before: import("../remarks.js").Said,
 *   after: import("../remarks.js").Said}[]} changes of the model
 * @property {(topic: string) => import("./data.js").Cell[][]} lines of a topic, one a group
 * @property {Map<string, import("../remarks.js").Said>} reasons what the reasons of rows say
 */

/**
 * @param {{overall: object, topics: object}} answers of GET /trends
 * @param {{split: string|null, measure: keyof import("./data.js").MEASURES}} options
 * @returns {Trend}
 */
export function trendOf({ overall, topics }, { split, measure }) {
  const whole = arranged(overall.rows, split);
  const byTopic = arranged(topics.rows, split);
  const starts = [...new Set([...whole.starts, ...byTopic.starts])].sort();
  const groups = whole.groups.slice(0, MOST_GROUPS);
  const made = new Map();
  const lines = (topic) => {
    if (!made.has(topic)) {
      const { rowOf } = topic === OVERALL ? whole : byTopic;
      made.set(topic, groups.map((group) => starts.map((start) => cellOf(rowOf(topic, group, start), measure))));
    }
    return made.get(topic);
  };
  const { period } = overall;
  return {
    period,
    split: groups.some((group) => group !== null) ? split : null,
    measure,
    starts,
    groups,
    leftOut: whole.groups.length - groups.length,
    // The share of all in all is no news.
    topics: [...(measure === "share" ? [] : [OVERALL]), ...byTopic.topics],
    gaps: gapsOf(starts, groups.map((group) => starts.map((start) => whole.rowOf(OVERALL, group, start)))),
    changes: overall.model_changes.flatMap((change) => {
      const place = placeOf(change.day, starts, period);
      return place === null ? [] : [{ ...change, place }];
    }),
    lines,
    reasons: new Map([...overall.reasons, ...topics.reasons].map((said) => [said.text, said])),
  };
}

/**
 * Return the ends of the axes of small charts.
 * @param {Trend} trend
 * @param {string} topic
 * @param {boolean} isSame whether all charts have the same
 * @returns {[number, number]}
 */
export function smallRange(trend, topic, isSame) {
  // Whole mentions are many more than those of a topic and would press these flat.
  const shared = trend.topics.filter((one) => one !== OVERALL);
  const topics = isSame && topic !== OVERALL ? shared : [topic];
  const cells = topics.flatMap((one) => trend.lines(one).flat());
  return isMirrored(trend) ? mirroredRange(cells) : rangeOf(trend.measure, cells, { withBands: trend.groups.length === 1 });
}

/**
 * Whether small charts show compliments above a line and complaints below it.
 * @param {Trend} trend
 * @returns {boolean}
 */
export function isMirrored(trend) {
  return trend.measure === "mentions" && trend.split === null;
}

/** Buckets of which nothing is known, in no group. */
function gapsOf(starts, lines) {
  return starts.flatMap((_, at) => {
    const rows = lines.map((line) => line[at]).filter(Boolean);
    return rows.length > 0 && rows.every((row) => row.coverage === "unknown") ? [at] : [];
  });
}
