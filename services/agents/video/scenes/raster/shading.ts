import type { Lighting } from '../world/lighting.ts'

/** The light at an object: that of the scene, and how much of the sun reaches it. */
export interface ShadingLight {
  lighting: Lighting
  /** 1 in the sun, 0 in a shadow. */
  sunShare: number
}

/** A corner to be lit, in the world, with its surface. */
export interface LitVertex {
  x: number
  y: number
  z: number
  nx: number
  ny: number
  nz: number
  /** Cosine between the normal and the way to the eye. */
  towards: number
  /** From the eye to the corner, of length 1. */
  viewX: number
  viewY: number
  viewZ: number
  distance: number
  red: number
  green: number
  blue: number
  gloss: number
  glow: number
}

/** Lights a corner: sky and ground around it, sun, lamps, what it mirrors, its own glow, haze before it. */
export function shadeVertex(out: Float64Array, { lighting, sunShare }: ShadingLight, v: LitVertex): void {
  const { sun, sky, bounce, sunDirection, lamps, hazePerM, horizon, zenith } = lighting
  const upper = 0.5 + 0.5 * v.ny
  // Near the ground less of the sky is seen.
  const open = v.y > 0.6 ? 1 : 0.72 + 0.28 * (v.y / 0.6)
  let facing = v.nx * sunDirection[0] + v.ny * sunDirection[1] + v.nz * sunDirection[2]
  facing = facing > 0 ? facing * sunShare : 0
  let red = (sky[0] * upper + bounce[0] * (1 - upper)) * open + sun[0] * facing
  let green = (sky[1] * upper + bounce[1] * (1 - upper)) * open + sun[1] * facing
  let blue = (sky[2] * upper + bounce[2] * (1 - upper)) * open + sun[2] * facing
  for (let i = 0; i < lamps.length; i++) {
    const { at, color } = lamps[i]!
    const dx = at[0] - v.x
    const dy = at[1] - v.y
    const dz = at[2] - v.z
    const squared = dx * dx + dy * dy + dz * dz + 0.5
    const cosine = (v.nx * dx + v.ny * dy + v.nz * dz) / Math.sqrt(squared)
    const strength = (0.25 + Math.max(cosine, 0) * 0.75) / squared
    red += color[0] * strength
    green += color[1] * strength
    blue += color[2] * strength
  }
  red = v.red * (red + v.glow)
  green = v.green * (green + v.glow)
  blue = v.blue * (blue + v.glow)
  if (v.gloss > 0) {
    const grazing = 1 - Math.max(v.towards, 0)
    const share = v.gloss + (1 - v.gloss) * grazing ** 5 * 0.7
    const mirroredY = v.viewY + 2 * v.towards * v.ny
    const height = Math.max(mirroredY, 0)
    const dark = mirroredY > -0.05 ? 1 : 0.35
    const mirroredX = v.viewX + 2 * v.towards * v.nx
    const mirroredZ = v.viewZ + 2 * v.towards * v.nz
    const toSun = mirroredX * sunDirection[0] + mirroredY * sunDirection[1] + mirroredZ * sunDirection[2]
    const glint = toSun > 0.9 ? ((toSun - 0.9) * 10) ** 3 * 2 * sunShare : 0
    red += share * dark * (horizon[0] + (zenith[0] - horizon[0]) * height + sun[0] * glint)
    green += share * dark * (horizon[1] + (zenith[1] - horizon[1]) * height + sun[1] * glint)
    blue += share * dark * (horizon[2] + (zenith[2] - horizon[2]) * height + sun[2] * glint)
  }
  const haze = Math.min(0.9, v.distance * hazePerM)
  out[0] = red + (horizon[0] - red) * haze
  out[1] = green + (horizon[1] - green) * haze
  out[2] = blue + (horizon[2] - blue) * haze
}
