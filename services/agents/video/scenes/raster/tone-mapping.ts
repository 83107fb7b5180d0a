import { createRandom, type Random } from '../random.ts'
import { type FrameBuffer, LIGHT_UNIT, MAX_LIGHT } from './frame-buffer.ts'

/** How a sensor turns light into a picture. */
export interface Sensor {
  /** Multiplies the light. */
  exposure: number
  /** Steepness of the tone curve about middle grey, 1 as it is. */
  contrast: number
  /** Brightness that black has, 0–1. */
  lift: number
  /** White balance. */
  gains: readonly [number, number, number]
  /** 0 grey, 1 as it is. */
  saturation: number
  /** Standard deviation of the noise in 8-bit steps, common to the three colours and of each alone. */
  noise: number
  chromaNoise: number
  /** Share that a pixel takes from its four neighbours: above 0 a soft lens, below 0 a camera that sharpens. */
  blur: number
}

/** A picture: red, green, blue bytes, row by row. */
export type Picture = Uint8Array

/** A part of a picture in pixels, max exclusive. */
export interface Region {
  minX: number
  minY: number
  maxX: number
  maxY: number
}

export interface ToneMapper {
  /** Averages the samples and applies the tone curve. */
  toneMap(frameBuffer: FrameBuffer, picture: Picture, region: Region): void
  /** Writes the picture with fresh noise to `out`. */
  addNoise(picture: Picture, out: Picture, random: Random): void
}

const TABLE_SHIFT = 2
const TABLE_SIZE = (MAX_LIGHT >> TABLE_SHIFT) + 2
const NOISE_SIZE = 1 << 16
const NOISE = noiseTable()

/** Prepares the tables of a sensor; made once a scene. */
export function createToneMapper(sensor: Sensor, width: number): ToneMapper {
  const tables = sensor.gains.map((gain) => toneTable(sensor, gain))
  const noise = NOISE
  const chroma = sensor.saturation
  return {
    toneMap(frameBuffer, picture, region) {
      const { columns, width, light } = frameBuffer
      const [reds, greens, blues] = [tables[0]!, tables[1]!, tables[2]!]
      for (let y = region.minY; y < region.maxY; y++) {
        for (let x = region.minX; x < region.maxX; x++) {
          const a = (y * 2 * columns + x * 2) * 3
          const b = a + columns * 3
          const r = reds[(light[a]! + light[a + 3]! + light[b]! + light[b + 3]!) >> (TABLE_SHIFT + 2)]!
          const g =
            greens[(light[a + 1]! + light[a + 4]! + light[b + 1]! + light[b + 4]!) >> (TABLE_SHIFT + 2)]!
          const l =
            blues[(light[a + 2]! + light[a + 5]! + light[b + 2]! + light[b + 5]!) >> (TABLE_SHIFT + 2)]!
          const grey = r * 0.3 + g * 0.59 + l * 0.11
          const at = (y * width + x) * 3
          picture[at] = clampByte(grey + (r - grey) * chroma)
          picture[at + 1] = clampByte(grey + (g - grey) * chroma)
          picture[at + 2] = clampByte(grey + (l - grey) * chroma)
        }
      }
    },
    addNoise(picture, out, chance) {
      const luma = sensor.noise / 32
      const color = sensor.chromaNoise / 32
      let n = chance.int(0, NOISE_SIZE - 1)
      let m = chance.int(0, NOISE_SIZE - 1)
      const { blur } = sensor
      const row = width * 3
      const last = picture.length - row - 3
      for (let at = 0; at < picture.length; at += 3) {
        n = (n + 1) & (NOISE_SIZE - 1)
        // Rows of a table that repeats would show; a step now and then hides it.
        if ((at & 0x3ff) === 0) n = (n + chance.int(1, NOISE_SIZE - 1)) & (NOISE_SIZE - 1)
        m = (m + 3) & (NOISE_SIZE - 1)
        const common = noise[n]! * luma + 0.5
        const inside = at > row && at < last
        for (let k = 0; k < 3; k++) {
          const i = at + k
          let value = picture[i]!
          if (inside) {
            const around = (picture[i - 3]! + picture[i + 3]! + picture[i - row]! + picture[i + row]!) / 4
            value += (around - value) * blur
          }
          out[i] = clampByte(value + common + noise[(m + k) & (NOISE_SIZE - 1)]! * color)
        }
      }
    },
  }
}

function clampByte(value: number): number {
  return value < 0 ? 0 : Math.min(value, 255)
}

function toneTable({ exposure, contrast, lift }: Sensor, gain: number): Float32Array {
  const table = new Float32Array(TABLE_SIZE)
  for (let i = 0; i < TABLE_SIZE; i++) {
    const linear = ((i << TABLE_SHIFT) / LIGHT_UNIT) * exposure * gain
    // Bright parts are rolled off, as every camera does, instead of being cut at white.
    const rolled = linear < 0.6 ? linear : 0.6 + 0.4 * (1 - Math.exp(-(linear - 0.6) / 0.4))
    const encoded = rolled <= 0.0031308 ? rolled * 12.92 : 1.055 * rolled ** (1 / 2.4) - 0.055
    const curved = 0.45 + (encoded - 0.45) * contrast
    table[i] = Math.min(255, Math.max(0, (lift + curved * (1 - lift)) * 255))
  }
  return table
}

/** Normal noise with a standard deviation of 32, that of neighbours alike to a degree, as after a camera's filters. */
function noiseTable(): Int8Array {
  const random = createRandom(31)
  const table = new Int8Array(NOISE_SIZE)
  let before = 0
  for (let i = 0; i < NOISE_SIZE; i++) {
    before = before * 0.35 + random.normal() * 0.94
    table[i] = Math.max(-127, Math.min(127, before * 32))
  }
  return table
}
