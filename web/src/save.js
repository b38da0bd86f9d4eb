// The chords as files. song: chords as they are shown; how: {title, seconds, key, beats, names, transpose, capo}
// (beats: times in s)
import {barsOf, inBars, step} from './bars.js'
import {midiFile} from './midi.js'
import {table} from './song.js'

const named = (label, names, n, key) => chordNames.name(label, table[label], names, n, key)
const moved = (label, how) => named(label, 'harte', how.transpose, how.key)
const shape = (label, how, names = how.names) => named(label, names, how.transpose - how.capo, how.key)
const keyAfter = (how, n) => chordNames.movedKey(how.key, n)
const digits = x => Math.round(1e6*x)/1e6

const lab = (song, how) =>
  song.map(c => `${c.start.toFixed(6)}\t${c.end.toFixed(6)}\t${moved(c.label, how)}\n`).join('')

function json(song, how) {
  const segments = song.map(c => ({
    start: digits(c.start), end: digits(c.end), label: moved(c.label, how), confidence: digits(c.confidence),
    ...(how.capo && {shape: shape(c.label, how, 'harte')}),
    alternatives: c.alternatives.map(([label, p]) => ({label: moved(label, how), confidence: digits(p)}))
  }))
  return JSON.stringify({
    title: how.title, duration: digits(how.seconds),
    ...(how.key && {key: keyAfter(how, how.transpose).join(' ')}),
    ...(how.beats.length > 1 && {tempo: digits(60/step(how.beats)),
      beats: inBars(song, how.beats).map(([time, place]) => ({time: digits(time), position_in_bar: place}))}),
    source: {program: 'chordkd_nb', page: 'web'},
    ...(how.capo && {capo: how.capo}), ...(how.transpose && {transposed: how.transpose}), segments
  }, null, 1) + '\n'
}

const midi = (song, how) => midiFile(song.map(c => ({
  ...c, name: named(c.label, how.names, how.transpose, how.key), midi: table[moved(c.label, how)]?.midi ?? []
})), how.beats)

function chordpro(song, how) {
  const key = keyAfter(how, how.transpose - how.capo),
    head = [`{title: ${how.title.replaceAll('{', '(').replaceAll('}', ')')}}`]
  if (key) head.push(`{key: ${key[0]}${key[1] === 'minor' ? 'm' : ''}}`)
  if (how.capo) head.push(`{capo: ${how.capo}}`)
  const named = song.map(c => ({...c, name: shape(c.label, how)}))
  if (how.beats.length < 2) return [...head, ...lines(named), ''].join('\n')
  head.push(`{tempo: ${Math.round(60/step(how.beats))}}`)
  return [...head, ...grid(barsOf(named, how.beats)), ''].join('\n')
}

// Four bars a line
function grid(bars) {
  const width = Math.max(...bars.flat().map(cell => cell.length)), out = []
  for (let k = 0; k < bars.length; k += 4) {
    const columns = bars.slice(k, k + 4).map(bar => bar.map(cell => cell.padEnd(width)).join(' '))
    out.push(`| ${columns.join(' | ')} |`)
  }
  return [`{start_of_grid: 4x${Math.max(...bars.map(bar => bar.length))}}`, ...out, '{end_of_grid}']
}

// Without beats: eight chords a line, and when they begin
function lines(song) {
  const out = []
  for (let k = 0; k < song.length; k += 8) {
    const s = Math.floor(song[k].start)
    out.push(`{comment: ${Math.floor(s/60)}:${String(s % 60).padStart(2, '0')}}`)
    out.push(song.slice(k, k + 8).map(c => `[${c.name}]`).join(' '))
  }
  return out
}

const FORMATS = {
  lab: [lab, 'text/plain'], cho: [chordpro, 'text/plain'], mid: [midi, 'audio/midi'], json: [json, 'application/json']}

export function save(format, song, how) {
  const [write, type] = FORMATS[format], link = document.createElement('a')
  link.download = `${how.title}.${format}`
  link.href = URL.createObjectURL(new Blob([write(song, how)], {type}))
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 1000)
}
