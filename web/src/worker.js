// Recognition, away from the page. It receives channels at 22050 Hz and sends {progress: 0…1, round}, several times,
// and at last {chords, beats, seconds}, or {silent}, or {error}
import * as ort from 'onnxruntime-web/wasm'
import wasm from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url'
import {recognise} from '../../examples/onnx/decode.js'
import model from '../made/chords.onnx?url'
import {trackBeats} from './beats.js'
import {mono} from './mono.js'

const here = address => new URL(address, import.meta.url).href
ort.env.wasm.numThreads = 1   // more need headers from a server
ort.env.wasm.wasmPaths = {wasm: here(wasm)}
const session = ort.InferenceSession.create(here(model), {executionProviders: ['wasm']})
session.catch(() => {})   // the first song tells

async function answer(channels) {
  const samples = mono(channels)
  if (!samples.some(v => Math.abs(v) > 1e-4)) return {silent: true}
  let round = 1, last = 0
  const progress = done => {
    if (done <= last) round++   // again, at the song's own tuning or level
    last = done
    postMessage({progress: done, round})
  }
  const chords = await recognise(ort, await session, samples, progress)
  return {chords, beats: trackBeats(samples), seconds: samples.length/22050}
}

onmessage = event => answer(event.data).then(postMessage, error => postMessage({error: error.message}))
