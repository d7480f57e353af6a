/** The two charts, by uPlot: events per second, and sizes on a log scale with the threshold and today's alerts. */
import uPlot from './uplot.js';

const height = 230;
/** What the process keeps. */
const spanSeconds = 15 * 60;

/** @param {string} name of a custom property in page.css */
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

const axis = (more) => ({
  stroke: colour('--quiet'),
  size: 34,
  font: '12px system-ui, sans-serif',
  grid: { stroke: colour('--line'), width: 1 },
  ticks: { stroke: colour('--line'), width: 1, size: 4 },
  ...more,
});

/** `1.5 MiB` of a number of bytes. */
export function bytes(size) {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  let unit = 0;
  let value = size;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value >= 100 || unit === 0 ? Math.round(value) : Number(value.toPrecision(2))} ${units[unit]}`;
}

/** `14:05` or, between two minutes, `14:05:30`, UTC as the alerts are. */
function clock(seconds) {
  const text = new Date(seconds * 1000).toISOString();
  return seconds % 60 === 0 ? text.slice(11, 16) : text.slice(11, 19);
}

/** What all charts have in common. */
const frame = (target) => ({
  ...{ width: target.clientWidth, height, padding: [12, 24, 0, 0] },
  legend: { show: false },
  cursor: { show: false },
});

/** `show` takes the moment in epoch ms and `[epoch ms, events/s, JPEGs/s]`, the oldest first. */
export function rateChart(target) {
  let data = [[], [], []];
  let now = Date.now() / 1000;
  const make = () =>
    new uPlot(
      {
        ...frame(target),
        scales: {
          x: { range: () => [now - spanSeconds, now] },
          y: { range: (_plot, _min, max) => [0, Math.max(1, (max ?? 0) * 1.1)] },
        },
        axes: [
          axis({ values: (_plot, moments) => moments.map(clock), space: 70 }),
          axis({
            size: (_plot, labels) =>
              20 + 7 * Math.max(2, ...(labels ?? []).map((one) => one.length)),
          }),
        ],
        series: [
          {},
          {
            ...{ stroke: colour('--accent'), fill: colour('--wash'), width: 2 },
            points: { show: false },
          },
          { stroke: colour('--text'), width: 1.5, dash: [5, 4], points: { show: false } },
        ],
      },
      data,
      target,
    );
  return chart(target, make, (atMs, rates) => {
    now = atMs / 1000;
    data = [
      rates.map(([at]) => at / 1000),
      rates.map(([, one]) => one),
      rates.map((one) => one[2]),
    ];
    return data;
  });
}

/** `show` takes `{ bins, threshold, dots }` as `showBaseline` makes them. */
export function sizeChart(target) {
  let data = [[], []];
  let threshold = null;
  let dots = [];
  const make = () =>
    new uPlot(
      {
        ...frame(target),
        scales: {
          x: { time: false, range: () => range(data[0], threshold, dots) },
          y: { range: (_plot, _min, max) => [0, Math.max(1, (max ?? 0) * 1.35)] },
        },
        axes: [
          axis({
            splits: (plot) => powers(plot.scales.x, Math.max(2, Math.floor(plot.width / 85))),
            values: (_plot, splits) => splits.map((log2) => bytes(2 ** log2)),
          }),
          axis({
            size: (_plot, labels) =>
              20 + 7 * Math.max(2, ...(labels ?? []).map((one) => one.length)),
            values: (_plot, values) =>
              values.map((value) => (Number.isInteger(value) ? value.toLocaleString('en') : '')),
          }),
        ],
        series: [
          {},
          {
            ...{ stroke: colour('--bar'), fill: colour('--bar'), points: { show: false } },
            paths: uPlot.paths.bars({ size: [0.92, Number.POSITIVE_INFINITY], align: 1 }),
          },
        ],
        hooks: {
          draw: [
            (plot) => {
              if (data[0].length === 0) drawNote(plot, 'no size is old enough yet to count');
              drawMarks(plot, threshold, dots);
            },
          ],
        },
      },
      data,
      target,
    );
  return chart(target, make, (sizes) => {
    data = [sizes.bins.map(([log2]) => log2), sizes.bins.map(([, samples]) => samples)];
    threshold = sizes.threshold;
    dots = sizes.dots;
    return data;
  });
}

/** The threshold as a line with its size, alerts as dots, those held back as rings; dots that meet stand in steps. */
function drawMarks(plot, threshold, dots) {
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  ctx.save();
  ctx.strokeStyle = colour('--bad');
  ctx.fillStyle = colour('--bad');
  if (threshold !== null) {
    const x = plot.valToPos(Math.log2(Math.max(1, threshold)), 'x', true);
    ctx.lineWidth = 2 * ratio;
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    const label = `larger than ${bytes(threshold)}`;
    ctx.font = `${12 * ratio}px system-ui, sans-serif`;
    const fits = x + ctx.measureText(label).width + 8 * ratio < bbox.left + bbox.width;
    ctx.textAlign = fits ? 'left' : 'right';
    ctx.fillText(label, x + (fits ? 6 : -6) * ratio, bbox.top + 11 * ratio);
  }
  ctx.lineWidth = 1.5 * ratio;
  const heights = new Map();
  for (const { size, held } of dots) {
    const x = plot.valToPos(Math.log2(Math.max(1, size)), 'x', true);
    const column = Math.round(x / (8 * ratio));
    const step = heights.get(column) ?? 0;
    heights.set(column, step + 1);
    const y = bbox.top + Math.min((30 + 9 * step) * ratio, bbox.height - 4 * ratio);
    ctx.beginPath();
    ctx.arc(x, y, 3.5 * ratio, 0, 2 * Math.PI);
    if (held) ctx.stroke();
    else ctx.fill();
  }
  ctx.restore();
}

function drawNote({ ctx, bbox }, words) {
  ctx.save();
  ctx.fillStyle = colour('--quiet');
  ctx.font = `${13 * devicePixelRatio}px system-ui, sans-serif`;
  ctx.textAlign = 'center';
  ctx.fillText(words, bbox.left + bbox.width / 2, bbox.top + bbox.height / 2);
  ctx.restore();
}

/** Whole powers of two, so many at most. */
function powers({ min, max }, most) {
  const step = Math.ceil((max - min) / most);
  const first = Math.ceil(min / step) * step;
  return Array.from({ length: Math.floor((max - first) / step) + 1 }, (_, i) => first + i * step);
}

/** All of it is to be seen, whatever is largest. */
function range(bins, threshold, dots) {
  const sizes = dots.map(({ size }) => Math.log2(Math.max(1, size)));
  const all = [
    ...bins,
    ...sizes,
    ...(threshold === null ? [] : [Math.log2(Math.max(1, threshold))]),
  ];
  if (all.length === 0) return [10, 24];
  return [Math.floor(Math.min(...all)) - 0.5, Math.ceil(Math.max(...all)) + 1];
}

/** Made anew with the colours of the day, or when it has another width. */
function chart(target, make, take) {
  let plot = null;
  const redraw = () => {
    plot?.destroy();
    plot = target.clientWidth > 0 ? make() : null;
  };
  new ResizeObserver(() => {
    if (plot === null) redraw();
    else if (target.clientWidth > 0 && plot.width !== target.clientWidth) {
      plot.setSize({ width: target.clientWidth, height });
    }
  }).observe(target);
  return {
    show(...what) {
      const data = take(...what);
      if (plot === null) redraw();
      else plot.setData(data);
    },
    redraw,
  };
}
