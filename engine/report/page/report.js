// Draws the charts of the report page from the JSON in #report-data, with D3.
(() => {
  'use strict';
  const data = JSON.parse(document.getElementById('report-data').textContent);
  const words = data.words;
  const fill = (text, places) => text.replace(/\{(\w+)\}/g, (all, name) => name in places ? places[name] : all);
  const minus = text => text.replace(/^-/, '−');
  const horizon = data.periods.length - data.origin;  // periods that are projected
  const MEDIAN = 3, MEAN = 7, BANDS = [[0, 6, .16], [1, 5, .2], [2, 4, .26]];  // columns of a fan
  const DASHES = [null, '9 3', '4 3', '10 3 2 3', '7 2 2 2 2 2', '14 4', '2 2'];
  const style = s => 's' + s % 7;
  const symbol = s => d3.symbol().type(d3.symbols[s % d3.symbols.length]).size(52)();

  const state = {
    shown: data.scenarios.map((s, i) => i < 2), bands: 'all', mean: true,
    sliders: data.live.sliders.map(s => s.home), measures: data.effects.map(() => 'level'),
  };

  // ---- Live assumptions: fans between the positions that were simulated --------------------------

  const stored = new Map();
  // A grid's numbers of one variable, by position, period and column.
  function numbers(grid, v) {
    const key = grid.scenario + ' ' + v;
    if (stored.has(key)) return stored.get(key);
    const own = grid.variables[v], bytes = Uint8Array.from(atob(own.cells), c => c.charCodeAt(0));
    const view = new DataView(bytes.buffer), columns = own.low.length, cells = new Float64Array(bytes.length / 2);
    for (let i = 0; i < cells.length; ++i) {
      const q = view.getUint16(2 * i, true), c = i % columns;
      cells[i] = q === 65535 ? NaN : own.low[c] + q / 65534 * (own.high[c] - own.low[c]);
    }
    // At home the run's own figures stand, not their short form.
    const sizes = own.moved_by.map(d => grid.positions[d].length);
    let home = 0;
    own.moved_by.forEach((d, k) => { home = home * sizes[k] + grid.positions[d].indexOf(home_of(grid, d)); });
    const run = data.variables[v].fans[grid.scenario];
    for (let h = 0; h < horizon; ++h) {
      for (let c = 0; c < columns; ++c) {
        const value = run[c][h];
        cells[(home * horizon + h) * columns + c] = value === null ? NaN : value;
      }
    }
    const result = {cells, sizes, columns};
    stored.set(key, result);
    return result;
  }
  const home_of = (grid, d) => data.live.sliders[grid.sliders[d]].home;

  // Where a slider stands among the positions of a grid: the one below and the share of the way up.
  function bracket(positions, at) {
    let i = 0;
    while (i < positions.length - 2 && positions[i + 1] <= at) ++i;
    return [i, (at - positions[i]) / (positions[i + 1] - positions[i])];
  }

  const grid_of = s => data.live.grids.find(g => g.scenario === s);
  const is_moved = s => {
    const grid = grid_of(s);
    return Boolean(grid) && grid.sliders.some(k => state.sliders[k] !== data.live.sliders[k].home);
  };

  // The fan of a scenario where the sliders stand: columns of numbers, null where not defined.
  function fan(v, s) {
    const run = data.variables[v].fans[s], grid = grid_of(s);
    if (!is_moved(s) || !grid.variables[v].moved_by.length) return run;
    const own = grid.variables[v], {cells, sizes, columns} = numbers(grid, v);
    const brackets = own.moved_by.map(d => bracket(grid.positions[d], state.sliders[grid.sliders[d]]));
    let corners = [[0, 1]];  // index, weight
    brackets.forEach(([i, w], k) => {
      corners = corners.flatMap(([index, weight]) =>
        [[index * sizes[k] + i, weight * (1 - w)], [index * sizes[k] + i + 1, weight * w]].filter(c => c[1] > 0));
    });
    return d3.range(columns).map(c => d3.range(horizon).map(h => {
      const value = d3.sum(corners, ([index, weight]) => weight * cells[(index * horizon + h) * columns + c]);
      const missing = corners.some(([index]) => isNaN(cells[(index * horizon + h) * columns + c]));
      return missing ? null : value;
    }));
  }

  // ---- Numbers in words ---------------------------------------------------------------------------

  const rounded = (value, decimals) => {
    if (value === null || value === undefined) return '–';
    const text = value.toFixed(decimals);
    return Number(text) === 0 ? text.replace('-', '') : minus(text);
  };
  const slider_text = (slider, value) => slider.kind === 'period' ? slider.names[value - slider.from]
    : minus(String(Number(value.toPrecision(4)))) + slider.unit;

  // ---- One chart ----------------------------------------------------------------------------------

  const TEXT_WIDTH = 5.9;  // of a Latin letter in a name of an event; others take two
  const width_of = text => d3.sum(Array.from(text), c => c.charCodeAt(0) > 0x2e80 ? 2 : 1) * TEXT_WIDTH;
  const shortened = text => Array.from(text).length <= 24 ? text : Array.from(text).slice(0, 23).join('').trimEnd() + '…';

  // Names above the plot, in rows in which none covers another.
  function lanes(marks, x, left, right) {
    const ends = [];
    for (const mark of marks) {
      const at = x(data.x[mark.at]), name = mark.short, width = width_of(name) + 8;
      const leftwards = at + width > right;
      const from = leftwards ? at - width : at, to = leftwards ? at : at + width;
      let row = 0;
      while (row < ends.length && ends[row].some(([a, b]) => from < b && to > a)) ++row;
      if (row === ends.length) ends.push([]);
      ends[row].push([from, to]);
      Object.assign(mark, {x: at, row, text: from < left - 40 ? '' : name, leftwards});
    }
    return ends.length;
  }

  // spec: range [first, last index], fans [{s, columns, ghost}], observed, marks, zero, label
  function chart(holder, room, spec) {
    const width = Math.max(300, Math.min(room || 560, 900));
    const left = 58, right = width - 14, rows_height = 13;
    const x = d3.scaleLinear([data.x[spec.first], data.x_end], [left, right]);
    const lane_count = lanes(spec.marks, x, left, right);
    const top = 10 + lane_count * rows_height, bottom = top + Math.max(190, Math.min(250, width * .44));
    const height = bottom + 24;
    const values = spec.fans.flatMap(f => spec.reach.flatMap(c => f.columns[c].concat(f.ghost ? f.ghost[c] : [])))
      .concat(spec.observed || [], spec.zero ? [0] : []).filter(v => v !== null && v !== undefined);
    const root = d3.select(holder);
    root.selectAll('*').remove();
    if (!values.length) { root.append('p').attr('class', 'soft').text(words.nothing_to_draw); return null; }
    let [low, high] = d3.extent(values);
    if (low === high) { const some = Math.abs(low) || 1; low -= some; high += some; }
    const y = d3.scaleLinear([low, high], [bottom - 4, top + 4]).nice(5);
    const svg = root.append('svg').attr('viewBox', `0 0 ${width} ${height}`).attr('role', 'img')
      .attr('tabindex', 0).attr('aria-label', spec.label);

    svg.append('g').attr('class', 'axis-y').attr('transform', `translate(${left},0)`)
      .call(d3.axisLeft(y).ticks(5).tickSize(left - right).tickFormat(v => minus(y.tickFormat(5, Math.abs(high) >= 1e6 ? '~s' : undefined)(v))))
      .call(g => g.select('.domain').remove());
    const ticks = (spec.first === data.origin ? data.ticks_ahead : data.ticks)[width < 420 ? 0 : width < 640 ? 1 : 2].filter(t => t[0] >= data.x[spec.first]);
    svg.append('g').attr('class', 'axis-x').attr('transform', `translate(0,${bottom})`)
      .call(d3.axisBottom(x).tickValues(ticks.map(t => t[0])).tickFormat((v, i) => ticks[i][1]).tickSizeOuter(0));

    for (const mark of spec.marks) {
      const own = svg.append('g').attr('class', mark.class);
      const place = top - 3 - mark.row * rows_height;
      own.append('line').attr('class', mark.origin ? 'origin' : 'event')
        .attr('x1', mark.x).attr('x2', mark.x).attr('y1', place - 6).attr('y2', bottom);
      if (!mark.origin) own.append('path').attr('class', 'event-mark').attr('d', `M${mark.x - 4} ${bottom}h8l-4 -7z`);
      own.append('text').attr('class', 'event-name').attr('x', mark.x + (mark.leftwards ? -4 : 4)).attr('y', place)
        .attr('text-anchor', mark.leftwards ? 'end' : 'start').text(mark.text).append('title').text(mark.name);
    }

    const at = h => x(data.x[data.origin + h]);
    const line = d3.line().defined(p => p[1] !== null).x(p => p[0]).y(p => y(p[1]));
    // A fan opens at the last observation.
    const opened = column => (spec.known ? [[x(data.x[spec.known[0]]), spec.known[1]]] : [])
      .concat(column.map((v, h) => [at(h), v]));
    for (const f of spec.fans) {
      const own = svg.append('g').attr('class', style(f.s));
      for (const [a, b, opacity] of spec.bands) {
        const lows = opened(f.columns[a]), highs = opened(f.columns[b]);
        const area = d3.area().defined(i => lows[i][1] !== null).x(i => lows[i][0])
          .y0(i => y(lows[i][1])).y1(i => y(highs[i][1]));
        own.append('path').attr('class', 'band').attr('opacity', opacity).attr('d', area(d3.range(lows.length)));
      }
      if (spec.bands.length) {
        for (const c of [0, 6]) own.append('path').attr('class', 'edge').attr('stroke-dasharray', DASHES[f.s % 7]).attr('d', line(opened(f.columns[c])));
      }
    }
    if (spec.zero) svg.append('line').attr('class', 'zero').attr('x1', left).attr('x2', right).attr('y1', y(0)).attr('y2', y(0));
    for (const f of spec.fans) {
      const own = svg.append('g').attr('class', style(f.s));
      if (f.ghost) own.append('path').attr('class', 'ghost').attr('d', line(opened(f.ghost[MEDIAN])));
      own.append('path').attr('class', 'median').attr('stroke-dasharray', DASHES[f.s % 7]).attr('d', line(opened(f.columns[MEDIAN])));
      if (state.mean) own.append('path').attr('class', 'mean').attr('d', line(opened(f.columns[MEAN])));
      const last = f.columns[MEDIAN].length - 1;
      if (f.columns[MEDIAN][last] !== null) {
        own.append('path').attr('class', 'end').attr('d', symbol(f.s))
          .attr('transform', `translate(${at(last)},${y(f.columns[MEDIAN][last])})`);
      }
    }
    if (spec.observed) {
      const points = spec.observed.map((v, i) => [x(data.x[spec.first + i]), v, spec.first + i]);
      svg.append('path').attr('class', 'observed').attr('d', line(points.filter(p => p[2] < data.origin)));
      draw_points(svg, points, y);
    }
    const cursor = svg.append('line').attr('class', 'cursor').attr('y1', top).attr('y2', bottom).attr('visibility', 'hidden');
    return {svg, x, width, cursor};
  }

  function draw_points(svg, points, y) {
    const known = points.filter(p => p[1] !== null);
    svg.append('g').selectAll('circle').data(known).enter().append('circle')
      .attr('class', p => p[2] < data.origin ? 'observed-point' : 'realised-point')
      .attr('r', p => p[2] < data.origin ? 1.6 : 3).attr('cx', p => p[0]).attr('cy', p => y(p[1]));
  }

  // Pointer and arrow keys choose a period, and `read` says what its figures are.
  function readable(figure, drawn, first, read, axis = data, start = data.origin) {
    if (!drawn) return;
    const {svg, x, width, cursor} = drawn, output = figure.querySelector('.reading');
    let at = start;
    const show = index => {
      at = Math.max(first, Math.min(axis.periods.length - 1, index));
      cursor.attr('x1', x(axis.x[at])).attr('x2', x(axis.x[at])).attr('visibility', 'visible');
      output.textContent = axis.periods[at] + ': ' + (read(at) || '–');
    };
    svg.on('pointermove', () => {
      const box = svg.node().getBoundingClientRect(), place = (d3.event.clientX - box.left) / box.width * width;
      show(d3.scan(axis.x, (a, b) => Math.abs(x(a) - place) - Math.abs(x(b) - place)));
    });
    svg.on('keydown', () => {
      const step = {ArrowLeft: -1, ArrowRight: 1, PageUp: -12, PageDown: 12, Home: -Infinity, End: Infinity}[d3.event.key];
      if (step === undefined) return;
      d3.event.preventDefault();
      show(at + step);
    });
  }

  const scenario_reading = (label, columns, h, decimals) => columns[MEDIAN][h] === null ? label + ' ' + words.not_defined
    : fill(words.reading_scenario, {scenario: label, median: rounded(columns[MEDIAN][h], decimals), low: rounded(columns[0][h], decimals),
      high: rounded(columns[6][h], decimals), mean: rounded(columns[MEAN][h], decimals)});

  // ---- Fans ---------------------------------------------------------------------------------------

  // Its whole name, and one that has room in a chart.
  const event_text = mark => {
    const text = name => fill(mark.ends ? words.event_end : words.event_start, {event: name});
    return {name: text(mark.name), short: text(shortened(mark.name))};
  };

  function marks_of(first) {
    const origin = fill(words.origin, {period: data.periods[data.origin]});
    const marks = [{at: data.origin, name: origin, short: origin, origin: true, class: ''}];
    for (const e of data.events) marks.push({at: e.at, ...event_text(e), class: ''});
    const named = new Set();  // scenarios that agree give one mark
    for (const e of data.scenario_events) {
      if (!state.shown[e.scenario]) continue;
      const at = e.slider === null ? e.at : state.sliders[e.slider] - data.first_ordinal;
      const place = Math.round(at), text = event_text(e), key = place + text.name;
      if (named.has(key)) continue;
      named.add(key);
      marks.push({at: place, ...text, class: style(e.scenario)});
    }
    return marks.filter(m => m.at >= first && m.at < data.periods.length);
  }

  function draw_fan(figure, room) {
    const v = Number(figure.dataset.variable), variable = data.variables[v], first = variable.first;
    const fans = [];
    data.scenarios.forEach((scenario, s) => {
      if (!state.shown[s]) return;
      const run = variable.fans[s], columns = fan(v, s);
      fans.push({s, columns, ghost: columns === run ? null : run});
    });
    const bands = state.bands === 'all' ? BANDS : state.bands === 'outer' ? BANDS.slice(0, 1) : [];
    const observed = variable.observed, known = d3.range(first, data.origin).reverse().find(i => observed[i - first] !== null);
    const drawn = chart(figure.querySelector('.plot'), room, {
      first, fans, bands, observed, marks: marks_of(first), label: fill(words.chart_of, {variable: variable.label}),
      reach: bands.length ? [0, 6, MEDIAN] : [MEDIAN], known: known === undefined ? null : [known, observed[known - first]],
    });
    readable(figure, drawn, first, i => {
      const said = [], seen = observed[i - first];
      if (seen !== null && seen !== undefined) said.push((i < data.origin ? words.observed : words.realised) + ' ' + rounded(seen, variable.decimals));
      if (i >= data.origin) {
        for (const f of fans) said.push(scenario_reading(data.scenarios[f.s].label, f.columns, i - data.origin, variable.decimals));
      }
      return said.join('; ');
    });
    fill_table(figure, v);
  }

  // Cells of moved scenarios follow, of tables that are open; the run's own text comes back with the sliders.
  function fill_table(figure, v) {
    if (!figure.querySelector('details').open) return;
    const {decimals} = data.variables[v], rows = figure.querySelectorAll('tbody tr');
    data.scenarios.forEach((scenario, s) => {
      if (!grid_of(s)) return;
      const run = data.variables[v].fans[s], columns = fan(v, s);
      rows.forEach((row, h) => {
        const cell = row.querySelector(`[data-scenario="${s}"]`);
        if (cell.own === undefined) cell.own = cell.textContent;
        cell.classList.toggle('moved', columns !== run);
        cell.textContent = columns === run ? cell.own : columns[MEDIAN][h] === null ? words.not_defined
          : `${rounded(columns[MEDIAN][h], decimals)} [${rounded(columns[0][h], decimals)}, ${rounded(columns[6][h], decimals)}]`;
      });
    });
  }

  // ---- Effects ------------------------------------------------------------------------------------

  function draw_effect(figure, room) {
    const e = Number(figure.dataset.effect), effect = data.effects[e], path = effect.variables[Number(figure.dataset.path)];
    const columns = path.measures[state.measures[e]];
    figure.hidden = !columns;
    if (!columns) return;
    const drawn = chart(figure.querySelector('.plot'), room, {
      first: data.origin, fans: [{s: effect.scenario, columns}], bands: BANDS, marks: [], zero: true, reach: [0, 6],
      label: fill(words.chart_of, {variable: path.label}),
    });
    readable(figure, drawn, data.origin, i => scenario_reading('', columns, i - data.origin, path.decimals[state.measures[e]]).trim());
  }

  // ---- Past events --------------------------------------------------------------------------------

  // Observed against what would have been, the difference, the difference added up: an axis of their own.
  function draw_past(figure, room) {
    const past = data.past[Number(figure.dataset.past)], panel = past.panels[figure.dataset.panel];
    const is_level = figure.dataset.panel === 'level', bars = figure.dataset.panel === 'difference';
    const width = Math.max(300, Math.min(room || 560, 900)), left = 58, right = width - 14, top = 22;
    const bottom = top + Math.max(190, Math.min(250, width * .44));
    const x = d3.scaleLinear([past.x[0], past.x_end], [left, right]), root = d3.select(figure.querySelector('.plot'));
    root.selectAll('*').remove();
    const values = panel.middle.concat(panel.low, panel.high, is_level ? past.observed : [0]).filter(v => v !== null);
    let [low, high] = d3.extent(values);
    if (low === high) { low -= 1; high += 1; }
    const y = d3.scaleLinear([low, high], [bottom - 4, top + 4]).nice(5);
    const svg = root.append('svg').attr('viewBox', `0 0 ${width} ${bottom + 24}`).attr('role', 'img').attr('tabindex', 0)
      .attr('aria-label', fill(words.chart_of, {variable: past.label + ', ' + figure.querySelector('figcaption').textContent}));
    svg.append('g').attr('class', 'axis-y').attr('transform', `translate(${left},0)`)
      .call(d3.axisLeft(y).ticks(5).tickSize(left - right).tickFormat(v => minus(y.tickFormat(5, Math.abs(high) >= 1e6 ? '~s' : undefined)(v))))
      .call(g => g.select('.domain').remove());
    const ticks = past.ticks[width < 420 ? 0 : width < 640 ? 1 : 2];
    svg.append('g').attr('class', 'axis-x').attr('transform', `translate(0,${bottom})`)
      .call(d3.axisBottom(x).tickValues(ticks.map(t => t[0])).tickFormat((v, i) => ticks[i][1]).tickSizeOuter(0));
    const place = x(past.x[past.at]), leftwards = place + width_of(shortened(past.event)) + 8 > right;
    svg.append('line').attr('class', 'event').attr('x1', place).attr('x2', place).attr('y1', top - 12).attr('y2', bottom);
    svg.append('path').attr('class', 'event-mark').attr('d', `M${place - 4} ${bottom}h8l-4 -7z`);
    svg.append('text').attr('class', 'event-name').attr('x', place + (leftwards ? -4 : 4)).attr('y', top - 6)
      .attr('text-anchor', leftwards ? 'end' : 'start').text(shortened(past.event)).append('title').text(past.event);
    const own = svg.append('g').attr('class', 's0'), at = h => x(past.x[past.first + h]), all = d3.range(panel.middle.length);
    const line = d3.line().defined(h => panel.middle[h] !== null).x(at).y(h => y(panel.middle[h]));
    const known = all.filter(h => panel.middle[h] !== null), banded = known.filter(h => panel.low[h] !== null);
    if (bars) {
      for (const h of banded) own.append('line').attr('class', 'bar').attr('x1', at(h)).attr('x2', at(h)).attr('y1', y(panel.low[h])).attr('y2', y(panel.high[h]));
      for (const h of known) own.append('circle').attr('class', 'bar-point').attr('r', 2.4).attr('cx', at(h)).attr('cy', y(panel.middle[h]));
    } else {
      const area = d3.area().defined(h => panel.low[h] !== null).x(at).y0(h => y(panel.low[h])).y1(h => y(panel.high[h]));
      own.append('path').attr('class', 'band').attr('opacity', .22).attr('d', area(all));
      own.append('path').attr('class', 'median').attr('stroke-dasharray', is_level ? '9 3' : null).attr('d', line(all));
    }
    if (is_level) {
      const points = past.observed.map((v, i) => [x(past.x[i]), v]).filter(p => p[1] !== null);
      svg.append('path').attr('class', 'observed').attr('d', d3.line().defined(v => v !== null).x((v, i) => x(past.x[i])).y(v => y(v))(past.observed));
      svg.append('g').selectAll('circle').data(points).enter().append('circle').attr('class', 'observed-point')
        .attr('r', 1.6).attr('cx', p => p[0]).attr('cy', p => y(p[1]));
    } else {
      svg.append('line').attr('class', 'zero').attr('x1', left).attr('x2', right).attr('y1', y(0)).attr('y2', y(0));
    }
    const cursor = svg.append('line').attr('class', 'cursor').attr('y1', top).attr('y2', bottom).attr('visibility', 'hidden');
    readable(figure, {svg, x, width, cursor}, is_level ? 0 : past.first, i => {
      const said = [], h = i - past.first, digits = panel.decimals;
      if (is_level && past.observed[i] !== null) said.push(words.observed + ' ' + rounded(past.observed[i], digits));
      if (h >= 0 && panel.middle[h] !== null) {
        said.push((is_level ? words.without_event + ' ' : '') + rounded(panel.middle[h], digits) +
          (panel.low[h] === null ? '' : ` [${rounded(panel.low[h], digits)}, ${rounded(panel.high[h], digits)}]`));
      }
      return said.join('; ');
    }, past, past.at);
  }

  function draw_past_key(holder) {
    const key = d3.select(holder), band = holder.dataset.band;
    key.selectAll('*').remove();
    observed_glyph(key);
    glyph(key, 's0', svg => svg.append('path').attr('class', 'median').attr('stroke-dasharray', '9 3').attr('d', 'M0 8H34')).append('span').text(words.without_event);
    if (band) glyph(key, 's0', svg => svg.append('rect').attr('class', 'band').attr('opacity', .22).attr('width', 34).attr('height', 16)).append('span').text(band);
    glyph(key, '', svg => svg.append('line').attr('class', 'zero').attr('x2', 34).attr('y1', 8).attr('y2', 8)).append('span').text(words.zero);
  }

  // ---- Controls and key ---------------------------------------------------------------------------

  const glyph = (parent, name, draw) => {
    const own = parent.append('span').attr('class', name);
    draw(own.append('svg').attr('class', 'glyph').attr('viewBox', '0 0 34 16').attr('aria-hidden', 'true'));
    return own;
  };
  const scenario_glyph = s => svg => {
    svg.append('path').attr('class', 'median').attr('stroke-dasharray', DASHES[s % 7]).attr('d', 'M0 8H26');
    svg.append('path').attr('class', 'end').attr('d', symbol(s)).attr('transform', 'translate(27,8)');
  };

  const observed_glyph = key => glyph(key, '', svg => {
    svg.append('path').attr('class', 'observed').attr('d', 'M0 12L12 5L22 9L34 4');
    for (const [x, y] of [[12, 5], [22, 9]]) svg.append('circle').attr('class', 'observed-point').attr('r', 1.6).attr('cx', x).attr('cy', y);
  }).append('span').text(words.observed);

  function draw_key(holder, fans) {
    const key = d3.select(holder);
    key.selectAll('*').remove();
    if (fans) {
      if (!state.shown.includes(true)) key.append('span').text(words.nothing_chosen);
      data.scenarios.forEach((scenario, s) => {
        if (state.shown[s]) glyph(key, style(s), scenario_glyph(s)).append('span').text(scenario.title);
      });
    }
    const named = [[BANDS, words.band_30], [BANDS.slice(0, 2), words.band_60], [BANDS.slice(0, 1), words.band_90]];
    const bands = !fans || state.bands === 'all' ? named : state.bands === 'outer' ? named.slice(2) : [];
    const colour = fans ? 's6' : holder.dataset.style;
    for (const [layers, name] of bands) {
      glyph(key, colour, svg => layers.forEach(l => svg.append('rect').attr('class', 'band').attr('opacity', l[2]).attr('width', 34).attr('height', 16)))
        .append('span').text(name);
    }
    glyph(key, colour, svg => svg.append('path').attr('class', 'median').attr('d', 'M0 8H34')).append('span').text(words.median);
    if (state.mean) glyph(key, colour, svg => svg.append('path').attr('class', 'mean').attr('d', 'M1 8H34')).append('span').text(words.mean);
    if (!fans) {
      glyph(key, '', svg => svg.append('line').attr('class', 'zero').attr('x2', 34).attr('y1', 8).attr('y2', 8)).append('span').text(words.zero);
      return;
    }
    observed_glyph(key);
    const later = data.variables.some(v => v.observed.some((o, i) => o !== null && v.first + i >= data.origin));
    if (later) glyph(key, '', svg => svg.append('circle').attr('class', 'realised-point').attr('r', 3).attr('cx', 17).attr('cy', 8)).append('span').text(words.realised);
    if (data.scenarios.some((s, i) => state.shown[i] && is_moved(i))) {
      glyph(key, '', svg => svg.append('path').attr('class', 'ghost').attr('d', 'M0 8H34')).append('span').text(words.as_run);
    }
  }

  function fieldset(parent, name) {
    const own = parent.append('fieldset');
    own.append('legend').text(name);
    return own;
  }

  function build_controls() {
    const form = d3.select('#controls').on('submit', () => d3.event.preventDefault());
    const left = form.append('div');
    const scenarios = fieldset(left, words.scenarios);
    data.scenarios.forEach((scenario, s) => {
      const label = scenarios.append('label');
      label.append('input').attr('type', 'checkbox').attr('data-scenario', s).property('checked', state.shown[s])
        .on('change', function () { state.shown[s] = this.checked; draw_fans(); });
      glyph(label, style(s), scenario_glyph(s));
      label.append('span').text(scenario.title);
    });
    const choices = left.append('div').attr('class', 'choices');
    const bands = choices.append('label').text(words.bands + ' ');
    const select = bands.append('select').attr('data-choice', 'bands').on('change', function () { state.bands = this.value; draw_fans(); });
    for (const value of ['all', 'outer', 'none']) select.append('option').attr('value', value).text(words['bands_' + value]);
    const mean = choices.append('label');
    mean.append('input').attr('type', 'checkbox').attr('data-choice', 'mean').property('checked', true)
      .on('change', function () { state.mean = this.checked; draw_fans(); draw_effects(); });
    mean.append('span').text(words.mean);
    if (data.live.sliders.length) build_sliders(form);
  }

  // Every position a slider can take: fine steps, the simulated ones, and home.
  function stops(slider, k) {
    const all = new Set([slider.home]);
    for (const grid of data.live.grids) {
      const d = grid.sliders.indexOf(k);
      if (d >= 0) grid.positions[d].forEach(p => all.add(p));
    }
    const whole = slider.kind !== 'number', count = whole ? slider.to - slider.from : 100;
    for (let i = 0; i <= count; ++i) {
      const at = slider.from + (slider.to - slider.from) * i / count;
      if (!Array.from(all).some(other => Math.abs(other - at) < 1e-9 * (slider.to - slider.from))) all.add(at);
    }
    return Array.from(all).sort(d3.ascending);
  }

  const resets = [];
  function build_sliders(form) {
    const own = fieldset(form, words.live);
    own.append('p').attr('class', 'soft').style('margin', '0').text(words.live_hint);
    data.live.sliders.forEach((slider, k) => {
      const all = stops(slider, k), box = own.append('div').attr('class', 'slider');
      const names = slider.scenarios.map(s => data.scenarios[s].label).join(', ');
      const id = 'slider-' + k;
      box.append('label').attr('for', id).text(slider.label).append('span').attr('class', 'soft').text(names);
      const input = box.append('input').attr('type', 'range').attr('id', id).attr('data-slider', k)
        .attr('min', 0).attr('max', all.length - 1).attr('step', 1);
      const typed = box.append('input').attr('type', 'text').attr('data-typed', k).attr('aria-label', slider.label);
      const said = box.append('p').attr('class', 'said bad').attr('role', 'alert');
      const show = value => {
        input.property('value', all.indexOf(value)).attr('aria-valuetext', slider_text(slider, value));
        typed.property('value', slider_text(slider, value));
        said.text('');
      };
      const move = value => {
        state.sliders[k] = value;
        slider.scenarios.forEach(s => {
          state.shown[s] = true;
          form.select(`[data-scenario="${s}"]`).property('checked', true);
        });
        show(value);
        draw_fans();
      };
      input.on('input', function () { move(all[Number(this.value)]); });
      typed.on('change', function () {
        const value = parse_typed(slider, this.value), ends = {from: slider_text(slider, slider.from), to: slider_text(slider, slider.to)};
        if (value === null) { said.text(fill(words.live_unread, {value: this.value, ...ends})); return; }
        if (value < slider.from || value > slider.to) { said.text(fill(words.live_outside, {value: this.value, ...ends})); return; }
        const near = all.find(other => Math.abs(other - value) < 1e-9 * (slider.to - slider.from));
        if (near === undefined) { all.push(value); all.sort(d3.ascending); input.attr('max', all.length - 1); }
        move(near === undefined ? value : near);
      });
      resets.push(() => { state.sliders[k] = slider.home; show(slider.home); });
      show(slider.home);
    });
    own.append('button').attr('type', 'button').attr('data-choice', 'reset').text(words.live_reset)
      .on('click', () => { resets.forEach(reset => reset()); draw_fans(); });
  }

  // The figure that a text names; null: none.
  function parse_typed(slider, text) {
    const trimmed = text.trim();
    if (slider.kind === 'period') {
      const known = slider.names.indexOf(trimmed);
      return known >= 0 ? known + slider.from : outside_period(slider.names, trimmed);
    }
    const value = Number(trimmed.replace('−', '-').replace(/%$/, ''));
    if (trimmed === '' || !isFinite(value) || (slider.kind === 'whole' && value !== Math.round(value))) return null;
    return value;
  }
  // A period that the slider does not have lies before or after its own; texts of one form sort as time.
  function outside_period(names, text) {
    if (text.replace(/\d/g, '0') !== names[0].replace(/\d/g, '0')) return null;
    return text < names[0] ? -Infinity : text > names[names.length - 1] ? Infinity : null;
  }

  function draw_note() {
    const note = d3.select('#live-note'), moved = [], between = [];
    if (note.empty() || !data.live.sliders.length) return;
    let draws = 0;
    data.live.sliders.forEach((slider, k) => {
      if (state.sliders[k] === slider.home) return;
      moved.push(slider.label + ' ' + slider_text(slider, state.sliders[k]));
      for (const grid of data.live.grids) {
        const d = grid.sliders.indexOf(k);
        if (d < 0) continue;
        draws = grid.draws;
        if (!grid.positions[d].includes(state.sliders[k]) && !between.includes(slider.label)) between.push(slider.label);
      }
    });
    note.classed('moved', moved.length > 0).text(!moved.length ? words.live_home
      : fill(words.live_moved, {list: moved.join('; '), draws}) + (between.length ? ' ' + fill(words.live_between, {list: between.join('; ')}) : ''));
  }

  const fan_figures = Array.from(document.querySelectorAll('.chart[data-variable]'));
  const past_figures = Array.from(document.querySelectorAll('.chart[data-past]'));
  const effect_figures = Array.from(document.querySelectorAll('.chart[data-effect]'));
  // All widths are read before anything is drawn: the browser lays the page out once.
  function draw_all(figures, draw) {
    const rooms = figures.map(figure => figure.querySelector('.plot').clientWidth);
    figures.forEach((figure, i) => draw(figure, rooms[i]));
  }
  function draw_fans() {
    if (!fan_figures.length) return;
    draw_all(fan_figures, draw_fan);
    draw_key(document.getElementById('key'), true);
    draw_note();
  }
  function draw_effects() {
    draw_all(effect_figures, draw_effect);
    document.querySelectorAll('.key[data-style]').forEach(key => draw_key(key, false));
  }

  function draw_past_events() {
    draw_all(past_figures, draw_past);
    document.querySelectorAll('.key[data-past-key]').forEach(draw_past_key);
  }

  if (fan_figures.length) build_controls();
  fan_figures.forEach(figure => {
    figure.querySelector('details').addEventListener('toggle', () => fill_table(figure, Number(figure.dataset.variable)));
  });
  document.querySelectorAll('select[data-effect]').forEach(select => {
    select.addEventListener('change', () => { state.measures[Number(select.dataset.effect)] = select.value; draw_effects(); });
  });
  draw_fans();
  draw_effects();
  draw_past_events();
  let width = innerWidth;
  addEventListener('resize', () => {
    if (innerWidth === width) return;  // a phone's address bar comes and goes
    width = innerWidth;
    draw_fans();
    draw_effects();
    draw_past_events();
  });
})();
