// The chords as files. song: chords as they are shown; how: {title, seconds, key, beats, names, transpose, capo}
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
  const lines = []
  for (let k = 0; k < song.length; k += 8) {
    const s = Math.floor(song[k].start)
    lines.push(`{comment: ${Math.floor(s/60)}:${String(s % 60).padStart(2, '0')}}`)
    lines.push(song.slice(k, k + 8).map(c => `[${shape(c.label, how)}]`).join(' '))
  }
  return [...head, ...lines, ''].join('\n')
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
