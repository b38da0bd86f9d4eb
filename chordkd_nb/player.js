// A song with its chords. chordPlayer(element, D) draws the player into an element of any page and returns
// {audio, chosen, seek, show, change, redraw, destroy}. D comes from player.page_data; a page without Python
// makes it like this:
//   title, seconds: of the song;  audio: its address (a data: or blob: URL);  rate: of an MP3 in a data: URL, Hz
//   mp3: the file, if `audio` is the blob: URL of an MP3, which browsers do not seek in exactly
//   lanes: [{name, sure, segments: [[start, end, label, notes, [r, g, b], confidence], …]}, …]
//   alternatives: (segment) => [[label, probability], …], choose: (segment, label) => …; both or neither
//   chords: {label: {root, bass, notes, pop, jazz}} for all labels but N and X (player.chord_table)
//   key: [tonic, 'major' or 'minor'] or null;  beats: [[seconds, place in the bar], …], perhaps empty
//   names: 'pop', 'jazz' or 'harte';  transposed: semitones from the sound to the labels;  capo: fret

// == Spell: names of chords in three styles, moved by semitones
const chordNames = (() => {
  const letters = 'CDEFGAB',
    scale = [0, 2, 4, 5, 7, 9, 11],
    fifths = 'Fb Cb Gb Db Ab Eb Bb F C G D A E B F# C# G# D# A# E# B#'.split(' '),
    tonics = {
      major: 'C Db D Eb E F Gb G Ab A Bb B'.split(' '),
      minor: 'C C# D Eb E F F# G G# A Bb B'.split(' ')
    },
    mod = (n, m) => (n%m + m)%m;
  const pitch = note => mod(scale[letters.indexOf(note[0])]
    + [...note.slice(1)].reduce((n, c) => n + (c == '#' ? 1 : -1), 0), 12);
  // the note nearest to the tonic on the line of fifths, as in keys.spelling_in
  const spell = (p, tonic) => {
    const far = note => Math.abs(fifths.indexOf(note) - fifths.indexOf(tonic) - .5);
    return fifths.filter(note => pitch(note) == p).reduce((a, b) => far(b) < far(a) ? b : a);
  };
  const movedKey = (key, n) => key && [n ? tonics[key[1]][mod(pitch(key[0]) + n, 12)] : key[0], key[1]];
  const movedRoot = (root, n, key) => n ? spell(mod(pitch(root) + n, 12), (movedKey(key, n) || ['C'])[0]) : root;
  // a note keeps its distance in letters and in semitones from the root
  const movedNote = (note, root, to) => {
    if (root == to) return note;
    const steps = letters.indexOf(note[0]) - letters.indexOf(root[0]),
      letter = letters[mod(letters.indexOf(to[0]) + steps, 7)],
      sharps = mod(pitch(to) + pitch(note) - pitch(root) - pitch(letter) + 6, 12) - 6;
    return letter + (sharps < 0 ? 'b' : '#').repeat(Math.abs(sharps));
  };
  function name(label, chord, names, n, key) {
    if (!chord) return names == 'harte' ? label : label == 'N' ? 'N.C.' : '?';
    const root = movedRoot(chord.root, n, key);
    if (names == 'harte') return root + label.slice(chord.root.length);
    if (chord[names] === null) return '?';
    return root + chord[names] + (chord.bass && '/' + movedNote(chord.bass, chord.root, root));
  }
  function notes(chord, n, key) {
    const root = chord && movedRoot(chord.root, n, key);
    return chord ? chord.notes.map(note => movedNote(note, chord.root, root)) : [];
  }
  // the fret with the longest time on open shapes, as in edits.best_capo
  const open = new Set('C D E G A Dm Em Am'.split(' '));
  const isOpen = (chord, fret) =>
    open.has(tonics.major[mod(pitch(chord.root) - fret, 12)] + (/^(m(?!aj)|dim)/.test(chord.pop) ? 'm' : ''));
  function bestCapo(segments, chords, n) {
    const seconds = fret => segments.reduce((sum, [a, b, label]) =>
      sum + (chords[label] && isOpen(chords[label], fret - n) ? b - a : 0), 0);
    return [0, 1, 2, 3, 4, 5, 6, 7].reduce((best, fret) => seconds(fret) > seconds(best) + .001 ? fret : best, 0);
  }
  return {name, notes, movedKey, bestCapo};
})();

// == Skeleton: what the player consists of
const PLAYER_SKELETON = `
<header>
  <button id="play" aria-label="Play" disabled>▶</button>
  <output id="time" aria-live="off"></output>
  <span id="place"></span>
  <select id="rate" aria-label="Speed">
    <option value=".5">½ ×</option>
    <option value=".75">¾ ×</option>
    <option value="1" selected>1 ×</option>
  </select>
  <select id="names" aria-label="Names of chords">
    <option value="pop">Am7</option>
    <option value="jazz">A-7</option>
    <option value="harte">A:min7</option>
  </select>
  <select id="transpose" aria-label="Transpose"></select>
  <select id="capo" aria-label="Capo"></select>
  <button id="out" aria-label="Zoom out">−</button>
  <button id="in" aria-label="Zoom in">+</button>
  <b id="title"></b>
</header>
<div id="now"></div>
<div id="view">
  <div id="line" tabindex="0" role="slider" aria-label="Timeline" aria-valuemin="0">
    <div id="ruler"></div>
    <div id="lanes"></div>
    <div id="bars"></div>
    <div id="head"></div>
  </div>
</div>
<div id="sheets"></div>
<footer>
  <span class="keys">
    <kbd>space</kbd> play ·
    <kbd>←</kbd> <kbd>→</kbd> chord (with <kbd>shift</kbd>: 1 s) ·
    <kbd>+</kbd> <kbd>−</kbd> <kbd>0</kbd> zoom</span><span id="legend" hidden><span class="keys"> ·
    <kbd>d</kbd> next difference ·</span>
    <i></i> other root <i class="quality"></i> same root, other quality</span>
</footer>
<audio id="audio" preload="auto"></audio>`;

function chordPlayer(element, D) {
  element.classList.add('chord-player');
  element.classList.toggle('framed', parent != window);
  element.innerHTML = PLAYER_SKELETON;
  const $ = id => element.querySelector('#' + id),
    audio = $('audio'),
    view = $('view'),
    line = $('line'),
    end = D.seconds,
    chords = D.chords || {},
    beats = D.beats || [],
    stop = new AbortController(),
    listen = (target, kind, f, how = {}) => target.addEventListener(kind, f, {signal: stop.signal, ...how}),
    pc = t => 100*t/end + '%';
  const make = (tag, cls, parent, text = '') => {
    const e = document.createElement(tag);
    e.className = cls;
    e.textContent = text;
    parent.append(e);
    return e;
  };
  const clock = s => {
    s = Math.floor(s*10 + .01);
    return Math.floor(s/600) + ':' + (s%600/10).toFixed(1).padStart(4, '0');
  };
  const luma = c => .3*c[0] + .59*c[1] + .11*c[2],
    place = (e, a, b) => {
      e.style.left = pc(a);
      e.style.width = pc(Math.min(b, end) - a);
    };

  // == Name: what a chord is called, as names, transposition and capo are chosen
  const chosen = {names: D.names || 'pop', transpose: D.transposed || 0, capo: D.capo || 0};
  const shift = () => chosen.transpose - (D.transposed || 0);
  const shown = label => chordNames.name(label, chords[label], chosen.names, shift() - chosen.capo, D.key);
  const sounding = label => chordNames.name(label, chords[label], chosen.names, shift(), D.key);
  const notes = label => chordNames.notes(chords[label], shift(), D.key).join(' ');
  const keyName = n => {
    const key = chordNames.movedKey(D.key, n);
    return key ? key.join(' ') : '';
  };

  // == Draw: one block for each chord, one mark for each difference
  function drawLane(l) {
    l.card = make('div', 'card', $('now'));
    if (D.lanes.length > 1)
      make('div', 'name', $('lanes'),
        l.name + ('agreement' in l ? ` · ${l.agreement} % as ${D.lanes[0].name}` : ''));
    const lane = make('div', 'lane', $('lanes')),
      marks = make('div', 'marks', $('lanes'));
    l.boxes = l.segments.map(s => {
      const e = make('div', 'chord', lane);
      place(e, s[0], s[1]);
      e.dataset.start = s[0];
      return e;
    });
    for (const [a, b, kind] of l.differences || []) {
      const e = make('i', kind, marks);
      place(e, a, b);
      e.title = kind == 'root' ? 'other root' : 'same root, other quality';
    }
  }
  function draw() {
    const isClosed = element.querySelector('details:not([open])');
    for (const id of ['now', 'lanes', 'sheets']) $(id).replaceChildren();
    D.lanes.forEach(drawLane);
    D.lanes.forEach(drawSheet);
    for (const box of element.querySelectorAll('details')) {
      box.open = !isClosed;
      box.ontoggle = layout;
    }
  }
  const barStarts = beats.filter((b, k) => k == 0 || b[1] <= beats[k-1][1]).map(b => b[0]);
  for (const t of barStarts) if (t < end) make('i', '', $('bars')).style.left = pc(t);
  const bar = t => barStarts.filter(start => start <= t + .05).length;

  // == Sheet: every chord with its whole name; a chord that goes on from the bar before is grey
  const cell = (l, k, parent, held = false) => {
    const e = make('button', held ? 'cell held' : 'cell', parent);
    e.style.borderBottomColor = `rgb(${l.segments[k][4]})`;
    e.dataset.start = l.segments[k][0];
    e.dataset.k = k;
    if (!held) l.cells[k] = e;
    return e;
  };
  function drawSheet(l) {
    const box = make('details', '', $('sheets'));
    make('summary', '', box, D.lanes.length > 1 ? `All chords: ${l.name}` : 'All chords');
    l.sheet = make('div', 'sheet', box);
    l.cells = [];
    if (!barStarts.length) return l.segments.forEach((s, k) => cell(l, k, l.sheet));
    const reach = .3*(beats.length > 1 ? beats[1][0] - beats[0][0] : .5),   // a chord a little early is on time
      starts = barStarts[0] > reach ? [0, ...barStarts] : barStarts;
    starts.forEach((start, n) => {
      const e = make('div', 'bar', l.sheet),
        from = n ? start - reach : -1,
        to = n + 1 < starts.length ? starts[n+1] - reach : end;
      make('small', '', e, starts.length > barStarts.length ? n || '' : n + 1);
      const first = l.segments.findIndex(s => s[0] >= from && s[0] < to),
        before = l.segments.findLastIndex(s => s[0] < from);
      if (before >= 0 && (first < 0 || l.segments[first][0] > start + reach)) cell(l, before, e, true);
      for (let k = first; k >= 0 && l.segments[k]?.[0] < to; k++) cell(l, k, e);
    });
  }

  // == Write: the names of all chords, again after each choice
  function write() {
    for (const l of D.lanes) {
      l.boxes.forEach((e, k) => {
        const [a, b, label, , , sure] = l.segments[k];
        e.textContent = shown(label);
        e.title = `${shown(label)}  ${clock(a)} – ${clock(b)}${
          notes(label) && '  ' + notes(label)}${l.sure ? `  ${Math.round(100*sure)} %` : ''}`;
      });
      for (const e of l.sheet.querySelectorAll('.cell')) e.textContent = shown(l.segments[e.dataset.k][2]);
      l.k = undefined;
    }
    fill('transpose', Array.from({length: 25}, (_, k) => 12 - k),
      n => (n ? `${n > 0 ? '+' : '−'}${Math.abs(n)}` : 'original') + (D.key ? ` · ${keyName(n - (D.transposed || 0))}` : ''));
    const best = chordNames.bestCapo(D.lanes[0].segments, chords, shift());
    fill('capo', [0, 1, 2, 3, 4, 5, 6, 7],
      n => (n ? `capo ${n}` : 'no capo') + (n == best ? ' (easiest)' : ''));
    $('names').value = chosen.names;
    layout();
    show();
  }
  function fill(id, values, text) {
    $(id).replaceChildren();
    for (const n of values) make('option', '', $(id), text(n)).value = n;
    $(id).value = chosen[id];
  }
  function change(choice) {
    Object.assign(chosen, choice);
    write();
  }
  function redraw(lanes = D.lanes) {
    D.lanes = lanes;
    draw();
    dress();
    write();
  }

  // == Dress: the colour of a chord, paler where the recogniser is less sure
  function dress() {
    let dark = matchMedia('(prefers-color-scheme: dark)').matches;
    try {
      dark = luma(getComputedStyle(frameElement.parentElement).color.match(/\d+/g)) > 128;
    } catch {}
    document.documentElement.classList.toggle('dark', dark);
    for (const l of D.lanes)
      l.boxes.forEach((e, k) => {
        const s = l.segments[k],
          a = .25 + .75*s[5],
          c = s[4].map(x => Math.round(a*x + (1 - a)*(dark ? 30 : 255)));
        e.style.background = `rgb(${c})`;
        e.style.color = luma(c) > 120 ? '#000' : '#fff';
      });
  }

  // == Show: the playhead, and in each lane the chord that sounds now
  function current(l, t) {
    let k = l.segments.length - 1;
    while (k > 0 && l.segments[k][0] > t + .001) k--;
    return k;
  }
  function showCard(l, k) {
    const s = l.segments[k];
    l.card.replaceChildren();
    l.card.style.borderLeftColor = `rgb(${s[4]})`;
    if (D.lanes.length > 1) make('small', '', l.card, l.name);
    make('strong', '', l.card, shown(s[2]));
    const what = notes(s[2]).replaceAll(' ', ' · ') || (s[2] == 'N' ? 'no chord' : 'a chord without a name');
    make('span', '', l.card, (chosen.capo && chords[s[2]] ? `sounds ${sounding(s[2])}: ` : '') + what
      + (l.sure ? `   (${Math.round(100*s[5])} % sure)` : ''));
    if (D.alternatives) showAlternatives(l.card, s);
  }
  function showAlternatives(card, segment) {
    const group = make('div', 'others', card);
    group.setAttribute('role', 'group');
    group.setAttribute('aria-label', `What this chord may be, from ${clock(segment[0])}`);
    for (const [label, p] of D.alternatives(segment)) {
      const b = make('button', '', group, `${shown(label)} `);
      make('small', '', b, p < .005 ? '< 1 %' : `${Math.round(100*p)} %`);
      b.setAttribute('aria-pressed', label == segment[2]);
      b.onclick = () => {
        D.choose(segment, label);
        element.querySelector('.others [aria-pressed=true]')?.focus();
      };
    }
  }
  function mark(l, k) {
    l.boxes[l.k]?.classList.remove('now');
    for (const e of l.sheet.querySelectorAll('.cell.now')) e.classList.remove('now');
    l.boxes[k].classList.add('now');
    const e = l.cells[k];
    e.classList.add('now');
    if (e.offsetTop < l.sheet.scrollTop || e.offsetTop + e.offsetHeight > l.sheet.scrollTop + l.sheet.clientHeight)
      l.sheet.scrollTop = e.offsetTop - 40;
    l.k = k;
  }
  function show() {
    const t = audio.currentTime,
      said = [];
    for (const l of D.lanes) {
      const k = current(l, t),
        label = l.segments[k][2],
        off = (l.differences || []).some(d => d[0] <= t + .001 && t < d[1]);
      said.push((D.lanes.length > 1 ? l.name + ': ' : '') + shown(label) + (notes(label) && ', notes ' + notes(label)));
      l.card.classList.toggle('off', off);
      if (k == l.k) continue;
      mark(l, k);
      showCard(l, k);
    }
    $('head').style.left = pc(t);
    $('time').textContent = `${clock(t)} / ${clock(end)}`;
    const where = [keyName(shift()), bar(t) && `bar ${bar(t)}`].filter(Boolean).join(' · ');
    if ($('place').textContent != where) $('place').textContent = where;
    line.setAttribute('aria-valuenow', t.toFixed(1));
    line.setAttribute('aria-valuetext', `${clock(t)}, ${said.join('; ')}`);
    const x = t/end*line.offsetWidth,
      w = view.clientWidth;
    if (x < view.scrollLeft || x > view.scrollLeft + .85*w) view.scrollLeft = x - .15*w;
    if (!audio.paused && !stop.signal.aborted) requestAnimationFrame(show);
  }

  // == Zoom: the timeline gets wider than its window; at first a second has 42 px
  let scale = Math.max(1, 42*end/(view.clientWidth || 1260));
  function layout() {
    line.style.width = 100*scale + '%';
    const px = line.offsetWidth/end,
      step = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600].find(s => s*px >= 55) || 1200;
    $('ruler').replaceChildren();
    for (let t = 0; t < end; t += step)
      make('i', '', $('ruler'), clock(t).replace(/\.\d$/, '')).style.left = pc(t);
    for (const l of D.lanes)
      l.boxes.forEach((e, k) => e.classList.toggle('narrow',
        (l.segments[k][1] - l.segments[k][0])*px < 8*e.textContent.length + 4));
    try {
      frameElement.style.height = document.documentElement.offsetHeight + 2 + 'px';
    } catch {}
  }
  function zoom(f) {
    scale = f ? Math.min(Math.max(scale*f, 1), Math.max(1, end/3)) : 1;
    layout();
    view.scrollLeft = audio.currentTime/end*line.offsetWidth - view.clientWidth/2;
    show();
  }

  // == Act: play, jump to a time, to a chord, to a difference
  function seek(t) {
    audio.currentTime = Math.min(Math.max(t, 0), end - .01);
    show();
  }
  function toggle() {
    if (!$('play').disabled)
      audio.paused
        ? audio.play().catch(e => $('time').textContent = e.message)
        : audio.pause();
  }
  function hop(way) {
    const s = D.lanes[0].segments,
      t = audio.currentTime,
      k = current(D.lanes[0], t);
    seek(way > 0 ? (s[k+1] || [end])[0]
      : t - s[k][0] > .5 ? s[k][0]
      : (s[k-1] || [0])[0]);
  }
  function next() {
    const d = D.lanes.flatMap(l => (l.differences || []).map(x => x[0])).sort((a, b) => a - b);
    if (d.length) seek(d.find(x => x > audio.currentTime + .05) ?? d[0]);
  }

  // == Listen: mouse, keys and buttons
  const there = e => seek((e.clientX - line.getBoundingClientRect().left)/line.offsetWidth*end);
  listen(element, 'click', e => {
    const c = e.target.closest('.chord,.cell');
    if (c) seek(+c.dataset.start);
  });
  listen($('ruler'), 'pointerdown', e => {
    $('ruler').setPointerCapture(e.pointerId);
    there(e);
  });
  listen($('ruler'), 'pointermove', e => e.buttons && there(e));
  listen(window, 'keydown', e => {
    const b = e.target.tagName;
    if (['SELECT', 'INPUT', 'TEXTAREA', 'SUMMARY'].includes(b) || e.ctrlKey || e.metaKey || e.altKey
      || (b == 'BUTTON' && (e.key == ' ' || e.key == 'Enter'))) return;
    const move = w => e.shiftKey ? seek(audio.currentTime + w) : hop(w);
    const f = {
      ' ': toggle,
      ArrowLeft: () => move(-1),
      ArrowRight: () => move(1),
      Home: () => seek(0),
      End: () => seek(end),
      '+': () => zoom(1.5),
      '=': () => zoom(1.5),
      '-': () => zoom(1/1.5),
      '0': () => zoom(0),
      d: next
    }[e.key];
    if (f) {
      e.preventDefault();
      f();
    }
  });
  // VS Code scrolls by the wheel events of its own page and receives none from a frame: pass them on
  listen(window, 'wheel', e => {
    if (Math.abs(e.deltaY) > Math.abs(e.deltaX) && !e.ctrlKey && !e.shiftKey)
      try {
        frameElement.dispatchEvent(new WheelEvent('wheel', e));
      } catch {}
  }, {passive: true});
  $('play').onclick = toggle;
  $('in').onclick = () => zoom(1.5);
  $('out').onclick = () => zoom(1/1.5);
  $('rate').onchange = e => audio.playbackRate = +e.target.value;
  $('names').onchange = e => change({names: e.target.value});
  $('transpose').onchange = e => change({transpose: +e.target.value});
  $('capo').onchange = e => change({capo: +e.target.value});
  audio.onplay = audio.onpause = audio.onended = () => {
    const p = !audio.paused;
    $('play').textContent = p ? '❚❚' : '▶';
    $('play').setAttribute('aria-label', p ? 'Pause' : 'Play');
    show();
  };
  audio.onseeked = audio.onloadedmetadata = show;

  // == Begin: fill in the title and draw everything once
  $('title').textContent = D.title;
  $('legend').hidden = D.lanes.length < 2;
  line.setAttribute('aria-valuemax', end.toFixed(1));
  redraw();
  listen(window, 'resize', layout);
  listen(matchMedia('(prefers-color-scheme: dark)'), 'change', dress);
  listen(window, 'pointerenter', dress);
  listen(document, 'mouseenter', dress);

  // == Load: decode an MP3 once and play plain samples (a WAV file)
  async function samples() {
    if (!(D.mp3 || D.audio.startsWith('data:audio/mpeg')) || end > 900) return D.audio;
    const bytes = () => Uint8Array.from(atob(D.audio.split(',')[1]), c => c.charCodeAt(0)).buffer,
      raw = D.mp3 ? await D.mp3.arrayBuffer() : bytes(),
      song = await new OfflineAudioContext(1, 1, D.rate).decodeAudioData(raw),
      channels = song.numberOfChannels,
      y = new Int16Array(song.length*channels),
      n = y.byteLength;
    for (let from = 0; from < song.length; from += 1 << 20) {
      await new Promise(go => setTimeout(go));   // so that the page goes on meanwhile
      if (stop.signal.aborted) return '';
      for (let c = 0; c < channels; c++)
        song.getChannelData(c).subarray(from, from + (1 << 20)).forEach((v, k) =>
          y[(from + k)*channels + c] = 32767*Math.min(Math.max(v, -1), 1));
    }
    // the header in little-endian words: RIFF, WAVE, fmt (16 bit, channels, Hz), data
    const head = new Uint32Array([0x46464952, 36 + n, 0x45564157, 0x20746d66, 16, 1 + 0x10000*channels,
      D.rate, 2*channels*D.rate, 0x100000 + 2*channels, 0x61746164, n]);
    return URL.createObjectURL(new Blob([head, y], {type: 'audio/wav'}));
  }
  let made = '';   // the address of these samples, which a page that goes on has to free
  audio.onerror = () => {
    if (made && audio.src == made) audio.src = D.audio;
    else $('time').textContent = 'This browser cannot play the sound.';
  };
  samples().catch(() => D.audio).then(uri => {
    if (stop.signal.aborted) return;
    if (uri != D.audio) made = uri;
    const t = audio.currentTime;
    audio.src = uri;
    if (t) audio.currentTime = t;
    $('play').disabled = false;
  });
  function destroy() {
    stop.abort();
    audio.onerror = null;
    audio.pause();
    audio.removeAttribute('src');
    if (made) URL.revokeObjectURL(made);
    element.replaceChildren();
  }
  return {audio, chosen, seek, show, change, redraw, destroy};
}
Object.assign(globalThis, {chordPlayer, chordNames});   // for a page that imports this file
