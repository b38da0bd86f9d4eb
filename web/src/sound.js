// From a file to channels at 22050 Hz, or an error that says what to do
const RATE = 22050
export const LONGEST = 30   // minutes
const LARGEST = 1.5e9       // bytes: thirty minutes in 24 bits at 96 kHz, and some more

export class SoundError extends Error {}

// Seconds, as the browser's player tells them; 0 if it does not know
function duration(file) {
  return new Promise(resolve => {
    const audio = new Audio(), done = seconds => {
      URL.revokeObjectURL(audio.src)
      resolve(Number.isFinite(seconds) ? seconds : 0)
    }
    audio.preload = 'metadata'
    audio.onloadedmetadata = () => done(audio.duration)
    audio.onerror = () => done(0)
    setTimeout(done, 5000, 0)
    audio.src = URL.createObjectURL(file)
  })
}

const tooLong = (file, what) => new SoundError(
  `${file.name} ${what}. The limit is ${LONGEST} minutes: cut it into parts.`)

export async function channelsOf(file) {
  if (file.size > LARGEST) throw tooLong(file, `is too large (${Math.round(file.size/1e6)} MB)`)
  const seconds = await duration(file)
  if (seconds > 60*LONGEST) throw tooLong(file, `lasts ${Math.round(seconds/60)} minutes`)
  let song
  try {
    song = await new OfflineAudioContext(1, 1, RATE).decodeAudioData(await file.arrayBuffer())
  } catch {
    throw new SoundError(`This browser cannot decode ${file.name}. Is it a recording? `
      + 'Try it as MP3, M4A, FLAC, Ogg or WAV.')
  }
  if (song.duration > 60*LONGEST) throw tooLong(file, `lasts ${Math.round(song.duration/60)} minutes`)
  return Array.from({length: song.numberOfChannels}, (_, c) => song.getChannelData(c))
}
