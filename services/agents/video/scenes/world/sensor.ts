import type { Random } from '../random.ts'
import type { Sensor } from '../raster/develop.ts'
import type { Lighting } from './lighting.ts'

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
