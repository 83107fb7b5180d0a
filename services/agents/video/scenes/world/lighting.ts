import type { Vector } from '../camera.ts'
import type { Random } from '../random.ts'
import type { Rgb } from '../raster/mesh.ts'
import type { Sensor } from '../raster/tone-mapping.ts'

export const DAYTIMES = ['day', 'overcast', 'dusk', 'night'] as const
export type Daytime = (typeof DAYTIMES)[number]

/** A street lamp: falls off with the square of the distance, shines downwards. */
export interface Lamp {
  at: Vector
  color: Rgb
}

/** Where the light of a scene comes from. Colours are linear; an ordinary day's ground comes to about 0.3. */
export interface Lighting {
  daytime: Daytime
  /** Towards the sun or the moon, of length 1. */
  sunDirection: Vector
  sun: Rgb
  /** From above and from below, everywhere. */
  sky: Rgb
  bounce: Rgb
  /** The sky that is seen. */
  zenith: Rgb
  horizon: Rgb
  /** Share of light that air swallows over a metre. */
  hazePerM: number
  lamps: readonly Lamp[]
}

/** The light of a time of day, different with every source of chance. Lamps are put up with the street. */
export function lightingOf(daytime: Daytime, random: Random): Lighting {
  const warm = random.between(-0.06, 0.06)
  const tinted = (level: number, lean = 0): Rgb => [
    level * (1 + warm + lean),
    level,
    level * (1 - warm - lean),
  ]
  const elevation = daytime === 'day' ? random.between(0.45, 1.15) : random.between(0.18, 0.45)
  const sunDirection = directionOf(random.between(-Math.PI, Math.PI), elevation)
  const base = { daytime, sunDirection, lamps: [], hazePerM: random.between(0.0005, 0.004) }
  if (daytime === 'day') {
    const strength = random.between(0.55, 1.15)
    return {
      ...base,
      sun: tinted(strength, 0.05),
      sky: tinted(random.between(0.34, 0.55), -0.05),
      bounce: tinted(0.2, 0.03),
      zenith: [0.18, 0.34, 0.68],
      horizon: [0.6, 0.7, 0.82],
    }
  }
  if (daytime === 'overcast') {
    const level = random.between(0.55, 0.95)
    return {
      ...base,
      sun: tinted(random.between(0, 0.12)),
      sky: tinted(level),
      bounce: tinted(level * 0.35),
      zenith: tinted(level * 0.8),
      horizon: tinted(level * 0.95),
    }
  }
  if (daytime === 'dusk') {
    const level = random.between(0.14, 0.34)
    return {
      ...base,
      sun: [level * 1.3, level * 0.75, level * 0.4],
      sky: [level * 0.85, level * 0.9, level * 1.15],
      bounce: tinted(level * 0.35),
      zenith: [level * 0.4, level * 0.55, level * 1.1],
      horizon: [level * 2.2, level * 1.4, level * 0.9],
    }
  }
  const level = random.between(0.025, 0.07)
  return {
    ...base,
    sun: [0, 0, 0],
    sky: [level, level * 1.05, level * 1.25],
    bounce: tinted(level * 0.6),
    zenith: [level * 0.12, level * 0.14, level * 0.25],
    horizon: [level * 0.9, level * 0.75, level * 0.6],
  }
}

/** Light of lamps is on when the sky no longer does. */
export function lampColor(daytime: Daytime, random: Random): Rgb {
  const strength = daytime === 'night' ? random.between(7, 15) : daytime === 'dusk' ? random.between(1, 4) : 0
  return random.chance(0.5)
    ? [strength, strength * 0.68, strength * 0.34]
    : [strength * 0.92, strength * 0.96, strength]
}

function directionOf(azimuth: number, elevation: number): Vector {
  const flat = Math.cos(elevation)
  return [Math.sin(azimuth) * flat, Math.sin(elevation), Math.cos(azimuth) * flat]
}

/** How much darker than its surroundings the ground is where the sun does not reach it, 0–1. */
export function shadowStrength({ sun, sky, sunDirection }: Lighting): number {
  const direct = sun[1] * sunDirection[1]
  return direct / (direct + sky[1])
}

/** A camera's sensor, exposed for the light there is, as any automatic one. */
export function randomSensor({ daytime, sun, sky, sunDirection }: Lighting, random: Random): Sensor {
  const light = sky[1] + sun[1] * sunDirection[1]
  const night = daytime === 'night'
  // Night stays darker than day, but a camera lifts it.
  const exposure = night
    ? random.between(1.1, 2.2)
    : (random.between(0.75, 1.35) * 0.95) / light ** (daytime === 'dusk' ? 0.7 : 0.9)
  const cast = random.between(-0.06, 0.06)
  return {
    exposure,
    contrast: random.between(0.85, 1.25),
    lift: Math.max(0, random.between(-0.03, 0.09)),
    gains: [1 + cast, 1 + random.between(-0.015, 0.015), 1 - cast],
    saturation: random.chance(0.06) ? 0 : random.between(0.55, 1.25),
    blur: random.chance(0.5) ? random.between(0, 0.7) : random.between(-0.5, 0.2),
    noise: night ? random.between(2, 6) : random.between(0.4, 3.5),
    chromaNoise: night ? random.between(1, 4) : random.between(0.2, 2),
  }
}
