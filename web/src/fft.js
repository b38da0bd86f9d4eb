// Fast Fourier transform in place: real and imaginary parts, Float64Arrays of a length that is a power of two
const plans = new Map()

// The order of bit-reversed indices; for each pass, which joins four parts of length h, two turns for each k < h
function plan(n) {
  if (plans.has(n)) return plans.get(n)
  const bits = Math.log2(n), order = new Uint32Array(n), passes = []
  for (let i = 0; i < n; i++) order[i] = (order[i >> 1] >> 1) | (i & 1) << (bits - 1)
  for (let h = bits % 2 ? 2 : 1; h < n; h *= 4) {
    const turns = new Float64Array(4*h)
    for (let k = 0; k < h; k++)
      turns.set([1/(2*h), 1/(4*h)].flatMap(x => [Math.cos(2*Math.PI*k*x), -Math.sin(2*Math.PI*k*x)]), 4*k)
    passes.push([h, turns])
  }
  plans.set(n, {order, passes, isOdd: bits % 2})
  return plans.get(n)
}

function swap(x, i, j) {
  const old = x[i]
  x[i] = x[j]
  x[j] = old
}

// Sums and differences of neighbours
function pairs(x) {
  for (let i = 0; i < x.length; i += 2) {
    const a = x[i], b = x[i+1]
    x[i] = a + b
    x[i+1] = a - b
  }
}

function joinFour(re, im, h, turns) {
  for (let start = 0; start < re.length; start += 4*h)
    for (let k = 0; k < h; k++) {
      const a = start + k, b = a + h, c = b + h, d = c + h,
        c1 = turns[4*k], s1 = turns[4*k + 1], c2 = turns[4*k + 2], s2 = turns[4*k + 3],
        bx = re[b]*c1 - im[b]*s1, by = re[b]*s1 + im[b]*c1,
        dx = re[d]*c1 - im[d]*s1, dy = re[d]*s1 + im[d]*c1,
        ex = re[c] + dx, ey = im[c] + dy, fx = re[c] - dx, fy = im[c] - dy,
        gx = ex*c2 - ey*s2, gy = ex*s2 + ey*c2,
        hx = fx*s2 + fy*c2, hy = fy*s2 - fx*c2,   // a quarter turn further
        ax = re[a] + bx, ay = im[a] + by, ux = re[a] - bx, uy = im[a] - by
      re[a] = ax + gx
      im[a] = ay + gy
      re[c] = ax - gx
      im[c] = ay - gy
      re[b] = ux + hx
      im[b] = uy + hy
      re[d] = ux - hx
      im[d] = uy - hy
    }
}

export function fft(re, im) {
  const {order, passes, isOdd} = plan(re.length)
  for (let i = 0; i < order.length; i++)
    if (order[i] > i) {
      swap(re, i, order[i])
      swap(im, i, order[i])
    }
  if (isOdd) {
    pairs(re)
    pairs(im)
  }
  for (const [h, turns] of passes) joinFour(re, im, h, turns)
}
