/** The place in charts that is looked at: by pointer or by keys, in all that stand together. */

import { useCallback, useEffect, useRef, useState } from "../../html.js";

/**
 * @typedef {object} Place
 * @property {number} at a bucket
 * @property {number} line one of the lines
 * @property {"positive"|"negative"} [polarity] above or below the line of a mirrored chart
 */

/**
 * Keep the place, show it in the plots, and change it as someone points or presses keys.
 * @param {{most: number, lines: number, onOpen: (place: Place) => void}} props
 *   most: number of buckets; lines: number of lines; onOpen: the place was clicked or Enter pressed
 * @returns {{place: Place|null, byKeys: boolean, watched: () => number|null,
 *   onKeyDown: (event: KeyboardEvent) => void, plotAs: (name: string) => (plot: object|null) => void}}
 *   byKeys: keys changed it last; watched: always the same function
 */
export function useCursor({ most, lines, onOpen }) {
  const [{ place, byKeys }, setState] = useState({ place: null, byKeys: false });
  const plots = useRef(new Map());
  const now = useRef(null);
  const open = useRef(onOpen);
  open.current = onOpen;
  // A new answer can have fewer buckets and lines than the one that was looked at.
  now.current = place && { at: Math.min(place.at, most - 1), line: Math.min(place.line, lines - 1) };
  const { at, line } = now.current ?? {};

  useEffect(() => plots.current.forEach((plot) => show(plot, now.current)), [at]);
  useEffect(() => plots.current.forEach((plot) => lines > 1 && plot.redraw(false)), [line]);

  const onKeyDown = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const next = moved(now.current, event.key, most, lines);
    if (next) setState({ place: next, byKeys: true });
    else if (event.key === "Enter" && now.current) open.current(now.current);
    else return;
    event.preventDefault();
  };

  const plotAs = (name) => (plot) => {
    if (plot === null) {
      plots.current.delete(name);
      return;
    }
    plots.current.set(name, plot);
    show(plot, now.current);
    const look = (event) => {
      const next = placeOf(plot, event, most, lines);
      setState((before) => (isSame(before.place, next) ? before : { place: next, byKeys: false }));
      return next;
    };
    // A finger cannot look before it opens: its first touch looks, its second opens.
    let touched = null;
    plot.over.addEventListener("pointermove", (event) => event.pointerType === "mouse" && look(event));
    plot.over.addEventListener("click", (event) => {
      const next = look(event);
      const polarity = name === "bars" ? { polarity: plot.posToVal(event.offsetY, "y") < 0 ? "negative" : "positive" } : {};
      if (event.pointerType !== "touch" || touched === next.at) open.current({ ...next, ...polarity });
      touched = next.at;
    });
  };
  const watched = useCallback(() => now.current?.line ?? null, []);
  return { place: now.current, byKeys, watched, onKeyDown, plotAs };
}

function show(plot, place) {
  if (place) plot.setCursor({ left: plot.valToPos(place.at, "x"), top: 0 }, false);
}

/** Return the place after a key; null where the key moves nothing. */
function moved(place, key, most, lines) {
  const { at, line } = place ?? { at: most - 1, line: 0 };
  const to = {
    ArrowLeft: [place ? at - 1 : at, line],
    ArrowRight: [at + 1, line],
    Home: [0, line],
    End: [most - 1, line],
    ArrowUp: [at, line - 1],
    ArrowDown: [at, line + 1],
  }[key];
  if (!to || (lines === 1 && to[1] !== line)) return null;
  return { at: within(to[0], most), line: within(to[1], lines) };
}

/** Return the bucket below the pointer, and the line that comes nearest to it there. */
function placeOf(plot, { offsetX, offsetY }, most, lines) {
  const at = within(Math.round(plot.posToVal(offsetX, "x")), most);
  let line = 0;
  let least = Infinity;
  for (let one = 0; lines > 1 && one < lines; one += 1) {
    const value = plot.data[one + 1][at];
    const distance = value === null ? Infinity : Math.abs(plot.valToPos(value, "y") - offsetY);
    if (distance < least) [line, least] = [one, distance];
  }
  return { at, line };
}

const within = (place, most) => Math.min(Math.max(place, 0), most - 1);
const isSame = (one, other) => one?.at === other.at && one?.line === other.line;
