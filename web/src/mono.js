// Two channels or more as one, as the package mixes them (03_audio): their mean, or, in half a second in which
// the channels cancel, the mean of those that agree with the strongest minus the others
const PIECE = 11025, FADE = 1024   // samples at 22050 Hz

function weights(channels, start, end, before) {
  const C = channels.length, mean = Array(C).fill(1/C), products = mean.map(() => Array(C).fill(0))
  for (let i = start; i + 1 < end; i += 4)
    for (let a = 0; a < C; a++)
      for (let b = 0; b <= a; b++)
        products[a][b] += (channels[a][i+1] - channels[a][i])*(channels[b][i+1] - channels[b][i])
  for (let a = 0; a < C; a++) for (let b = 0; b < a; b++) products[b][a] = products[a][b]
  const power = products.reduce((sum, row, k) => sum + row[k], 0),
    sum = products.flat().reduce((a, b) => a + b, 0)
  if (!(power > 0)) return before || mean
  if (!(sum < .5*power)) return mean
  const strongest = products.reduce((best, row, k) => row[k] > products[best][best] ? k : best, 0),
    agree = products[strongest].map(p => p >= 0)
  return agree.map(yes => yes === agree[0] ? 1/C : -1/C)
}

export function mono(channels) {
  if (channels.length === 1) return channels[0]
  const n = channels[0].length, y = new Float32Array(n)
  for (let start = 0, before = null; start < n; start += PIECE) {
    const end = Math.min(n, start + PIECE), w = weights(channels, start, end, before), old = before || w
    for (let i = start; i < end; i++) {
      const share = Math.min(1, (i - start)/FADE)
      for (let c = 0; c < w.length; c++) y[i] += (share*w[c] + (1 - share)*old[c])*channels[c][i]
    }
    before = w
  }
  return y
}
