// == Draw: one block for each chord, one mark for each difference
// D comes from player.lane_data. A segment is [start, end, label, notes, colour, confidence].
const $ = id => document.getElementById(id),
  audio = $('audio'),
  view = $('view'),
  line = $('line'),
  end = D.seconds,
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
for (const l of D.lanes) {
  l.card = make('div', 'card', $('now'));
  if (D.lanes.length > 1)
    make('div', 'name', $('lanes'),
      l.name + ('agreement' in l ? ` · ${l.agreement} % as ${D.lanes[0].name}` : ''));
  const lane = make('div', 'lane', $('lanes')),
    marks = make('div', 'marks', $('lanes'));
  l.boxes = l.segments.map(s => {
    const e = make('div', 'chord', lane, s[2]);
    place(e, s[0], s[1]);
    e.dataset.start = s[0];
    e.title = `${s[2]}  ${clock(s[0])} – ${clock(s[1])}${
      s[3] && '  ' + s[3]}${l.sure ? `  ${Math.round(100*s[5])} %` : ''}`;
    return e;
  });
  for (const [a, b, kind] of l.differences || []) {
    const e = make('i', kind, marks);
    place(e, a, b);
    e.title = kind == 'root' ? 'other root' : 'same root, other quality';
  }
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
function show() {
  const t = audio.currentTime,
    said = [],
    first = D.lanes[0].segments[current(D.lanes[0], t)];
  for (const l of D.lanes) {
    const k = current(l, t),
      s = l.segments[k],
      off = (l.differences || []).some(d => d[0] <= t + .001 && t < d[1]);
    said.push((D.lanes.length > 1 ? l.name + ': ' : '') + s[2] + (s[3] && ', notes ' + s[3]));
    l.card.classList.toggle('off', off);
    if (k == l.k) continue;
    l.boxes[l.k]?.classList.remove('now');
    l.boxes[k].classList.add('now');
    l.k = k;
    l.card.replaceChildren();
    l.card.style.borderLeftColor = `rgb(${s[4]})`;
    if (D.lanes.length > 1) make('small', '', l.card, l.name);
    make('strong', '', l.card, s[2]);
    make('span', '', l.card,
      (s[3].replaceAll(' ', ' · ') || (s[2] == 'N' ? 'no chord' : 'a chord without a name'))
      + (l.sure ? `   (${Math.round(100*s[5])} % sure)` : ''));
  }
  $('head').style.left = pc(t);
  $('time').textContent = `${clock(t)} / ${clock(end)}`;
  line.setAttribute('aria-valuenow', t.toFixed(1));
  line.setAttribute('aria-valuetext', `${clock(t)}, ${said.join('; ')}`);
  const x = t/end*line.offsetWidth,
    w = view.clientWidth;
  if (x < view.scrollLeft || x > view.scrollLeft + .85*w) view.scrollLeft = x - .15*w;
  if (!audio.paused) requestAnimationFrame(show);
}

// == Zoom: the timeline gets wider than its window; at first it shows half a minute
let scale = Math.max(1, end/30);
function layout() {
  line.style.width = 100*scale + '%';
  const px = line.offsetWidth/end,
    step = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600].find(s => s*px >= 55) || 1200;
  $('ruler').replaceChildren();
  for (let t = 0; t < end; t += step)
    make('i', '', $('ruler'), clock(t).replace(/\.\d$/, '')).style.left = pc(t);
  for (const l of D.lanes)
    l.boxes.forEach((e, k) => e.classList.toggle('narrow',
      (l.segments[k][1] - l.segments[k][0])*px < 8*l.segments[k][2].length + 4));
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
line.addEventListener('click', e => {
  const c = e.target.closest('.chord');
  if (c) seek(+c.dataset.start);
});
$('ruler').addEventListener('pointerdown', e => {
  $('ruler').setPointerCapture(e.pointerId);
  there(e);
});
$('ruler').addEventListener('pointermove', e => e.buttons && there(e));
addEventListener('keydown', e => {
  const b = e.target.tagName;
  if (b == 'SELECT' || e.ctrlKey || e.metaKey || e.altKey
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
addEventListener('wheel', e => {
  if (Math.abs(e.deltaY) > Math.abs(e.deltaX) && !e.ctrlKey && !e.shiftKey)
    try {
      frameElement.dispatchEvent(new WheelEvent('wheel', e));
    } catch {}
}, {passive: true});
$('play').onclick = toggle;
$('in').onclick = () => zoom(1.5);
$('out').onclick = () => zoom(1/1.5);
$('rate').onchange = e => audio.playbackRate = +e.target.value;
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
dress();
layout();
show();
addEventListener('resize', layout);
addEventListener('pointerenter', dress);
document.addEventListener('mouseenter', dress);

// == Load: decode the MP3 once and play plain samples (a WAV file)
async function samples() {
  if (end > 1200) return D.audio;
  const raw = Uint8Array.from(atob(D.audio.split(',')[1]), c => c.charCodeAt(0)),
    song = await new OfflineAudioContext(1, 1, 22050).decodeAudioData(raw.buffer);
  const y = Int16Array.from(song.getChannelData(0), v => 32767*Math.min(Math.max(v, -1), 1)),
    n = y.byteLength;
  // the header in little-endian words: RIFF, WAVE, fmt (16 bit, mono, 22 050 Hz), data
  const head = new Uint32Array([0x46464952, 36 + n, 0x45564157, 0x20746d66, 16, 0x10001,
    22050, 44100, 0x100002, 0x61746164, n]);
  return URL.createObjectURL(new Blob([head, y], {type: 'audio/wav'}));
}
audio.onerror = () => {
  if (audio.src.startsWith('blob:')) audio.src = D.audio;
  else $('time').textContent = 'This browser cannot play the sound.';
};
samples().catch(() => D.audio).then(uri => {
  const t = audio.currentTime;
  audio.src = uri;
  if (t) audio.currentTime = t;
  $('play').disabled = false;
});
