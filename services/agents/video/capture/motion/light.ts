/** What the light did to a whole picture: dark places and bright ones apart, as clouds, exposure and gain do. */
export interface LightEstimate {
  /** Compares a picture with what was usual. @returns whether it changed by more than light does by itself */
  estimate(cells: Float32Array, usual: Float32Array): boolean
  /** By how many levels a place that usually has this brightness is lighter now. */
  shiftAt(brightness: number): number
}

/** Places are told apart by their brightness, in so many classes. */
const CLASSES = 8
const CLASS_WIDTH = 256 / CLASSES
/** Differences are counted in levels up to here. */
const REACH = 128
/** More than this is no change of light that may be ignored. Levels. */
const MOST = 12
/** A class with a smaller share of the picture could be one object: it goes by the whole picture. */
const SMALLEST_SHARE = 0.08

/**
 * The median difference of each class of brightness. What moves covers less than half of a class, or is seen at its edges in others;
 * so a median hears the light and not the object.
 */
export function createLightEstimate(): LightEstimate {
  const counts = new Uint32Array(CLASSES * 2 * REACH)
  const all = new Uint32Array(2 * REACH)
  const totals = new Uint32Array(CLASSES)
  const shifts = new Float32Array(CLASSES)

  return {
    estimate(cells, usual) {
      counts.fill(0)
      totals.fill(0)
      all.fill(0)
      for (let i = 0; i < cells.length; i++) {
        const brightness = classOf(usual[i]!)
        const difference = Math.round(cells[i]! - usual[i]!)
        const at = Math.min(REACH - 1, Math.max(-REACH, difference)) + REACH
        counts[brightness * 2 * REACH + at]!++
        totals[brightness]!++
        all[at]!++
      }
      const whole = medianOf(all, 0, cells.length)
      for (let i = 0; i < CLASSES; i++) {
        const isSmall = totals[i]! < SMALLEST_SHARE * cells.length
        const shift = isSmall ? whole : medianOf(counts, i * 2 * REACH, totals[i]!)
        shifts[i] = Math.min(MOST, Math.max(-MOST, shift))
      }
      return Math.abs(whole) > MOST
    },
    shiftAt: (brightness) => shifts[classOf(brightness)]!,
  }
}

function classOf(brightness: number): number {
  return Math.min(CLASSES - 1, Math.floor(brightness / CLASS_WIDTH))
}

function medianOf(counts: Uint32Array, from: number, total: number): number {
  if (total === 0) return 0
  let passed = 0
  for (let i = 0; i < 2 * REACH; i++) {
    passed += counts[from + i]!
    if (2 * passed >= total) return i - REACH
  }
  return 0
}
