// Where each beat is in its bar, from the changes of chord (as beats.position_in_bar), and chords in bars
const CHANGES = {3: [.86, .07, .07], 4: [.86, .09, .43, .05]}   // share of changes at each position
const LOST = .005, WALTZ = .1

function changesAt(song, times) {
  const changed = times.map(() => false), ends = times.slice(1).map((t, k) => (t + times[k])/2)
  song.forEach(({start, label}, k) => {
    if (label === (k ? song[k-1].label : 'N')) return
    const next = ends.findIndex(end => end >= start)
    changed[next < 0 ? ends.length : next] = true
  })
  return changed
}

function best(changed, meter) {
  const seen = changed.map(yes => CHANGES[meter].map(p => Math.log(yes ? p : 1 - p))), steps = [],
    move = (from, to) => Math.log(to === (from + 1) % meter ? 1 - LOST : LOST/(meter - 1)),
    places = [...Array(meter).keys()]
  let score = places.map(p => -1e-6*p)   // a song without changes begins with a bar
  seen.forEach((now, k) => {
    if (k) {
      const old = score
      steps.push(places.map(to => places.reduce((a, b) => old[b] + move(b, to) > old[a] + move(a, to) ? b : a)))
      score = places.map(to => old[steps.at(-1)[to]] + move(steps.at(-1)[to], to))
    }
    score = score.map((s, p) => s + now[p])
  })
  const top = Math.max(...score), path = [score.indexOf(top)]
  for (const step of steps.reverse()) path.unshift(step[path[0]])
  return [path, top]
}

// [[seconds, place in the bar, from 1], …]
export function inBars(song, times) {
  if (times.length < 2) return []
  const changed = changesAt(song, times), [three, four] = [3, 4].map(meter => best(changed, meter)),
    [path] = three[1] + Math.log(WALTZ) > four[1] + Math.log(1 - WALTZ) ? three : four
  return times.map((t, k) => [t, path[k] + 1])
}

// The usual time from beat to beat, s
export function step(times) {
  const steps = times.slice(1).map((t, k) => t - times[k]).sort((a, b) => a - b), half = steps.length >> 1
  return Math.max(.1, steps.length % 2 ? steps[half] : (steps[half - 1] + steps[half])/2)
}

// Beats before the first and after the last, so that they cover all chords
function covering(song, times) {
  const sounding = song.filter(c => c.label !== 'N'), s = step(times), n = x => Math.max(0, Math.round(x))
  if (!sounding.length) return times
  const before = n((times[0] - sounding[0].start)/s), after = n((sounding.at(-1).end - times.at(-1) - s)/s)
  return [...Array.from({length: before}, (_, k) => times[0] - (before - k)*s), ...times,
    ...Array.from({length: after}, (_, k) => times.at(-1) + (k + 1)*s)]
}

// Bars as lists of cells, one a beat: a name, or '.' where the chord before goes on (as lead_sheets.bars_of)
export function barsOf(song, beatTimes) {   // song: [{start, end, label, name}, …]
  const times = covering(song, beatTimes), beats = inBars(song, times), bars = []
  let last
  beats.forEach(([start, place], k) => {
    const end = times[k+1] ?? start + step(beatTimes), overlap = c => Math.min(c.end, end) - Math.max(c.start, start),
      longest = song.reduce((a, b) => overlap(b) > overlap(a) ? b : a),
      name = overlap(longest) > 0 ? longest.name : 'N.C.', isNew = k === 0 || place <= beats[k-1][1]
    if (isNew) bars.push([])
    bars.at(-1).push(isNew || name !== last ? name : '.')
    last = name
  })
  bars[0].unshift(...Array(beats[0][1] - 1).fill('.'))
  return bars
}
