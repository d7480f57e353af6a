/** The two charts, by uPlot: events per second, and sizes on a log scale with the threshold and today's alerts. */
import uPlot from './uplot.js';

const height = 220;

/** @param {string} name of a custom property in page.css */
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

const axis = (more) => ({
  stroke: colour('--quiet'),
  grid: { stroke: colour('--line'), width: 1 },
  ticks: { stroke: colour('--line'), width: 1 },
  ...more,
});

/** `1.5 MiB` of a number of bytes. */
export function bytes(size) {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let unit = 0;
  let value = size;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value >= 100 || unit === 0 ? Math.round(value) : Number(value.toPrecision(2))} ${units[unit]}`;
}

/** @returns {{ show(rates: [number, number, number][]): void, redraw(): void }} */
export function rateChart(element) {
  let data = [[], [], []];
  const make = () =>
    new uPlot(
      {
        width: element.clientWidth,
        height,
        legend: { show: false },
        cursor: { show: false },
        scales: { y: { range: (_plot, _min, max) => [0, Math.max(1, max * 1.1)] } },
        axes: [axis({}), axis({ size: 60 })],
        series: [
          {},
          { label: 'events/s', stroke: colour('--accent'), width: 2, points: { show: false } },
          { label: 'JPEGs/s', stroke: colour('--wait'), width: 2, points: { show: false } },
        ],
      },
      data,
      element,
    );
  return chart(element, make, (rates) => {
    data = [0, 1, 2].map((i) => rates.map((rate) => (i === 0 ? rate[i] / 1000 : rate[i])));
    return data;
  });
}

/** @returns {{ show(sizes: { bins, threshold, dots }): void, redraw(): void }} */
export function sizeChart(element) {
  let data = [[], []];
  let threshold = null;
  let dots = [];
  const marks = (plot) => {
    const { ctx, bbox } = plot;
    const ratio = devicePixelRatio;
    ctx.save();
    if (threshold !== null) {
      const x = plot.valToPos(Math.log2(threshold), 'x', true);
      ctx.strokeStyle = colour('--bad');
      ctx.fillStyle = colour('--bad');
      ctx.lineWidth = 2 * ratio;
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
      const label = `threshold ${bytes(threshold)}`;
      ctx.font = `${12 * ratio}px system-ui, sans-serif`;
      const fits = x + ctx.measureText(label).width + 8 * ratio < bbox.left + bbox.width;
      ctx.textAlign = fits ? 'left' : 'right';
      ctx.fillText(label, x + (fits ? 6 : -6) * ratio, bbox.top + 12 * ratio);
    }
    for (const [i, { size, held }] of dots.entries()) {
      const x = plot.valToPos(Math.log2(Math.max(1, size)), 'x', true);
      const y = bbox.top + (26 + 9 * (i % 5)) * ratio;
      ctx.beginPath();
      ctx.arc(x, y, 4 * ratio, 0, 2 * Math.PI);
      ctx.fillStyle = colour('--bad');
      ctx.strokeStyle = colour('--bad');
      ctx.lineWidth = 1.5 * ratio;
      if (held) ctx.stroke();
      else ctx.fill();
    }
    ctx.restore();
  };
  const make = () =>
    new uPlot(
      {
        width: element.clientWidth,
        height,
        legend: { show: false },
        cursor: { show: false },
        scales: {
          x: { time: false, range: () => range(data[0], threshold, dots) },
          y: { range: (_plot, _min, max) => [0, Math.max(1, max * 1.15)] },
        },
        axes: [
          axis({
            values: (_plot, values) =>
              values.map((value) => (Number.isInteger(value) ? bytes(2 ** value) : '')),
            space: 70,
          }),
          axis({ size: 60 }),
        ],
        series: [
          {},
          {
            label: 'JPEGs',
            stroke: colour('--bar'),
            fill: colour('--bar'),
            paths: uPlot.paths.bars({ size: [0.95], align: 1 }),
            points: { show: false },
          },
        ],
        hooks: { draw: [marks] },
      },
      data,
      element,
    );
  return chart(element, make, (sizes) => {
    data = [sizes.bins.map(([log2]) => log2), sizes.bins.map(([, samples]) => samples)];
    threshold = sizes.threshold;
    dots = sizes.dots;
    return data;
  });
}

/** All of it is to be seen, whatever is largest. */
function range(bins, threshold, dots) {
  const sizes = dots.map(({ size }) => Math.log2(Math.max(1, size)));
  const all = [...bins, ...sizes, ...(threshold === null ? [] : [Math.log2(threshold)])];
  if (all.length === 0) return [10, 24];
  return [Math.floor(Math.min(...all)) - 0.5, Math.ceil(Math.max(...all)) + 1];
}

/** Made anew with the colours of the day, or when it has another width. */
function chart(element, make, take) {
  let plot = null;
  const redraw = () => {
    plot?.destroy();
    plot = element.clientWidth > 0 ? make() : null;
  };
  new ResizeObserver(() => {
    if (plot !== null && plot.width !== element.clientWidth) {
      plot.setSize({ width: element.clientWidth, height });
    } else if (plot === null) redraw();
  }).observe(element);
  return {
    show(what) {
      const data = take(what);
      if (plot === null) redraw();
      else plot.setData(data);
    },
    redraw,
  };
}
