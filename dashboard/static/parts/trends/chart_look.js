/** Colours and dashes of charts. The colours stand in styles/trends.css, for light and dark. */

import { useEffect, useState } from "../../html.js";

/** Lines are told apart by these too, for whom colours are alike and for print. */
export const DASHES = [[], [8, 4], [2, 3], [9, 3, 2, 3], [14, 4], [5, 2], [9, 3, 2, 3, 2, 3], [1, 4]];

const DARK = window.matchMedia("(prefers-color-scheme: dark)");

/**
 * @typedef {object} Look
 * @property {string} ink
 * @property {string} quiet
 * @property {string} grid
 * @property {string} paper
 * @property {string} hatch
 * @property {string} change of model changes
 * @property {string} positive
 * @property {string} negative
 * @property {string[]} lines
 * @property {string} font
 */

/** @returns {Look} colours as they are now */
export function look() {
  const style = getComputedStyle(document.documentElement);
  const get = (name) => style.getPropertyValue(`--${name}`).trim();
  return {
    ink: get("ink"),
    quiet: get("quiet"),
    grid: get("line"),
    paper: get("paper"),
    hatch: get("hatch"),
    change: get("mixed"),
    positive: get("positive"),
    negative: get("negative"),
    lines: DASHES.map((_, index) => get(`line-${index + 1}`)),
    font: `12px ${get("font")}`,
  };
}

/**
 * Draw again when the scheme changes.
 * @returns {boolean} whether it is the dark one
 */
export function useScheme() {
  const [isDark, setDark] = useState(DARK.matches);
  useEffect(() => {
    const note = () => setDark(DARK.matches);
    DARK.addEventListener("change", note);
    return () => DARK.removeEventListener("change", note);
  }, []);
  return isDark;
}
