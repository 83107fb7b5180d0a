import type { Random } from '../random.ts'
import type { Rgb } from '../raster/mesh.ts'

export const BAGS = ['none', 'backpack', 'shoulder', 'hand', 'suitcase'] as const

/** How a person looks: lengths in metres, colours linear. */
export interface PersonAppearance {
  heightM: number
  /** 1 is of middle build. */
  girth: number
  skin: Rgb
  hair: Rgb
  hairStyle: 'short' | 'long' | 'bald' | 'cap' | 'hood' | 'bun'
  top: Rgb
  /** A stripe across the chest or an open jacket's shirt; the colour of the top where there is none. */
  accent: Rgb
  sleeves: 'long' | 'short'
  bottom: Rgb
  bottomStyle: 'trousers' | 'shorts' | 'skirt' | 'dress'
  /** How far a coat hangs below the hips, as a share of the leg; 0 for a jacket. */
  coat: number
  shoes: Rgb
  bag: (typeof BAGS)[number]
  bagColor: Rgb
  /** High visibility bands. */
  vest: boolean
}

const SKINS: readonly Rgb[] = [
  [0.62, 0.4, 0.3],
  [0.52, 0.32, 0.22],
  [0.4, 0.23, 0.15],
  [0.25, 0.13, 0.08],
  [0.11, 0.055, 0.035],
]
const HAIRS: readonly Rgb[] = [
  [0.012, 0.01, 0.008],
  [0.04, 0.022, 0.012],
  [0.09, 0.045, 0.02],
  [0.3, 0.19, 0.08],
  [0.35, 0.34, 0.33],
  [0.18, 0.05, 0.02],
]

/** A person of any appearance. Dark and plain clothes are as common as they are in the street. */
export function randomPersonAppearance(random: Random): PersonAppearance {
  const child = random.chance(0.08)
  const bottom = clothColor(random, 0.65)
  const top = clothColor(random, 0.45)
  const vest = random.chance(0.04)
  const style = random.next()
  const bottomStyle = style < 0.78 ? 'trousers' : style < 0.86 ? 'shorts' : style < 0.93 ? 'skirt' : 'dress'
  return {
    heightM: child
      ? random.between(1.1, 1.45)
      : 1.71 + 0.085 * Math.max(-2.2, Math.min(2.4, random.normal())),
    girth: random.between(0.86, 1.22),
    skin: random.pick(SKINS),
    hair: random.pick(HAIRS),
    hairStyle: random.pick(['short', 'short', 'short', 'long', 'long', 'bald', 'cap', 'hood', 'bun']),
    top: vest ? [0.75, 0.72, 0.03] : top,
    accent: random.chance(0.3) ? clothColor(random, 0.2) : top,
    sleeves: random.chance(0.7) ? 'long' : 'short',
    bottom: bottomStyle === 'dress' ? top : bottom,
    bottomStyle,
    coat: bottomStyle === 'trousers' && random.chance(0.25) ? random.between(0.15, 0.6) : 0,
    shoes: random.chance(0.7) ? [0.02, 0.018, 0.016] : clothColor(random, 0.1),
    bag: random.chance(0.45)
      ? random.pick(['backpack', 'backpack', 'shoulder', 'hand', random.chance(0.3) ? 'suitcase' : 'none'])
      : 'none',
    bagColor: clothColor(random, 0.5),
    vest,
  }
}

/** A linear colour of cloth; `dark` is the share of dark and grey ones. */
function clothColor(random: Random, dark: number): Rgb {
  if (random.chance(dark)) {
    const level = 0.008 + 0.09 * random.next() ** 2
    return [level * random.between(0.8, 1.15), level, level * random.between(0.85, 1.5)]
  }
  if (random.chance(0.3)) {
    const level = random.between(0.25, 0.8)
    return [level, level * random.between(0.92, 1), level * random.between(0.8, 1)]
  }
  const value = random.between(0.08, 0.6)
  const dull = random.between(0.05, 0.6)
  const hue = random.between(0, 6)
  const part = (offset: number) => {
    const wheel = Math.abs(((((hue + offset) % 6) + 6) % 6) - 3) - 1
    return value * (dull + (1 - dull) * Math.max(0, Math.min(1, wheel)))
  }
  return [part(0), part(4), part(2)]
}
