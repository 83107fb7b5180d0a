import { type Oklab, oklabDistance, oklabToHex, toOklab } from './oklab.ts'
import type { Pixels } from './pixels.ts'

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
