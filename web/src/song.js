// What the page does with recognised chords {start, end, label, confidence, alternatives: [[label, p], …]}
import known from '../made/chords.json'

const {chords, classes, spellings} = known
// label → root, bass, notes, pop, jazz, colour, midi; all but N and X
export const table = Object.fromEntries(Object.entries(chords).filter(([label]) => !['N', 'X'].includes(label)))
const rootOf = label => label.match(/^[A-G][b#]*/)[0]
const pitches = spellings.C
const pitchOf = Object.fromEntries(Object.values(spellings).flatMap(names => names.map((name, pitch) => [name, pitch])))

// == Key, as keys.key_of finds it
const PROFILES = {major: [2, 0, 1, 0, 1, 1, 0, 2, 0, 1, 0, 1], minor: [2, 0, 1, 1, 0, 1, 0, 2, 1, 0, .5, .5]}
const TONICS = {major: 'C Db D Eb E F Gb G Ab A Bb B'.split(' '), minor: 'C C# D Eb E F F# G G# A Bb B'.split(' ')}

function correlation(x, y) {
  const mean = v => v.reduce((a, b) => a + b, 0)/v.length,
    [a, b] = [x, y].map(v => v.map(value => value - mean(v))),
    product = (v, w) => v.reduce((sum, value, k) => sum + value*w[k], 0)
  return product(a, b)/Math.sqrt(product(a, a)*product(b, b) || 1)
}

export function keyOf(song) {
  const seconds = Array(12).fill(0)
  for (const {start, end, label} of song)
    if (table[label]) for (const p of tones(label)) seconds[p] += end - start
  if (!seconds.some(Boolean)) return null
  let best = -2, key
  for (const mode in PROFILES)
    for (let tonic = 0; tonic < 12; tonic++) {
      const match = correlation(seconds, PROFILES[mode].map((_, p) => PROFILES[mode][(p - tonic + 12) % 12]))
      if (match > best) [best, key] = [match, [TONICS[mode][tonic], mode]]
    }
  return key
}
// whatever its bass; a dominant seventh counts as its triad
function tones(label) {
  const [chord] = label.split('/'), pitches = table[chord].midi.slice(1).map(m => m % 12),
    seventh = (pitchOf[rootOf(chord)] + 10) % 12
  return chord.endsWith(':7') ? pitches.filter(p => p !== seventh) : pitches
}

// == Spelling: roots as the key has them
export function spelled(song, key) {
  const names = key ? spellings[key[0]] : pitches,
    spell = label => table[label] ? names[pitchOf[rootOf(label)]] + label.slice(rootOf(label).length) : label
  return song.map(chord => ({...chord, label: spell(chord.label),
    alternatives: chord.alternatives.map(([label, p]) => [spell(label), p])}))
}

// == Detail, as edits.simplify: probabilities of labels that become equal add up, equal neighbours join
function summed(lists, weights) {
  const sums = new Map()
  lists.forEach((pairs, i) => pairs.forEach(([label, p]) => sums.set(label, (sums.get(label) || 0) + p*weights[i])))
  return [...sums].sort((a, b) => b[1] - a[1])
}

export function shown(song, detail = 'full') {
  const simple = label => detail === 'full' ? label : chords[label][detail],
    out = []
  for (const chord of song) {
    const label = simple(chord.chosen ?? chord.label),
      alternatives = summed([chord.alternatives.map(([l, p]) => [simple(l), p])], [1]),
      found = alternatives.find(([other]) => other === label)?.[1] ?? 0,
      confidence = Math.min(1, chord.chosen ? found : Math.max(found, chord.confidence)),
      last = out.at(-1)
    if (last?.label !== label) out.push({start: chord.start, end: chord.end, label, confidence, alternatives})
    else {
      const before = (last.end - last.start)/(chord.end - last.start)
      last.confidence = before*last.confidence + (1 - before)*confidence
      last.alternatives = summed([last.alternatives, alternatives], [before, 1 - before])
      last.end = chord.end
    }
  }
  return out
}

// What the player draws
export function lane(song) {
  const segments = song.map(({start, end, label, confidence}) =>
    [start, end, label, table[label]?.notes.join(' ') ?? '', chords[label].colour, confidence])
  return {name: '', sure: true, segments}
}

export {classes}
