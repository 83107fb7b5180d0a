import { createRandom } from '../random.ts'

const BITS = 9
const SIZE = 1 << BITS
const MASK = SIZE - 1

/** Fractal value noise that repeats every 512 cells, mean 0, about −1 to 1: dirt, wear, clouds. */
export const FRACTAL_NOISE: Float32Array = fractalNoise()
/** White noise: one value a cell, −1 to 1: grain. */
export const WHITE_NOISE: Float32Array = whiteNoise()

/** Fractal noise at any position, smooth between cells. */
export function fractalNoiseAt(x: number, y: number): number {
  const fx = Math.floor(x)
  const fy = Math.floor(y)
  const ax = x - fx
  const ay = y - fy
  const x0 = fx & MASK
  const x1 = (fx + 1) & MASK
  const y0 = (fy & MASK) << BITS
  const y1 = ((fy + 1) & MASK) << BITS
  const top = FRACTAL_NOISE[y0 + x0]! + (FRACTAL_NOISE[y0 + x1]! - FRACTAL_NOISE[y0 + x0]!) * ax
  const low = FRACTAL_NOISE[y1 + x0]! + (FRACTAL_NOISE[y1 + x1]! - FRACTAL_NOISE[y1 + x0]!) * ax
  return top + (low - top) * ay
}

/** White noise of the cell that a position is in. */
export function whiteNoiseAt(x: number, y: number): number {
  return WHITE_NOISE[((Math.floor(y) & MASK) << BITS) + (Math.floor(x) & MASK)]!
}

function whiteNoise(): Float32Array {
  const random = createRandom(77)
  return Float32Array.from({ length: SIZE * SIZE }, () => random.next() * 2 - 1)
}

function fractalNoise(): Float32Array {
  const random = createRandom(4711)
  const sum = new Float32Array(SIZE * SIZE)
  for (let cells = 8, weight = 0.5; cells <= 256; cells *= 2, weight *= 0.62) {
    const lattice = Float32Array.from({ length: cells * cells }, () => random.next() * 2 - 1)
    addOctave(sum, lattice, cells, weight)
  }
  return sum
}

function addOctave(sum: Float32Array, lattice: Float32Array, cells: number, weight: number): void {
  const step = cells / SIZE
  for (let y = 0; y < SIZE; y++) {
    const fy = y * step
    const y0 = Math.floor(fy)
    const ay = ease(fy - y0)
    const row = y0 * cells
    const next = ((y0 + 1) % cells) * cells
    for (let x = 0; x < SIZE; x++) {
      const fx = x * step
      const x0 = Math.floor(fx)
      const x1 = (x0 + 1) % cells
      const ax = ease(fx - x0)
      const top = lattice[row + x0]! + (lattice[row + x1]! - lattice[row + x0]!) * ax
      const low = lattice[next + x0]! + (lattice[next + x1]! - lattice[next + x0]!) * ax
      sum[y * SIZE + x]! += (top + (low - top) * ay) * weight
    }
  }
}

function ease(t: number): number {
  return t * t * (3 - 2 * t)
}
