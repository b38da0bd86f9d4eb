// The page: choose a song, see progress, play it with its chords, change and save them
import '../../chordkd_nb/player.css'
import './style.css'
import '../../chordkd_nb/player.js'
import {inBars} from './bars.js'
import {save} from './save.js'
import {keyOf, lane, shown, spelled, table} from './song.js'
import {SoundError, channelsOf} from './sound.js'

const $ = id => document.getElementById(id)
let worker, player, song, task = 0   // a task that is not the newest has been cancelled

// == Recognition
function startWorker() {   // as early as possible: it takes a second or more
  worker?.terminate()
  worker = new Worker(new URL('./worker.js', import.meta.url), {type: 'module'})
}

function recognise(channels, report) {
  return new Promise((resolve, reject) => {
    const copies = channels.map(channel => channel.slice())
    worker.onmessage = ({data}) => {
      if (data.progress) report(data)
      else if (data.error) reject(new Error(data.error))
      else resolve(data)
    }
    worker.onerror = event => reject(new Error(event.message || 'The recogniser could not start.'))
    worker.postMessage(copies, copies.map(copy => copy.buffer))
  })
}

async function open(file) {
  const mine = ++task
  if (!$('working').hidden) startWorker()   // the song before is given up
  working(true)
  say(`Reading ${file.name} …`)
  $('problem').textContent = ''
  try {
    const channels = await channelsOf(file)
    if (mine !== task) return
    say('Finding chords …')
    const answer = await recognise(channels, report)
    if (mine !== task) return
    if (answer.silent) throw new SoundError(`${file.name} is silent: there is nothing to hear in it.`)
    show(file, answer)
  } catch (error) {
    if (mine !== task) return
    if (!(error instanceof SoundError)) startWorker()
    say('')
    $('problem').textContent = error instanceof SoundError ? error.message
      : `This did not work: ${error.message} Perhaps there is too little memory; close other pages and try again.`
  }
  working(false)
}

function cancel() {
  task++
  startWorker()
  working(false)
  say('Cancelled.')
  $('file').focus()
}

function report({progress, round}) {
  $('bar').value = progress
  const quarter = Math.floor(4*progress)*25
  const again = round > 1 ? ' (again, at the level or tuning of this song)' : ''
  if (quarter < 100) say(`Finding chords: ${quarter} %${again}`)
}

function say(text) {
  if ($('say').textContent !== text) $('say').textContent = text
}

function working(on) {
  $('working').hidden = !on
  $('bar').removeAttribute('value')
}

// == Result
function show(file, {chords, beats, seconds}) {
  const key = keyOf(chords), isMp3 = /mpeg|mp3/.test(file.type) || /\.mp3$/i.test(file.name)
  const names = player?.chosen.names ?? 'pop'
  if (player) URL.revokeObjectURL(song.audio)
  player?.destroy()
  song = {title: file.name.replace(/\.[^.]+$/, ''), chords: spelled(chords, key), key, beats, seconds,
    audio: URL.createObjectURL(file), history: []}
  $('result').hidden = false
  $('song').textContent = song.title
  $('undo').disabled = true
  player = chordPlayer($('player'), {
    title: '', seconds, audio: song.audio, rate: 44100, mp3: isMp3 && file, beats: inBars(chords, beats),
    lanes: [lane(current())], chords: table, key, names, alternatives, choose})
  const n = chords.filter(c => c.label !== 'N').length
  say(n ? `${n} ${n === 1 ? 'chord' : 'chords'}${key ? `, ${key.join(' ')}` : ''}.` : 'No chords were found.')
  $('song').focus()
}

const current = () => shown(song.chords, $('detail').value)
const redraw = () => player?.redraw([lane(current())])

function alternatives([start]) {   // five, the chord itself among them
  const {label, confidence, alternatives} = current().find(c => c.start === start), top = alternatives.slice(0, 5)
  return top.some(([other]) => other === label) ? top : [...top.slice(0, 4), [label, confidence]]
}

function choose([start, end], label) {
  song.history.push(song.chords)
  song.chords = song.chords.map(c => c.start >= start && c.end <= end ? {...c, chosen: label} : c)
  $('undo').disabled = false
  redraw()
}

function undo() {
  song.chords = song.history.pop()
  $('undo').disabled = !song.history.length
  if ($('undo').disabled) $('song').focus()
  redraw()
}

function saveAs(format) {
  const {title, seconds, key, beats} = song
  save(format, current(), {title, seconds, key, beats, ...player.chosen})
  say(`Saved ${title}.${format}`)
}

// == Listen
const choice = files => {
  if (files.length) open(files[0])
}
$('file').onchange = event => {
  choice(event.target.files)
  event.target.value = ''   // so that the same file can be chosen again
}
document.ondragover = event => {
  event.preventDefault()
  $('drop').classList.add('over')
}
document.ondragleave = document.ondragend = () => $('drop').classList.remove('over')
document.ondrop = event => {
  event.preventDefault()
  $('drop').classList.remove('over')
  choice(event.dataTransfer.files)
}
$('cancel').onclick = cancel
$('detail').onchange = redraw
$('undo').onclick = undo
for (const button of document.querySelectorAll('[data-format]')) button.onclick = () => saveAs(button.dataset.format)

const dark = matchMedia('(prefers-color-scheme: dark)')
const dress = () => document.documentElement.classList.toggle('dark', dark.matches)
dark.onchange = dress
dress()
startWorker()
if (import.meta.env.PROD && navigator.serviceWorker) navigator.serviceWorker.register('./offline.js')
