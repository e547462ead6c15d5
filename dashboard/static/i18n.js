/** Words, numbers and dates in the language of the page: Russian, English or Lithuanian. */

import { useEffect, useState } from "./html.js";
import mention from "./messages/mention.js";
import narrowing from "./messages/narrowing.js";
import shell from "./messages/shell.js";

/** Codes of the languages, each with its own name. */
export const LANGUAGES = { ru: "Русский", en: "English", lt: "Lietuvių" };
const KEPT = "molva-language";
const CHANGED = "molva-language-changed";

const messages = { en: {}, ru: {}, lt: {} };
let current = first();
let topics = new Map();
let timeZone = "UTC";

addMessages(shell);
addMessages(narrowing);
addMessages(mention);

/**
 * Add messages; a view's come with it.
 * @param {{en: object, ru: object, lt: object}} added keys such as "search.nothing_found"
 */
export function addMessages(added) {
  for (const code of Object.keys(messages)) Object.assign(messages[code], added[code]);
}

/**
 * Tell what the server knows: names of topics, and the zone in which days begin.
 * @param {{topics: {code: string, names: object, definitions: object}[], time_zone: string}} about
 */
export function setUp(about) {
  topics = new Map(about.topics.map((topic) => [topic.code, topic]));
  timeZone = about.time_zone;
}

/** @returns {"en"|"ru"|"lt"} the language of the page */
export function language() {
  return current;
}

/**
 * Change the language, of now and of later.
 * @param {"en"|"ru"|"lt"} code
 */
export function setLanguage(code) {
  current = code;
  document.documentElement.lang = code;
  try {
    localStorage.setItem(KEPT, code);
  } catch {
    // A browser that keeps nothing: the choice holds until the page is left.
  }
  window.dispatchEvent(new CustomEvent(CHANGED));
}

/**
 * Return the language, and draw again when it changes.
 * @returns {"en"|"ru"|"lt"}
 */
export function useLanguage() {
  const [code, setCode] = useState(current);
  useEffect(() => {
    const look = () => setCode(current);
    window.addEventListener(CHANGED, look);
    return () => window.removeEventListener(CHANGED, look);
  }, []);
  return code;
}

/**
 * Return a message.
 * @param {string} key such as "search.found"; its message is a text or, where it depends on
 *   `values.count`, one text for each plural form
 * @param {Object<string, string|number>} [values] for what stands in braces; numbers are written
 *   as the language writes them
 * @returns {string}
 */
export function t(key, values = {}) {
  let message = messages[current][key] ?? messages.en[key] ?? key;
  if (typeof message === "object") {
    message = message[formatter(Intl.PluralRules).select(values.count)] ?? message.other;
  }
  return message.replace(/\{(\w+)\}/g, (whole, name) => {
    const value = values[name];
    return typeof value === "number" ? number(value) : String(value ?? whole);
  });
}

/**
 * @param {string} key
 * @returns {boolean} whether there is a message for it
 */
export function knows(key) {
  return Object.hasOwn(messages.en, key);
}

/**
 * @param {number} value
 * @param {number} [digits] at most so many after the point
 * @param {number} [least] at least so many
 * @returns {string}
 */
export function number(value, digits = 2, least = 0) {
  const options = { minimumFractionDigits: least, maximumFractionDigits: digits };
  return formatter(Intl.NumberFormat, options).format(value);
}

/**
 * @param {number} value
 * @param {number} [digits] at most so many after the point
 * @param {number} [least] at least so many
 * @returns {string} with its sign; zero has none
 */
export function signed(value, digits = 2, least = 0) {
  const options = { signDisplay: "exceptZero", minimumFractionDigits: least, maximumFractionDigits: digits };
  // The hyphen that some locales write is narrower than a minus and lost beside a plus.
  return formatter(Intl.NumberFormat, options).format(value).replace("-", "−");
}

/**
 * @param {number} share from 0 to 1
 * @param {number} [digits] at most so many after the point
 * @returns {string} such as "12 %"
 */
export function percent(share, digits = 0) {
  return formatter(Intl.NumberFormat, { style: "percent", maximumFractionDigits: digits }).format(share);
}

/**
 * @param {string} date such as "2026-03-05"
 * @returns {string} the day, as a person writes it
 */
export function day(date) {
  return formatter(Intl.DateTimeFormat, { dateStyle: "medium", timeZone: "UTC" }).format(
    new Date(`${date}T00:00:00Z`),
  );
}

/**
 * @param {string} first such as "2026-03-02"
 * @param {string} last
 * @returns {string} both days and what lies between them, such as "2–8 Mar 2026"
 */
export function days(first, last) {
  const format = formatter(Intl.DateTimeFormat, { dateStyle: "medium", timeZone: "UTC" });
  return format.formatRange(new Date(first), new Date(last));
}

/**
 * @param {string} iso a time, such as "2026-03-05T14:03:00Z"
 * @returns {string} the time in the zone of the project
 */
export function moment(iso) {
  const options = { dateStyle: "medium", timeStyle: "short", timeZone };
  return formatter(Intl.DateTimeFormat, options).format(new Date(iso));
}

/**
 * @param {string} code such as "speed"
 * @returns {string} the topic's name; the code of one that the server does not know
 */
export function topicName(code) {
  const names = topics.get(code)?.names ?? {};
  return names[current] ?? names.en ?? Object.values(names)[0] ?? code;
}

/**
 * @param {string} code
 * @returns {string} what the topic means; empty where that is not written
 */
export function topicMeaning(code) {
  const definitions = topics.get(code)?.definitions ?? {};
  return definitions[current] ?? definitions.en ?? "";
}

/** @returns {string[]} codes of all topics, in their order */
export function topicCodes() {
  return [...topics.keys()];
}

/**
 * @param {string} code of a language, ISO 639-1
 * @returns {string} its name in the language of the page
 */
export function languageName(code) {
  try {
    return formatter(Intl.DisplayNames, { type: "language" }).of(code);
  } catch {
    return code;
  }
}

const formatters = new Map();

/**
 * Return a formatter of the language; making one takes a hundred times as long as using it.
 * @param {Function} Kind such as Intl.DateTimeFormat
 * @param {object} [options]
 * @returns {object} one of that kind
 */
export function formatter(Kind, options = {}) {
  const key = `${current} ${Kind.name} ${JSON.stringify(options)}`;
  if (!formatters.has(key)) formatters.set(key, new Kind(current, options));
  return formatters.get(key);
}

function first() {
  let kept = null;
  try {
    kept = localStorage.getItem(KEPT);
  } catch {
    // As above.
  }
  const wished = [kept, ...navigator.languages.map((code) => code.slice(0, 2).toLowerCase())];
  const code = wished.find((one) => Object.hasOwn(LANGUAGES, one)) ?? "en";
  document.documentElement.lang = code;
  return code;
}
