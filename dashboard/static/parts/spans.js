/** Places in texts. The interface counts code points, JavaScript counts UTF-16 units. */

// What makes a line read otherwise than it is written (https://unicode.org/reports/tr9/): it is
// shown instead of obeyed. Each is replaced by one character, so that places stay what they are.
const BIDI_CONTROLS = /[\u202a-\u202e\u2066-\u2069]/g;

/**
 * Return a text of a stranger as it may be shown.
 * @param {string} text
 * @returns {string}
 */
export function shown(text) {
  return text.replace(BIDI_CONTROLS, "\ufffd");
}

/**
 * Return a part of a text.
 * @param {string} text
 * @param {number} start in code points
 * @param {number} [end] in code points; to the end where it is missing
 * @returns {string}
 */
export function slice(text, start, end = Infinity) {
  const [from, to] = units(text, [start, end]);
  return text.slice(from, to);
}

/** @param {string} text @returns {number} its length in code points */
export function length(text) {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

/**
 * Cut a text at every border of the given spans.
 * @param {string} text
 * @param {{start: number, end: number}[]} spans in code points; they may overlap
 * @returns {{text: string, spans: object[]}[]} pieces in order, each with the spans that hold it
 */
export function cut(text, spans) {
  const whole = length(text);
  const kept = spans.filter(({ start, end }) => start < end && start < whole);
  const borders = [...new Set([0, whole, ...kept.flatMap(({ start, end }) => [start, Math.min(end, whole)])])];
  borders.sort((a, b) => a - b);
  const places = units(text, borders);
  return borders.slice(1).map((end, index) => ({
    text: text.slice(places[index], places[index + 1]),
    spans: kept.filter((span) => span.start <= borders[index] && span.end >= end),
  }));
}

/** Return the places in UTF-16 units of ascending places in code points. */
function units(text, places) {
  const found = [];
  let point = 0;
  let unit = 0;
  for (const place of places) {
    while (point < place && unit < text.length) {
      unit += text.codePointAt(unit) > 0xffff ? 2 : 1;
      point += 1;
    }
    found.push(unit);
  }
  return found;
}
