// Times of beats, as the package tracks them (20_beats, after librosa). Only the tempo is measured less often:
// in every eighth window
import {fft} from './fft.js'

const RATE = 22050, FRAME = 2048, HOP = 512, BANDS = 128, BINS = FRAME/2 + 1
const TEMPO_FRAMES = Math.floor(600*RATE/HOP), TEMPO_STEP = 8
const sum = values => values.reduce((a, b) => a + b, 0)
const hann = n => Float64Array.from({length: n}, (_, i) => .5 - .5*Math.cos(2*Math.PI*i/n))

function median(values) {
  const rising = new Float64Array(values).sort(), half = rising.length >> 1
  return rising.length % 2 ? rising[half] : (rising[half - 1] + rising[half])/2
}

// Slaney's mel bands: [first bin, weights] of each
function melFilters() {
  const step = Math.log(6.4)/27, top = 15 + Math.log(RATE/2000)/step,
    edges = Array.from({length: BANDS + 2}, (_, i) => top*i/(BANDS + 1))
      .map(mel => mel < 15 ? mel*200/3 : 1000*Math.exp(step*(mel - 15)))
  return edges.slice(0, BANDS).map((left, k) => {
    const [, centre, right] = edges.slice(k), first = Math.ceil(left*FRAME/RATE), weights = []
    for (let bin = first; bin < BINS && bin*RATE/FRAME < right; bin++) {
      const hz = bin*RATE/FRAME
      weights.push(Math.max(0, Math.min((hz - left)/(centre - left), (right - hz)/(right - centre)))*2/(right - left))
    }
    return [first, new Float64Array(weights)]
  })
}

// Power of two real frames from their transform as one complex frame
function powers(re, im, first, second) {
  for (let k = 0; k < BINS; k++) {
    const j = (FRAME - k) % FRAME, a = re[k] + re[j], b = im[k] - im[j], c = im[k] + im[j], d = re[j] - re[k]
    first[k] = (a*a + b*b)/4
    second[k] = (c*c + d*d)/4
  }
}

// dB of a frame in all bands
function writeBands(out, filters, power) {
  for (let band = 0; band < BANDS; band++) {
    const [first, weights] = filters[band]
    let total = 0
    for (let k = 0; k < weights.length; k++) total += weights[k]*power[first + k]
    out[band] = 10*Math.log10(Math.max(total, 1e-10))
  }
}

// dB of all frames: (T·128)
function melFrames(samples) {
  const T = 1 + Math.floor(samples.length/HOP), out = new Float32Array((T + 1)*BANDS), filters = melFilters(),
    window = hann(FRAME), piece = new Float64Array(FRAME + HOP),
    [re, im, first, second] = Array.from({length: 4}, () => new Float64Array(FRAME))
  for (let t = 0; t < T; t += 2) {
    const start = t*HOP - FRAME/2
    piece.fill(0)   // before the song and after it
    piece.set(samples.subarray(Math.max(0, start), start + FRAME + HOP), Math.max(0, -start))
    for (let i = 0; i < FRAME; i++) {
      re[i] = window[i]*piece[i]
      im[i] = window[i]*piece[i + HOP]
    }
    fft(re, im)
    powers(re, im, first, second)
    writeBands(out.subarray(t*BANDS), filters, first)
    writeBands(out.subarray((t + 1)*BANDS), filters, second)
  }
  return out.subarray(0, T*BANDS)
}

// How much louder each frame is than the one before, in dB
function onsetsOf(samples) {
  const dB = melFrames(samples), T = dB.length/BANDS, onsets = new Float64Array(T),
    floor = dB.reduce((a, b) => Math.max(a, b), -Infinity) - 80, rise = new Float64Array(BANDS)
  for (let t = 1; t + 2 < T; t++) {
    for (let b = 0; b < BANDS; b++)
      rise[b] = Math.max(0, Math.max(dB[t*BANDS + b], floor) - Math.max(dB[(t - 1)*BANDS + b], floor))
    onsets[t + 2] = median(rise)
  }
  return onsets
}

// Beats a minute that explain the onsets best
function tempoOf(onsets) {
  const n = Math.floor(8*RATE/HOP), size = 1024, window = hann(n), half = n >> 1,
    x = onsets.slice(0, TEMPO_FRAMES), total = new Float64Array(n),
    re = new Float64Array(size), im = new Float64Array(size)
  const ramped = i => i < 0 ? x[0]*(i + half)/half : i < x.length ? x[i]
    : x[x.length - 1]*(1 - (i - x.length + 1)/half)   // down to 0 at both ends
  let windows = 0
  for (let start = 0; start <= x.length - (n % 2); start += TEMPO_STEP) {
    re.fill(0)
    im.fill(0)
    for (let i = 0; i < n; i++) re[i] = window[i]*ramped(start - half + i)
    fft(re, im)
    for (let k = 0; k < size; k++) {
      re[k] = re[k]**2 + im[k]**2
      im[k] = 0
    }
    fft(re, im)   // of an even function: the inverse but for a factor
    const top = re.subarray(0, n).reduce((a, b) => Math.max(a, b))
    if (top > 0) for (let lag = 0; lag < n; lag++) total[lag] += re[lag]/top
    windows++
  }
  let best = -Infinity, tempo = 120
  for (let lag = 1; lag < n; lag++) {
    const bpm = 60*RATE/HOP/lag, score = Math.log1p(1e6*total[lag]/windows) - .5*Math.log2(bpm/120)**2
    if (bpm < 320 && score > best) [best, tempo] = [score, bpm]
  }
  return tempo
}

// For each frame, the score of the best chain of beats that ends there, and the beat before it
function chains(points, period) {
  const lags = [], score = new Float64Array(points.length), before = new Int32Array(points.length).fill(-1),
    least = .01*points.reduce((a, b) => Math.max(a, b))
  for (let lag = Math.round(period/2); lag <= 2*period; lag++) lags.push([lag, 100*Math.log(lag/period)**2])
  let started = false
  points.forEach((own, t) => {
    let best = -Infinity, from = -1
    for (const [lag, price] of lags)
      if (t >= lag && score[t - lag] - price > best) [best, from] = [score[t - lag] - price, t - lag]
    started ||= own >= least
    score[t] = own + (from < 0 ? 0 : best)
    if (started) before[t] = from
  })
  return [score, before]
}

function lastBeat(score) {
  const peaks = [...score.keys()].filter(t => t && score[t] > score[t - 1] && !(score[t + 1] > score[t])),
    least = median(peaks.map(t => score[t]))/2
  return peaks.findLast(t => score[t] >= least) ?? score.length - 1
}

function smoothed(x, weights) {   // centred
  const half = weights.length >> 1
  return x.map((_, t) => weights.reduce((total, w, k) => total + w*(x[t + half - k] ?? 0), 0))
}

function beatFrames(onsets, tempo) {
  const period = Math.round(60*RATE/HOP/tempo), mean = sum(onsets)/onsets.length,
    deviation = Math.sqrt(sum(onsets.map(x => (x - mean)**2))/(onsets.length - 1)),
    bump = Array.from({length: 2*period + 1}, (_, k) => Math.exp(-.5*((k - period)*32/period)**2)),
    points = smoothed(onsets.map(x => x/deviation), bump), [score, before] = chains(points, period), beats = []
  for (let t = lastBeat(score); t >= 0; t = before[t]) beats.unshift(t)
  const smooth = smoothed(beats.map(t => points[t]), [0, .5, 1, .5, 0]),
    least = Math.sqrt(sum(smooth.map(x => x*x))/smooth.length)/2,
    first = points.findIndex(x => x > least), last = points.findLastIndex(x => x > least)
  return beats.filter(t => t >= first && t <= last)
}

export function trackBeats(samples) {   // at 22050 Hz → seconds
  const onsets = onsetsOf(samples)
  return onsets.some(Boolean) ? beatFrames(onsets, tempoOf(onsets)).map(t => t*HOP/RATE) : []
}
