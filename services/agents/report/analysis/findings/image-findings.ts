import type { Analysis } from '#schemas/analysis.ts'
import type { Document, ImageContent } from '#schemas/document.ts'

/** Bits of 64 that may differ: near duplicates of re-encoded or scaled pictures differ in fewer. */
const NEAR_DUPLICATE_BITS = 6
/** Flat pictures hash alike whatever they show. */
const MIN_CONTRAST = 8
/** Pairs grow with the square; later pictures are listed but not compared. */
const MAX_COMPARED = 2_000

export interface ImageFinding {
  image: Analysis['images'][number]
  contrast: number
  hash: bigint
}

/** Pictures and key frames of videos, each with the earliest picture of another document that it nearly equals. */
export function imageFindings(documents: readonly Document[]): ImageFinding[] {
  const all = documents.flatMap(({ name, image, video }) => [
    ...(image ? [imageFinding(name, image)] : []),
    ...(video?.keyFrames ?? []).map(({ atSec, image: frame }) => imageFinding(name, frame, atSec)),
  ])
  return all.map((finding, i) => {
    if (i >= MAX_COMPARED || finding.contrast < MIN_CONTRAST) return finding
    const twin = all.slice(0, i).find((earlier) => isNearDuplicate(earlier, finding))
    return twin ? { ...finding, image: { ...finding.image, nearDuplicateOf: twin.image.document } } : finding
  })
}

/** Bits in which two 64-bit hashes differ. */
export function hammingDistance(a: bigint, b: bigint): number {
  let difference = BigInt.asUintN(64, a ^ b)
  let bits = 0
  for (; difference !== 0n; difference &= difference - 1n) bits++
  return bits
}

function imageFinding(document: string, content: ImageContent, atSec?: number): ImageFinding {
  const { widthPx, heightPx, sharpness, brightness, palette, thumbnail } = content
  return {
    image: {
      document,
      ...(atSec !== undefined && { atSec }),
      widthPx,
      heightPx,
      sharpness,
      brightness,
      palette,
      thumbnail,
    },
    contrast: content.contrast,
    hash: /^[0-9a-f]{1,16}$/i.test(content.perceptualHash) ? BigInt(`0x${content.perceptualHash}`) : 0n,
  }
}

/** Frames of one video resemble each other; that is no news. A hash of 0 stands for none. */
function isNearDuplicate(a: ImageFinding, b: ImageFinding): boolean {
  if (a.image.document === b.image.document || a.hash === 0n || b.hash === 0n) return false
  return a.contrast >= MIN_CONTRAST && hammingDistance(a.hash, b.hash) <= NEAR_DUPLICATE_BITS
}
