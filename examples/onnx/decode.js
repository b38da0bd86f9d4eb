// Recognise the chords of a recording by the file that `chordkd export-onnx MODEL chords.onnx --audio` wrote:
//   await recognise(ort, await ort.InferenceSession.create('chords.onnx'), samples)   // mono Float32Array at 22050 Hz
const RATE = 22050, HOP = 2048, FIRST = 6460   // samples a second and a frame, frames to measure in (10 min)
const OF_FRAMES = ['log_probs', 'pitch', 'loudness', 'log_bass']   // outputs; the last only if the model hears the bass

// All outputs of the file, by name; NaN lets it measure
async function run(ort, session, samples, tuning = NaN, gain = NaN) {
  const tensor = values => new ort.Tensor('float32', values, [values.length])
  return session.run({samples: tensor(samples), tuning: tensor(Float32Array.of(tuning)), gain: tensor(Float32Array.of(gain))})
}

// The outputs for each frame, computed from blocks of `size` frames with `context` frames on each side
async function inBlocks(ort, session, samples, [size, context], tuning, gain, progress) {
  const frames = 1 + Math.floor(samples.length/HOP), parts = {}
  for (let start = 0; start < frames; start += size) {
    const first = Math.max(0, start - context), end = Math.min(frames, start + size)
    const out = await run(ort, session, samples.slice(first*HOP, (end + context)*HOP), tuning, gain)
    for (const name of OF_FRAMES.filter(name => out[name])) {
      const {data, dims} = out[name], width = data.length/dims[0], rows = parts[name] ??= []
      for (let t = start; t < end; t++) rows.push(data.slice((t - first)*width, (t - first + 1)*width))
    }
    progress(end/frames)
  }
  return parts
}

// Cents above A4 = 440 Hz; 0 if there is little to measure, or little to change
export function measuredTuning(pitch) {
  const [x, y, total] = [0, 1, 2].map(k => pitch.slice(0, FIRST).reduce((sum, frame) => sum + frame[k], 0))
  const cents = Math.atan2(y, x)*50/Math.PI
  return Math.hypot(x, y) > 0.1*total && Math.abs(cents) >= 8 ? cents : 0
}

// Natural logarithm of the factor that brings a recording to a usual level
export function measuredGain(loudness) {
  const rising = loudness.slice(0, FIRST).map(frame => frame[0]).sort((a, b) => a - b)
  const place = 0.9*(rising.length - 1), i = Math.floor(place)
  const level = rising[i] + (rising[Math.ceil(place)] - rising[i])*(place - i)
  return level < Math.log(1e-6) + 2 ? 0 : Math.min(Math.max(level, 0.5), 2.5) - level
}

// The classes of most probability, if every change costs `penalty`
export function bestPath(logProbs, penalty) {
  const best = score => score.indexOf(Math.max(...score))
  let score = Array.from(logProbs[0])
  const steps = logProbs.slice(1).map(now => {
    const leader = best(score), least = score[leader] - penalty
    const from = score.map((s, c) => s >= least ? c : leader)
    score = score.map((s, c) => Math.max(s, least) + now[c])
    return from
  })
  const path = [best(score)]
  for (const step of steps.reverse()) path.push(step[path.at(-1)])
  return path.reverse()
}

// First frame of each run of equal classes, and the frame after its last
function runs(path) {
  const starts = [...path.keys()].filter(t => path[t] !== path[t - 1])
  return starts.map((start, k) => [start, starts[k + 1] ?? path.length])
}

// The class c in the frames first … end, cut where its bass changes: [first frame, end, label]
function overBasses(out, c, first, end) {
  if (!out.log_bass) return [[first, end, out.labels[c]]]
  const names = out.slash_labels.slice(12*c, 12*c + 12)   // over each bass, C first; empty: not a note of the chord
  const own = [...names.keys()].filter(k => names[k])
  const path = bestPath(out.log_bass.slice(first, end).map(frame => own.map(k => frame[k])), out.bass_penalty[0])
  return runs(path).map(([a, b]) => [first + a, first + b, names[own[path[a]]]])
}

// An object for each chord, from 0 to the end of the recording, of the outputs of the file, of frames as lists of rows
export function segments(out, seconds) {
  const {log_probs: logProbs, labels} = out, path = bestPath(logProbs, out.penalty[0])
  return runs(path).flatMap(([first, end]) => {
    const c = path[first], rows = logProbs.slice(first, end)
    const mean = k => rows.reduce((sum, frame) => sum + Math.exp(frame[k]), 0)/rows.length
    const likely = Array.from(labels, (label, k) => [label, mean(k), k]).sort((a, b) => b[1] - a[1]).slice(0, 5)
    return overBasses(out, c, first, end).map(([a, b, label]) => ({   // a boundary is half-way between two frames
      start: Math.max(0, a - 0.5)*HOP/RATE, end: b === path.length ? seconds : (b - 0.5)*HOP/RATE, label,
      confidence: mean(c), alternatives: likely.map(([other, p, k]) => [k === c ? label : other, p])
    })).filter(({start, end}) => start < end)
  })
}

// Chords of mono samples at 22050 Hz, in bounded memory; `progress` is called with 0…1, once or more
export async function recognise(ort, session, samples, progress = () => {}) {
  const about = await run(ort, session, new Float32Array(1)), block = about.block.data
  const all = (tuning, gain) => inBlocks(ort, session, samples, block, tuning, gain, progress)
  const constant = Object.fromEntries(Object.entries(about).map(([name, {data}]) => [name, data]))
  const chords = found => segments({...constant, ...found}, samples.length/RATE)
  if (samples.length < block[0]*HOP) return chords(await all(NaN, NaN))   // the file measures
  let found = await all(0, 0), tuning = measuredTuning(found.pitch)
  if (tuning) found = await all(tuning, 0)
  const gain = measuredGain(found.loudness)
  return chords(gain ? await all(tuning, gain) : found)
}
