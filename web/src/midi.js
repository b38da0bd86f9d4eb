// A MIDI file of two tracks, chords and guide, with names as lyrics (as lead_sheets.midi_bytes)
const TICKS = 960   // in a beat
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

// song: [{start, end, name, midi: [bass, …notes] or []}, …]; beats: [[seconds, place in the bar], …] from 0 s
export function midiFile(song, beats) {
  const times = beats.length > 1 ? beats.map(b => b[0]) : [0, .5], tick = tickAt(times), head = []
  times.slice(1).forEach((t, k) => head.push([TICKS*k, meta(0x51, bytes(Math.round(1e6*(t - times[k])), 3))]))
  for (const {start, name} of song) head.push([tick(start), meta(5, text(name))])
  const bass = midi => midi.slice(0, 1), notes = midi => midi.slice(1)
  return Uint8Array.from([
    ...chunk('MThd', [...bytes(1, 2), ...bytes(3, 2), ...bytes(TICKS, 2)]),
    ...track(head),
    ...instrument('chords', 0, 0, song, notes, 80, tick),
    ...instrument('guide', 1, 33, song, bass, 90, tick)])
}
