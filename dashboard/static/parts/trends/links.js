/** From a place in a chart to the mentions that stand behind it. */

import { narrowingOf } from "../../address.js";
import { lastDay } from "./buckets.js";
import { OVERALL } from "./data.js";

/** What a query calls mentions without a value; languages and sources have no such word. */
const WITHOUT = { brand: "-has:brand", location: "-has:location", product: "-has:product", stars: "-has:rating" };

/**
 * Return what a search has to be narrowed by to find the mentions that a number counts.
 * @param {object} params of the view
 * @param {{topic: string, polarity?: "positive"|"negative", split?: string|null,
 *   group: string|null, start: string, period: string}} place
 * @returns {object|null} parameters of the search; null where no query says which these are
 */
export function mentionsOf(params, { start, period, ...place }) {
  const asked = narrowingOf(params);
  const last = lastDay(start, period);
  const days = {
    first: asked.first > start ? asked.first : start,
    last: asked.last < last ? asked.last : last,
  };
  return mentionsIn({ ...asked, ...days }, place);
}

/**
 * Return the same of a number that counts all days.
 * @param {object} params of the view
 * @param {{topic?: string, polarity?: "positive"|"negative", split?: string|null,
 *   group?: string|null}} place
 * @returns {object|null} parameters of the search; null where no query says which these are
 */
export function mentionsIn(params, { topic = OVERALL, polarity, split = null, group = null }) {
  const asked = narrowingOf(params);
  const narrowed = { ...asked };
  const words = [];
  if (topic === OVERALL) {
    if (polarity) put("sentiment", polarity, `sentiment:${polarity}`);
    // What no tagger could read is found by a search and counted by no trend.
    else if (!asked.sentiment) words.push("has:sentiment");
  } else {
    const value = polarity ? `${topic}:${polarity}` : topic;
    put("topic", value, `topic:${value}`);
  }
  if (group === "") {
    if (!WITHOUT[split]) return null;
    words.push(WITHOUT[split]);
  } else if (group !== null && split === "stars") {
    words.push(starsQuery(Number(group)));
  } else if (group !== null) {
    // A mention has one of these: of what was chosen, only this one is left.
    narrowed[split] = [group];
  }
  if (words.length) narrowed.q = [asked.q && `(${asked.q})`, ...words].filter(Boolean).join(" ");
  return narrowed;

  /** Choose a value; where others are chosen too, it has to hold as well and not instead. */
  function put(field, value, query) {
    if (!asked[field]) narrowed[field] = [value];
    else words.push(query);
  }
}

/** Return the query for a group of stars: halves go up, and stars have two digits. */
function starsQuery(stars) {
  return `stars:${stars - 0.5}..${stars + 0.49}`;
}
