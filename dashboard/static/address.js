/** The address bar is the state of the page: what is shown follows from it alone. */

import { searchOf } from "./api.js";
import { useEffect, useState } from "./html.js";

/** Views by their path; the first is that of every path that has none. */
export const VIEWS = { overview: "/", search: "/search", trends: "/trends", compare: "/compare" };
/** Fields that several values of may be chosen of. */
export const CHOSEN = [
  "source", "brand", "location", "product", "topic", "sentiment", "stars", "lang", "case",
];
/** What every question may be narrowed by. */
const NARROWING = ["q", ...CHOSEN, "first", "last"];
const LISTS = new Set([...CHOSEN, "only", "of"]);
const MOVED = "molva-moved";

/**
 * Return where the page is.
 * @returns {{view: string, params: Object<string, string|string[]>}} a parameter that may have
 *   several values is always a list; one that is not in the address is missing
 */
export function read() {
  const view = Object.keys(VIEWS).find((name) => VIEWS[name] === location.pathname);
  const params = {};
  for (const [name, value] of new URLSearchParams(location.search)) {
    if (LISTS.has(name)) (params[name] ??= []).push(value);
    else params[name] = value;
  }
  return { view: view ?? "overview", params };
}

/**
 * Return the address of a view, for `href`.
 * @param {string} view
 * @param {Object<string, unknown>} [params]
 * @returns {string}
 */
export function link(view, params = {}) {
  const search = searchOf(params);
  return `${VIEWS[view]}${search && `?${search}`}`;
}

/**
 * Go somewhere.
 * @param {string} view
 * @param {Object<string, unknown>} params
 * @param {{replace?: boolean}} [options] replace: Back does not return to where the page was
 */
export function go(view, params, { replace = false } = {}) {
  const to = link(view, params);
  if (to === location.pathname + location.search) return;
  history[replace ? "replaceState" : "pushState"](null, "", to);
  window.dispatchEvent(new CustomEvent(MOVED));
}

/**
 * Return where the page is, and draw again when that changes.
 * @returns {{view: string, params: Object<string, string|string[]>}}
 */
export function useAddress() {
  const [where, setWhere] = useState(read);
  useEffect(() => {
    const look = () => setWhere(read());
    window.addEventListener("popstate", look);
    window.addEventListener(MOVED, look);
    return () => {
      window.removeEventListener("popstate", look);
      window.removeEventListener(MOVED, look);
    };
  }, []);
  return where;
}

/**
 * Return of `params` what narrows a question, without what belongs to one view.
 * @param {Object<string, string|string[]>} params
 * @returns {Object<string, string|string[]>}
 */
export function narrowingOf(params) {
  return Object.fromEntries(
    NARROWING.filter((name) => params[name]?.length).map((name) => [name, params[name]]),
  );
}

/** Let links between views be followed without loading the page again. */
export function followLinks() {
  document.addEventListener("click", (event) => {
    const anchor = event.target.closest?.("a[href]");
    const isPlain = !(event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
    if (!anchor || !isPlain || event.defaultPrevented || anchor.target) return;
    if (anchor.origin !== location.origin || anchor.hasAttribute("download")) return;
    if (!Object.values(VIEWS).includes(anchor.pathname) || anchor.getAttribute("href")[0] === "#") return;
    event.preventDefault();
    history.pushState(null, "", anchor.href);
    window.dispatchEvent(new CustomEvent(MOVED));
  });
}
