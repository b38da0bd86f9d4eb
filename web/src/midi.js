// A MIDI file of two tracks, chords and guide, with names as lyrics (as lead_sheets.midi_bytes)
import {inBars, step} from './bars.js'

const TICKS = 960   // in a beat
const LONGEST_BREAK = 8   // s without a beat; MIDI allows 16.8
const text = s => [...new TextEncoder().encode(s)]
const bytes = (value, n) => Array.from({length: n}, (_, k) => Math.floor(value/256**(n - 1 - k)) % 256)
const length = n => n < 128 ? [n] : [...length(Math.floor(n/128)).map(b => b | 128), n % 128]
const chunk = (name, content) => [...text(name), ...bytes(content.length, 4), ...content]
const meta = (kind, content) => [0xff, kind, ...length(content.length), ...content]

function track(events) {
  const out = []
  let now = 0
  for (const [tick, event] of events.sort((a, b) => a[0] - b[0])) {
    out.push(...length(tick - now), ...event)
    now = tick
  }
  return chunk('MTrk', [...out, 0, ...meta(0x2f, [])])
}

// Ticks at a time in s: a beat has TICKS of them; half a second is a beat where beats are not known
function tickAt(times) {
  return t => {
    let k = times.findLastIndex(beat => beat <= t)
    k = Math.max(0, Math.min(k, times.length - 2))
    return Math.max(0, Math.round(TICKS*(k + (t - times[k])/(times[k+1] - times[k]))))
  }
}

function instrument(name, channel, program, song, pitches, velocity, tick) {
  const events = [[0, meta(3, text(name))], [0, [0xc0 + channel, program]]]
  for (const {start, end, midi} of song)
    for (const pitch of pitches(midi)) {
      events.push([tick(end), [0x80 + channel, pitch, 0]])
      events.push([tick(start), [0x90 + channel, pitch, velocity]])
    }
  return track(events)
}

// Beats from 0 s, also in long breaks, and one after the last: [[seconds, place in the bar], …]
function fromZero(song, times) {
  const s = step(times), all = [times[0]]
  for (const t of [...times.slice(1), times.at(-1) + s]) {
    const gap = t - all.at(-1), n = gap > LONGEST_BREAK ? Math.max(1, Math.round(gap/s)) : 1, from = all.at(-1)
    for (let k = 1; k <= n; k++) all.push(from + k*gap/n)
  }
  const beats = inBars(song, all), n = Math.max(0, Math.ceil(all[0]/s - .25)), size = Math.max(...beats.map(b => b[1]))
  const earlier = Array.from({length: n}, (_, k) => [all[0]*k/n, ((beats[0][1] - 1 - n + k) % size + size) % size + 1])
  return [...earlier, ...beats]
}

// A tempo for each beat, and the number of beats in a bar where it changes
function conductor(beats) {
  const events = [], starts = beats.flatMap((b, k) => k === 0 || b[1] <= beats[k-1][1] ? [k] : [])
  beats.slice(1).forEach(([t], k) => events.push([TICKS*k, meta(0x51, bytes(Math.round(1e6*(t - beats[k][0])), 3))]))
  let size
  starts.forEach((start, k) => {
    const n = (starts[k+1] ?? beats.length) - start, isLast = k === starts.length - 1
    if (k === 0 || n !== size && !isLast) events.push([TICKS*start, meta(0x58, [n, 2, 24, 8])])
    size = n
  })
  return events
}

// song: [{start, end, label, name, midi: [bass, …notes] or []}, …]; times: of beats, s, perhaps none
export function midiFile(song, times) {
  const beats = times.length > 1 ? fromZero(song, times) : [], head = conductor(beats),
    tick = tickAt(beats.length ? beats.map(b => b[0]) : [0, .5])
  for (const {start, name} of song) head.push([tick(start), meta(5, text(name))])
  const bass = midi => midi.slice(0, 1), notes = midi => midi.slice(1)
  return Uint8Array.from([
    ...chunk('MThd', [...bytes(1, 2), ...bytes(3, 2), ...bytes(TICKS, 2)]),
    ...track(head),
    ...instrument('chords', 0, 0, song, notes, 80, tick),
    ...instrument('guide', 1, 33, song, bass, 90, tick)])
}
