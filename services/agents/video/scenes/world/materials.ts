import type { Random } from '../random.ts'
import type { Rgb } from '../raster/mesh.ts'
import type { Material } from './ground.ts'

/** Tar, of any age. */
export function asphalt(random: Random): Material {
  const level = random.between(0.07, 0.3)
  const color: Rgb = [level * random.between(0.98, 1.05), level, level * random.between(0.95, 1.05)]
  return {
    color,
    worn: scaled(color, random.between(0.8, 1.25)),
    mottle: random.between(0.03, 0.14),
    grain: random.between(0.02, 0.12),
    slabM: 0,
    joint: 0,
  }
}

/** Slabs, bricks or concrete. */
export function paving(random: Random): Material {
  const level = random.between(0.18, 0.5)
  const tint = random.pick<Rgb>([
    [1, 1, 1],
    [1.06, 1, 0.92],
    [1.2, 0.95, 0.8],
    [0.98, 1, 1.02],
  ])
  const color: Rgb = [level * tint[0], level * tint[1], level * tint[2]]
  const slabM = random.pick([0, 0.4, 0.6, 1, 1.5])
  return {
    color,
    worn: scaled(color, 0.8),
    mottle: random.between(0.03, 0.12),
    grain: random.between(0.02, 0.1),
    slabM,
    joint: random.between(0.15, 0.5),
  }
}

export function grass(random: Random): Material {
  const level = random.between(0.06, 0.2)
  const color: Rgb = [level * random.between(0.5, 0.9), level, level * random.between(0.15, 0.4)]
  return {
    color,
    worn: [color[0] * 1.4, color[1] * 1.1, color[2] * 1.3],
    mottle: random.between(0.1, 0.3),
    grain: random.between(0.15, 0.45),
    slabM: 0,
    joint: 0,
  }
}

export function gravel(random: Random): Material {
  const level = random.between(0.2, 0.4)
  const color: Rgb = [level * 1.1, level, level * 0.85]
  return {
    color,
    worn: scaled(color, 0.75),
    mottle: random.between(0.06, 0.16),
    grain: random.between(0.1, 0.3),
    slabM: 0,
    joint: 0,
  }
}

export function kerb(random: Random): Material {
  const level = random.between(0.25, 0.5)
  return {
    color: [level, level, level * 0.98],
    worn: [level * 0.7, level * 0.7, level * 0.7],
    mottle: 0.06,
    grain: 0.05,
    slabM: 0,
    joint: 0,
  }
}

function scaled([r, g, b]: Rgb, factor: number): Rgb {
  return [r * factor, g * factor, b * factor]
}
