import type { Pixels } from './image-measures.ts'

/** OKLab: a space where equal distances look equally different; `lightness` 0–1, the others about ±0.4. */
export interface Oklab {
  lightness: number
  a: number
  b: number
}

/** From 8-bit sRGB. Matrices by Björn Ottosson. */
export function toOklab(red: number, green: number, blue: number): Oklab {
  const r = linear(red / 255)
  const g = linear(green / 255)
  const b = linear(blue / 255)
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b)
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b)
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b)
  return {
    lightness: 0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    a: 1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    b: 0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  }
}

/** As `#rrggbb`; colours that sRGB lacks are clamped. */
export function oklabToHex({ lightness, a, b }: Oklab): string {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3
  const channels = [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ]
  return `#${channels.map((value) => companded(value).toString(16).padStart(2, '0')).join('')}`
}

export function oklabDistance(x: Oklab, y: Oklab): number {
  return Math.hypot(x.lightness - y.lightness, x.a - y.a, x.b - y.b)
}

function linear(value: number): number {
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
}

function companded(value: number): number {
  const clamped = Math.min(1, Math.max(0, value))
  const encoded = clamped <= 0.0031308 ? clamped * 12.92 : 1.055 * clamped ** (1 / 2.4) - 0.055
  return Math.round(encoded * 255)
}

const MAX_COLOURS = 6
/** More pixels than these add time and no colours. */
const MAX_SAMPLES = 65_536
/** Edge of a bin of the histogram, in OKLab. */
const BIN = 0.04
/** Colours nearer than this look like shades of one. */
const MERGE_DISTANCE = 0.12
/** What covers less is noise. */
const MIN_SHARE = 0.005
const OPAQUE_FROM = 128

interface Cluster {
  colour: Oklab
  pixels: number
}

/** The most frequent colours with the share of visible pixels that look like them, the largest first. */
export function paletteOf(pixels: Pixels): { hex: string; share: number }[] {
  const bins = histogram(pixels)
  const total = bins.reduce((sum, bin) => sum + bin.pixels, 0)
  return mergeNear(bins)
    .filter((cluster) => cluster.pixels / total >= MIN_SHARE)
    .toSorted((a, b) => b.pixels - a.pixels)
    .map(({ colour, pixels }) => ({
      hex: oklabToHex(colour),
      // Rounded down, so that the shares never add up to more than 1.
      share: Math.floor((pixels / total) * 10_000) / 10_000,
    }))
}

/** Quantised colours, each with the mean of its pixels, the most frequent first. */
function histogram({ data, width, height }: Pixels): Cluster[] {
  const bins = new Map<string, Cluster>()
  const step = Math.max(1, Math.floor((width * height) / MAX_SAMPLES))
  for (let at = 0; at < width * height * 4; at += step * 4) {
    if (data[at + 3]! < OPAQUE_FROM) continue
    const colour = toOklab(data[at]!, data[at + 1]!, data[at + 2]!)
    const key = [colour.lightness, colour.a, colour.b].map((value) => Math.round(value / BIN)).join()
    const bin = bins.get(key)
    if (bin) absorb(bin, { colour, pixels: 1 })
    else bins.set(key, { colour, pixels: 1 })
  }
  return [...bins.values()].toSorted((a, b) => b.pixels - a.pixels)
}

/** Seeds are frequent colours far from each other; then every bin goes to the nearest seed, if one is near. */
function mergeNear(bins: readonly Cluster[]): Cluster[] {
  const seeds: Oklab[] = []
  for (const { colour } of bins) {
    if (seeds.length === MAX_COLOURS) break
    if (seeds.every((seed) => oklabDistance(seed, colour) >= MERGE_DISTANCE)) seeds.push(colour)
  }
  const merged = new Map<Oklab, Cluster>()
  for (const bin of bins) {
    const [seed, distance] = nearest(seeds, bin.colour)
    if (distance >= MERGE_DISTANCE) continue
    const cluster = merged.get(seed)
    if (cluster) absorb(cluster, bin)
    else merged.set(seed, { colour: { ...bin.colour }, pixels: bin.pixels })
  }
  return [...merged.values()]
}

function nearest(seeds: readonly Oklab[], colour: Oklab): [seed: Oklab, distance: number] {
  let best: [Oklab, number] = [seeds[0]!, Number.POSITIVE_INFINITY]
  for (const seed of seeds) {
    const distance = oklabDistance(seed, colour)
    if (distance < best[1]) best = [seed, distance]
  }
  return best
}

/** The mean moves by the weight of what is added. */
function absorb(into: Cluster, other: Cluster): void {
  into.pixels += other.pixels
  const weight = other.pixels / into.pixels
  into.colour.lightness += (other.colour.lightness - into.colour.lightness) * weight
  into.colour.a += (other.colour.a - into.colour.a) * weight
  into.colour.b += (other.colour.b - into.colour.b) * weight
}
