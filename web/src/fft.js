// Fast Fourier transform in place: real and imaginary parts, Float64Arrays of a length that is a power of two
const tables = new Map()

function table(n) {
  if (!tables.has(n)) {
    const bits = Math.log2(n), order = new Uint32Array(n)
    for (let i = 0; i < n; i++) order[i] = (order[i >> 1] >> 1) | (i & 1) << (bits - 1)
    const angle = k => -2*Math.PI*k/n
    tables.set(n, {order, cos: Float64Array.from({length: n/2}, (_, k) => Math.cos(angle(k))),
      sin: Float64Array.from({length: n/2}, (_, k) => Math.sin(angle(k)))})
  }
  return tables.get(n)
}

export function fft(re, im) {
  const n = re.length, {order, cos, sin} = table(n)
  for (let i = 0; i < n; i++) {
    const j = order[i]
    if (j > i) {
      [re[i], re[j]] = [re[j], re[i]];
      [im[i], im[j]] = [im[j], im[i]]
    }
  }
  for (let half = 1; half < n; half *= 2) {
    const step = n/(2*half)
    for (let start = 0; start < n; start += 2*half)
      for (let k = 0; k < half; k++) {
        const a = start + k, b = a + half, c = cos[k*step], s = sin[k*step],
          x = re[b]*c - im[b]*s, y = re[b]*s + im[b]*c
        re[b] = re[a] - x
        im[b] = im[a] - y
        re[a] += x
        im[a] += y
      }
  }
}
