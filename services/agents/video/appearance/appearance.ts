/**
 * What an object looks like, in a few bytes: made by a detector from the pixels of its box, compared by trackers. No face, no
 * network: colours and edges by height.
 *
 *   three bands from top to bottom × (eight hues, then dark, middle and light grey)   33 bytes, each band sums to about 255
 *   three bands × left and right half × four directions of edges                      24 bytes, all sum to about 255
 */
export const LOOK = {
  version: '1',
  bands: 3,
  hues: 8,
  greys: 3,
  columns: 2,
  directions: 4,
} as const

const COLOURS = LOOK.hues + LOOK.greys
const COLOUR_BYTES = LOOK.bands * COLOURS
const EDGE_BYTES = LOOK.bands * LOOK.columns * LOOK.directions
export const LOOK_BYTES = COLOUR_BYTES + EDGE_BYTES
/** With a smaller share of hues than this there is no colour to go by: at night, in fog. */
const COLOURFUL = 0.12

/** As it travels: the version and the bytes in base64url. */
export function encodeAppearance(bytes: Uint8Array): string {
  return LOOK.version + Buffer.from(bytes).toString('base64url')
}

/** Undefined for a version that is not known here, or a text that is none. Pure. */
export function decodeAppearance(text: string | undefined): Uint8Array | undefined {
  if (text === undefined || text[0] !== LOOK.version) return undefined
  const bytes = Buffer.from(text.slice(1), 'base64url')
  return bytes.length === LOOK_BYTES ? bytes : undefined
}

/**
 * How alike two looks are: 1 for the same, about .5 for any two of a kind. Undefined when one of them is not known. Where one has
 * colours and the other has none, because of the light, only edges count. Pure.
 */
export function lookSimilarity(a: string | undefined, b: string | undefined): number | undefined {
  const first = decodeAppearance(a)
  const second = decodeAppearance(b)
  if (!first || !second) return undefined
  const edges = intersection(first, second, COLOUR_BYTES, LOOK_BYTES)
  if (isColourful(first) !== isColourful(second)) return edges
  let colours = 0
  for (let band = 0; band < LOOK.bands; band++)
    colours += intersection(first, second, band * COLOURS, (band + 1) * COLOURS) / LOOK.bands
  return 0.65 * colours + 0.35 * edges
}

/** A look with a share of a newer one mixed in. Pure. */
export function mixLooks(
  look: string | undefined,
  newer: string | undefined,
  share: number,
): string | undefined {
  const before = decodeAppearance(look)
  const now = decodeAppearance(newer)
  if (!before) return now && newer
  if (!now) return look
  return encodeAppearance(before.map((value, i) => Math.round(value + share * (now[i]! - value))))
}

/** Histogram intersection: the share that two histograms have in common. */
function intersection(a: Uint8Array, b: Uint8Array, from: number, to: number): number {
  let [common, sumA, sumB] = [0, 0, 0]
  for (let i = from; i < to; i++) {
    common += Math.min(a[i]!, b[i]!)
    sumA += a[i]!
    sumB += b[i]!
  }
  const most = Math.max(sumA, sumB)
  return most === 0 ? 1 : common / most
}

function isColourful(look: Uint8Array): boolean {
  let [hues, all] = [0, 0]
  for (let i = 0; i < COLOUR_BYTES; i++) {
    all += look[i]!
    if (i % COLOURS < LOOK.hues) hues += look[i]!
  }
  return hues > COLOURFUL * all
}
