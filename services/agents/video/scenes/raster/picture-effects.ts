import type { Random } from '../random.ts'
import type { Picture } from './tone-mapping.ts'

/** A picture that is changed in place, and the moment that it shows. */
export interface EffectFrame {
  picture: Picture
  width: number
  height: number
  /** From the start of the scene. */
  seconds: number
  random: Random
}

/** What weather, light and the camera itself do to a picture. */
export type PictureEffect = (frame: EffectFrame) => void

/** Grey of fog. */
const FOG = 178
/** Fog comes and goes within this time. Seconds. */
const FOG_RAMP = 4

/** Fog between two moments, thicker the farther away: in the upper rows nothing is left. */
export function fog(fromSec: number, toSec: number, thickness = 1): PictureEffect {
  return ({ picture, width, height, seconds }) => {
    const ramp = Math.min((seconds - fromSec) / FOG_RAMP, (toSec - seconds) / FOG_RAMP, 1)
    if (ramp <= 0) return
    for (let y = 0; y < height; y++) {
      const share = ramp * Math.min(0.97, thickness * (1.05 - 0.5 * (y / height)))
      for (let i = y * width * 3; i < (y + 1) * width * 3; i++)
        picture[i] = Math.round(picture[i]! + (FOG - picture[i]!) * share)
    }
  }
}

/** A camera that goes over to its night mode: without colours, lit by itself, noisy. */
export function nightMode(fromSec: number): PictureEffect {
  return ({ picture, width, height, seconds, random }) => {
    if (seconds < fromSec) return
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const i = (y * width + x) * 3
        const grey = 0.4 * picture[i]! + 0.45 * picture[i + 1]! + 0.15 * picture[i + 2]!
        const off = Math.hypot(x / width - 0.5, y / height - 0.6)
        const level = clamp(grey * (0.85 - 0.6 * off) + 12 + random.between(-6, 6))
        picture.fill(level, i, i + 3)
      }
  }
}

/** A lamp or a shutter that flickers: every other half of a period is darker. */
export function flicker(periodSec: number, depth: number): PictureEffect {
  return ({ picture, seconds }) => {
    if ((seconds / periodSec) % 1 < 0.5) return
    for (let i = 0; i < picture.length; i++) picture[i] = Math.round(picture[i]! * (1 - depth))
  }
}

/** A lamp that is on between two moments, from one frame to the next: everything is lighter by this factor. */
export function lamp(fromSec: number, toSec: number, gain: number): PictureEffect {
  return ({ picture, seconds }) => {
    if (seconds < fromSec || seconds >= toSec) return
    for (let i = 0; i < picture.length; i++) picture[i] = clamp(picture[i]! * gain)
  }
}

/** What a sensor adds in little light: levels, up and down. */
export function grain(levels: number): PictureEffect {
  return ({ picture, random }) => {
    for (let i = 0; i < picture.length; i += 3) {
      const off = random.between(-levels, levels)
      for (let k = i; k < i + 3; k++) picture[k] = clamp(picture[k]! + off)
    }
  }
}

/** A mast in the wind: each picture is shifted by some pixels, and what comes in at an edge is the edge. */
export function shake(pixels: number): PictureEffect {
  return ({ picture, width, height, random }) => {
    const [dx, dy] = [random.int(-pixels, pixels), random.int(-pixels, pixels)]
    const before = picture.slice()
    const inside = (at: number, length: number) => Math.min(length - 1, Math.max(0, at))
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const from = (inside(y + dy, height) * width + inside(x + dx, width)) * 3
        picture.set(before.subarray(from, from + 3), (y * width + x) * 3)
      }
  }
}

/** Drops that fall through the picture as bright streaks. */
export function rain(drops: number): PictureEffect {
  return ({ picture, width, height, random }) => {
    for (let drop = 0; drop < drops; drop++) {
      const length = random.between(0.02, 0.06) * height
      const lean = random.between(0.05, 0.2)
      const [left, top] = [random.between(0, width), random.between(-0.05, 1) * height]
      for (let step = 0; step < length; step++) {
        const x = Math.round(left + step * lean)
        const y = Math.round(top + step)
        if (x < 0 || x >= width || y < 0 || y >= height) continue
        const i = (y * width + x) * 3
        for (let k = i; k < i + 3; k++) picture[k] = clamp(picture[k]! + 45)
      }
    }
  }
}

function clamp(level: number): number {
  return Math.min(255, Math.max(0, Math.round(level)))
}
