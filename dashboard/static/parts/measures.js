/** Small drawings beside a number: its interval, its parts. The number itself stands in words. */

import { html } from "../html.js";

const HEIGHT = 16;
const MIDDLE = HEIGHT / 2;
const CAP = 3;
const BAR = 8;

/**
 * A number on a scale, with its 95 % interval as an error bar.
 * @param {{value: number|null, low: number|null, high: number|null, from: number, to: number,
 *   origin?: number, mark?: number|null, tone?: string}} props
 *   from, to: ends of the scale; origin: draws a bar from there to the value; mark: a line that
 *   the value is to be seen against; tone: negative, positive or neutral
 */
export function Interval({ value, low, high, from, to, origin, mark = null, tone = "neutral" }) {
  const at = (one) => `${(100 * (Math.min(Math.max(one, from), to) - from)) / (to - from)}%`;
  // An interval that reaches beyond the scale has no cap there.
  const isWithin = (one) => one !== null && one >= from && one <= to;
  return html`<svg class=${`interval ${tone}`} width="100%" height=${HEIGHT} aria-hidden="true" focusable="false">
    <line class="scale" x1="0" x2="100%" y1=${MIDDLE} y2=${MIDDLE} />
    ${origin !== undefined &&
    value !== null &&
    html`<rect class="bar" x=${at(Math.min(origin, value))} y=${MIDDLE - BAR / 2} height=${BAR}
      width=${`${(100 * Math.abs(clamp(value, from, to) - origin)) / (to - from)}%`} />`}
    ${mark !== null && html`<line class="mark" x1=${at(mark)} x2=${at(mark)} y1="0" y2=${HEIGHT} />`}
    ${(low !== null || high !== null) &&
    html`<line class="whisker" x1=${at(low ?? from)} x2=${at(high ?? to)} y1=${MIDDLE} y2=${MIDDLE} />`}
    ${[low, high].filter(isWithin).map(
      (end) => html`<line class="whisker" x1=${at(end)} x2=${at(end)} y1=${MIDDLE - CAP} y2=${MIDDLE + CAP} />`,
    )}
    ${isWithin(value) && html`<circle class="dot" cx=${at(value)} cy=${MIDDLE} r="3.5" />`}
  </svg>`;
}

/**
 * Parts of a whole, one beside the other.
 * @param {{parts: {kind: string, count: number}[]}} props
 *   kind: negative, neutral, positive or mixed
 */
export function Parts({ parts }) {
  const total = parts.reduce((sum, { count }) => sum + count, 0);
  if (!total) return null;
  let before = 0;
  return html`<svg class="parts" width="100%" height="10" aria-hidden="true" focusable="false">
    ${parts.map(({ kind, count }) => {
      const start = before;
      before += count;
      return html`<rect class=${kind} x=${`${(100 * start) / total}%`} width=${`${(100 * count) / total}%`} y="0" height="10" />`;
    })}
  </svg>`;
}

/**
 * How often each value occurs, as columns.
 * @param {{counts: number[]}} props
 */
export function Distribution({ counts }) {
  const most = Math.max(...counts, 1);
  const step = 100 / counts.length;
  return html`<svg class="distribution" width=${counts.length * 9} height="20" aria-hidden="true" focusable="false">
    ${counts.map((count, index) => {
      const height = Math.max((18 * count) / most, 1);
      return html`<rect x=${`${index * step}%`} width="7" y=${20 - height} height=${height} />`;
    })}
  </svg>`;
}

function clamp(value, from, to) {
  return Math.min(Math.max(value, from), to);
}
