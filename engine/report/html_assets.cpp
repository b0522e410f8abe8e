#include "engine/report/html_assets.h"

namespace amnok {

const char* const kReportStyle = R"css(
:root { --ink:#1c2733; --soft:#5b6875; --line:#d9dee3; --back:#fff; --panel:#f6f8fa; --accent:#08306b; --shade:#0003; }
@media (prefers-color-scheme: dark) {
  :root { --ink:#e6eaee; --soft:#a3adb7; --line:#3a444e; --back:#15191e; --panel:#1d232a; --accent:#9ecae1; --shade:#fff3; }
  figure > svg { filter:invert(1) hue-rotate(180deg); }
}
* { box-sizing:border-box; }
body { margin:0 auto; max-width:72rem; padding:1.5rem 1rem 4rem; color:var(--ink); background:var(--back);
  font:16px/1.5 system-ui, "Noto Sans", "Noto Sans CJK KR", "Malgun Gothic", sans-serif; overflow-wrap:break-word; }
h1 { font-size:1.6rem; line-height:1.25; margin:0 0 .3rem; }
h2 { font-size:1.2rem; margin:2.2rem 0 .6rem; border-bottom:1px solid var(--line); padding-bottom:.2rem; }
h3 { font-size:1rem; margin:1.4rem 0 .4rem; }
p.lead { font-size:1.05rem; }
.soft { color:var(--soft); font-size:.9rem; }
.scroll { overflow-x:auto; background:
  linear-gradient(to right, var(--back) 40%, transparent) left / 2.5rem 100% no-repeat local,
  linear-gradient(to left, var(--back) 40%, transparent) right / 2.5rem 100% no-repeat local,
  linear-gradient(to right, var(--shade), transparent) left / .8rem 100% no-repeat scroll,
  linear-gradient(to left, var(--shade), transparent) right / .8rem 100% no-repeat scroll; }
table { border-collapse:collapse; width:100%; font-size:.9rem; font-variant-numeric:tabular-nums; }
th, td { padding:.3rem .55rem; text-align:right; border-bottom:1px solid var(--line); white-space:nowrap; }
th:first-child, td:first-child { text-align:left; white-space:normal; min-width:9rem; }
td.text, th.text { text-align:left; white-space:normal; }
thead th { font-weight:600; border-bottom:2px solid var(--line); }
figure { margin:1rem 0; }
figure svg { width:100%; height:auto; }
figcaption { color:var(--soft); font-size:.9rem; }
nav { display:flex; flex-wrap:wrap; gap:.2rem .9rem; }
nav a { color:var(--accent); }
code { background:var(--panel); padding:0 .25rem; border-radius:3px; overflow-wrap:anywhere; }
pre { background:var(--panel); padding:.8rem; overflow-x:auto; font-size:.82rem; border-radius:6px; }
.bad { font-weight:600; }
#chart { border:1px solid var(--line); border-radius:6px; padding:.6rem .8rem; margin:1rem 0; }
#chart fieldset { border:0; padding:0; margin:.3rem 0; display:flex; flex-wrap:wrap; gap:.1rem 1rem; }
#chart label { display:inline-flex; gap:.35rem; align-items:baseline; font-size:.9rem; }
#chart svg { width:100%; height:auto; display:block; touch-action:pan-y; }
#chart svg text { fill:var(--soft); font-size:12px; }
#chart output { display:block; min-height:3.1em; font-size:.88rem; color:var(--soft); }
@media (max-width:44rem) { figure { overflow-x:auto; } figure > svg { min-width:44rem; } }
@media print { body { max-width:none; } nav, #chart, details:not([open]) { display:none; } }
)css";

const char* const kReportScript = R"js(
(() => {
  const data = JSON.parse(document.getElementById('chart-data').textContent);
  const box = document.getElementById('chart');
  const colours = ['#2b7bba', '#e07b00', '#3a9a5b', '#8a63b8', '#b8860b', '#8c6d4f', '#d36ba6', '#7f8c8d', '#a3a11a', '#17a2b8'];
  const make = (tag, parent, attributes = {}, text) => {
    const svg = ['svg', 'path', 'line', 'text', 'circle'].includes(tag);
    const node = svg ? document.createElementNS('http://www.w3.org/2000/svg', tag) : document.createElement(tag);
    for (const key in attributes) node.setAttribute(key, attributes[key]);
    if (text !== undefined) node.textContent = text;
    if (parent) parent.appendChild(node);
    return node;
  };
  const show = v => v === null || v === undefined ? '–' : Number(v.toPrecision(4)).toLocaleString('en');
  const choice = make('label', box, {}, 'Variable ');
  const select = make('select', choice);
  data.forEach((v, i) => make('option', select, {value: i}, v.label));
  const list = make('fieldset', box);
  const boxes = data[0].scenarios.map((s, i) => {
    const label = make('label', list);
    const input = make('input', label, {type: 'checkbox'});
    input.checked = i < 2;
    make('span', label, {style: 'color:' + colours[i % colours.length]}, '■');
    make('span', label, {}, s.label);
    input.addEventListener('change', draw);
    return input;
  });
  const svg = make('svg', box, {role: 'img', 'aria-label': 'Projections of the chosen scenarios'});
  const output = make('output', box);
  select.addEventListener('change', draw);
  let scale = null;

  // Round values across [low, high].
  function ticks(low, high) {
    const raw = (high - low) / 5, power = 10 ** Math.floor(Math.log10(raw));
    const step = [1, 2, 5, 10].map(f => f * power).find(s => s >= raw);
    const all = [];
    for (let v = Math.ceil(low / step) * step; v <= high; v += step) all.push(Math.abs(v) < step / 1e6 ? 0 : v);
    return all;
  }

  function draw() {
    const variable = data[select.value];
    const chosen = variable.scenarios.map((s, i) => ({s, i})).filter(c => boxes[c.i].checked);
    // As wide as there is room, so that text keeps its size on a phone.
    const width = Math.max(320, Math.min(1100, box.clientWidth - 26));
    svg.setAttribute('viewBox', '0 0 ' + width + ' 400');
    svg.textContent = '';
    output.textContent = '';
    const values = variable.history.concat(variable.realised).map(p => p[2]);
    for (const {s} of chosen) for (const p of s.periods) values.push(p[2], p[8]);
    const finite = values.filter(v => v !== null);
    if (!finite.length) { output.textContent = 'Nothing to draw.'; return; }
    let low = Math.min(...finite), high = Math.max(...finite);
    const margin = (high - low || Math.abs(high) || 1) * 0.05;
    low -= margin; high += margin;
    const [first, last] = variable.range;
    const x = v => 60 + (v - first) / (last - first) * (width - 75), y = v => 370 - (v - low) / (high - low) * 355;
    for (const v of ticks(low, high)) {
      make('line', svg, {x1: 60, x2: width - 15, y1: y(v), y2: y(v), stroke: 'var(--line)'});
      make('text', svg, {x: 54, y: y(v) + 4, 'text-anchor': 'end'}, show(v));
    }
    const every = Math.ceil(variable.ticks.length * 80 / width);
    for (const [at, label] of variable.ticks.filter((t, i) => i % every === 0)) {
      make('line', svg, {x1: x(at), x2: x(at), y1: 370, y2: 375, stroke: 'var(--soft)'});
      make('text', svg, {x: x(at), y: 390, 'text-anchor': 'middle'}, label);
    }
    make('line', svg, {x1: x(variable.origin), x2: x(variable.origin), y1: 15, y2: 370, stroke: 'var(--soft)', 'stroke-dasharray': '4 4'});
    const line = points => {
      let path = '', open = false;
      for (const [px, py] of points) {
        if (py === null) { open = false; continue; }
        path += (open ? 'L' : 'M') + x(px).toFixed(1) + ' ' + y(py).toFixed(1);
        open = true;
      }
      return path;
    };
    const band = (periods, a, b) => {
      const rows = periods.filter(p => p[a] !== null);
      if (!rows.length) return '';
      return line(rows.map(p => [p[0], p[a]])) + line(rows.map(p => [p[0], p[b]]).reverse()).replace('M', 'L') + 'Z';
    };
    const known = variable.history.filter(p => p[2] !== null).pop();
    for (const {s, i} of chosen) {
      const colour = colours[i % colours.length];
      const start = known ? [[known[0], known[1], ...Array(7).fill(known[2])]] : [];
      const rows = start.concat(s.periods);
      const bands = chosen.length === 1 ? [[2, 8, .2], [3, 7, .25], [4, 6, .3]] : [[2, 8, .13]];
      for (const [a, b, opacity] of bands) make('path', svg, {d: band(rows, a, b), fill: colour, opacity});
    }
    for (const {s, i} of chosen) {
      const rows = (known ? [[known[0], known[2]]] : []).concat(s.periods.map(p => [p[0], p[5]]));
      make('path', svg, {d: line(rows), fill: 'none', stroke: colours[i % colours.length], 'stroke-width': 2.2});
    }
    make('path', svg, {d: line(variable.history.map(p => [p[0], p[2]])), fill: 'none', stroke: 'var(--ink)', 'stroke-width': 1.4});
    for (const p of variable.history.concat(variable.realised)) {
      if (p[2] === null) continue;
      const later = p[0] >= variable.origin;
      make('circle', svg, {cx: x(p[0]), cy: y(p[2]), r: later ? 3 : 1.8, fill: later ? '#c1121f' : 'var(--ink)'});
    }
    const cursor = make('line', svg, {y1: 15, y2: 370, stroke: 'var(--accent)', visibility: 'hidden'});
    scale = {variable, chosen, x, cursor, width};
  }

  // What the figures are under the pointer.
  svg.addEventListener('pointermove', event => {
    if (!scale) return;
    const place = (event.clientX - svg.getBoundingClientRect().left) / svg.getBoundingClientRect().width * scale.width;
    const {variable, chosen, x, cursor} = scale;
    const all = variable.history.concat(chosen.length ? chosen[0].s.periods : variable.realised);
    const nearest = all.reduce((a, b) => Math.abs(x(b[0]) - place) < Math.abs(x(a[0]) - place) ? b : a);
    cursor.setAttribute('x1', x(nearest[0]));
    cursor.setAttribute('x2', x(nearest[0]));
    cursor.setAttribute('visibility', 'visible');
    const words = [];
    const seen = variable.history.concat(variable.realised).find(p => p[1] === nearest[1] && p[2] !== null);
    if (seen) words.push((seen[0] >= variable.origin ? 'realised ' : 'observed ') + show(seen[2]));
    for (const {s} of chosen) {
      const p = s.periods.find(q => q[1] === nearest[1]);
      if (p) words.push(s.label + ': ' + show(p[5]) + ' [' + show(p[2]) + ', ' + show(p[8]) + ']');
    }
    output.textContent = nearest[1] + (variable.unit ? ', ' + variable.unit : '') + ' — ' + words.join('; ');
  });
  addEventListener('resize', draw);
  draw();
})();
)js";

}  // namespace amnok
