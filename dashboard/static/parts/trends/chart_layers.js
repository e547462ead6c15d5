/** What charts of trends show beside lines and bars: gaps, bands, points, changes of the model. */

/** Room between two points from which on each is marked, in CSS pixels. */
const ROOM_OF_POINT = 9;

/**
 * Hatch the buckets that were not collected.
 * @param {import("../../vendor/uplot.js").default} u
 * @param {number[]} places
 * @param {string} color
 */
export function drawGaps(u, places, color) {
  const { ctx, bbox } = u;
  const step = 6 * ratio();
  painted(u, () => {
    ctx.setLineDash([]);
    ctx.strokeStyle = color;
    ctx.lineWidth = ratio();
    for (const at of places) {
      const left = x(u, at - 0.5);
      const right = x(u, at + 0.5);
      ctx.save();
      ctx.beginPath();
      ctx.rect(left, bbox.top, right - left, bbox.height);
      ctx.clip();
      ctx.beginPath();
      // On one grid for the whole chart, so that neighbours join without a seam.
      const first = Math.floor((left - bbox.height) / step) * step;
      for (let from = first; from < right; from += step) {
        ctx.moveTo(from, bbox.top + bbox.height);
        ctx.lineTo(from + bbox.height, bbox.top);
      }
      ctx.stroke();
      ctx.restore();
    }
  });
}

/**
 * Fill what lies between the ends of the intervals.
 * @param {import("../../vendor/uplot.js").default} u
 * @param {import("./data.js").Cell[]} cells
 * @param {string} color
 * @param {number} alpha
 */
export function drawBand(u, cells, color, alpha) {
  const { ctx } = u;
  painted(u, () => {
    ctx.fillStyle = color;
    ctx.globalAlpha = alpha;
    for (const [from, to] of runs(cells, ({ low, high }) => low !== null && high !== null)) {
      ctx.beginPath();
      if (from === to) {
        // A band has no width at a point between two gaps: there it is a bar.
        const wide = 3 * ratio();
        ctx.rect(x(u, from) - wide, y(u, cells[from].high), 2 * wide, y(u, cells[from].low) - y(u, cells[from].high));
      } else {
        for (let at = from; at <= to; at += 1) ctx.lineTo(x(u, at), y(u, cells[at].high));
        for (let at = to; at >= from; at -= 1) ctx.lineTo(x(u, at), y(u, cells[at].low));
      }
      ctx.fill();
    }
  });
}

/**
 * Mark points: hollow where a value is only a lower bound; where there is little room, only
 * these and the points that no line leads to.
 * @param {import("../../vendor/uplot.js").default} u
 * @param {import("./data.js").Cell[]} cells
 * @param {{color: string, paper: string, radius: number}} looks radius in CSS pixels
 */
export function drawPoints(u, cells, { color, paper, radius }) {
  const { ctx } = u;
  const hasRoom = x(u, 1) - x(u, 0) >= ROOM_OF_POINT * ratio();
  const alone = new Set(runs(cells, ({ value }) => value !== null).flatMap(([from, to]) => (from === to ? [from] : [])));
  ctx.save();
  // The dashes of the line that was drawn last are still on.
  ctx.setLineDash([]);
  ctx.strokeStyle = color;
  ctx.lineWidth = 1.5 * ratio();
  cells.forEach(({ value, state }, at) => {
    if (value === null || !(hasRoom || state === "bound" || alone.has(at))) return;
    ctx.fillStyle = state === "bound" ? paper : color;
    dot(ctx, x(u, at), y(u, value), radius * ratio());
  });
  ctx.restore();
}

/**
 * Mark at the foot the buckets of which too little is known to tell a value.
 * @param {import("../../vendor/uplot.js").default} u
 * @param {number[]} places
 * @param {string} color
 */
export function drawLittle(u, places, color) {
  const { ctx, bbox } = u;
  const radius = Math.min(1.75 * ratio(), (x(u, 1) - x(u, 0)) / 4);
  ctx.save();
  ctx.setLineDash([]);
  ctx.strokeStyle = color;
  ctx.fillStyle = "transparent";
  ctx.lineWidth = ratio();
  for (const at of places) dot(ctx, x(u, at), bbox.top + bbox.height - 5 * ratio(), radius);
  ctx.restore();
}

/**
 * Mark the days on which another model began to give the labels.
 * @param {import("../../vendor/uplot.js").default} u
 * @param {{place: number, label: string}[]} changes
 * @param {{color: string, paper: string, font: string}} look
 */
export function drawChanges(u, changes, { color, paper, font }) {
  const { ctx, bbox } = u;
  ctx.save();
  ctx.font = font.replace(/^\d+/, String(11 * ratio()));
  ctx.textBaseline = "top";
  ctx.textAlign = "left";
  for (const { place, label } of changes) {
    const at = x(u, place);
    ctx.strokeStyle = color;
    ctx.lineWidth = 1.25 * ratio();
    ctx.setLineDash([3 * ratio(), 3 * ratio()]);
    ctx.beginPath();
    ctx.moveTo(at, bbox.top);
    ctx.lineTo(at, bbox.top + bbox.height);
    ctx.stroke();
    if (!label) continue;
    const width = ctx.measureText(label).width + 8 * ratio();
    // To the right, unless it would leave the chart.
    const left = at + width > bbox.left + bbox.width ? at - width : at;
    ctx.fillStyle = paper;
    ctx.fillRect(left + ratio(), bbox.top, width - 2 * ratio(), 15 * ratio());
    ctx.fillStyle = color;
    ctx.fillText(label, left + 4 * ratio(), bbox.top + 2 * ratio());
  }
  ctx.restore();
}

/**
 * Draw the line between good and bad, or the foot of the chart.
 * @param {import("../../vendor/uplot.js").default} u
 * @param {string} color
 */
export function drawZero(u, color) {
  const { ctx, bbox, scales } = u;
  if (scales.y.min > 0 || scales.y.max < 0) return;
  const at = Math.round(y(u, 0)) + 0.5;
  ctx.save();
  ctx.setLineDash([]);
  ctx.strokeStyle = color;
  ctx.lineWidth = ratio();
  ctx.beginPath();
  ctx.moveTo(bbox.left, at);
  ctx.lineTo(bbox.left + bbox.width, at);
  ctx.stroke();
  ctx.restore();
}

/** Draw inside the plot only. */
function painted(u, draw) {
  const { ctx, bbox } = u;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  draw();
  ctx.restore();
}

function dot(ctx, left, top, radius) {
  ctx.beginPath();
  ctx.arc(left, top, radius, 0, 2 * Math.PI);
  ctx.fill();
  ctx.stroke();
}

/** Return first and last place of each row of cells that have something. */
function runs(cells, has) {
  const found = [];
  cells.forEach((cell, at) => {
    if (!has(cell)) return;
    if (at > 0 && has(cells[at - 1])) found.at(-1)[1] = at;
    else found.push([at, at]);
  });
  return found;
}

const ratio = () => window.devicePixelRatio;
const x = (u, place) => u.valToPos(place, "x", true);
const y = (u, value) => u.valToPos(value, "y", true);
