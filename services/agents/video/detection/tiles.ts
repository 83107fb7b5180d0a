import type { Frame } from '../frames/frame-message.ts'
import type { Candidate } from './heads/head.ts'

/** A picture for the network, and where in its frame it was taken from. */
export interface Part {
  picture: Frame
  /** In the frame: x = left + scale × x of the picture, y likewise. Pixels. */
  left: number
  top: number
  scale: number
}

/** Closer to an inner edge of a tile than this, a box is cut off there. Pixels of the frame. */
const EDGE = 3

/** The pictures that a network looks at for a frame: itself, or its tiles and the whole, made small. Pure. */
export function partsOf(frame: Frame): Part[] {
  const { tiles } = frame.header
  if (!tiles) return [{ picture: frame, left: 0, top: 0, scale: 1 }]
  const { contentWidth, contentHeight } = frame.header
  const lefts = startsOf(contentWidth, tiles.width, tiles.columns)
  const tops = startsOf(contentHeight, tiles.height, tiles.rows)
  const parts = tops.flatMap((top) => lefts.map((left) => cut(frame, { left, top, ...tiles })))
  return [whole(frame, tiles), ...parts]
}

/** What was seen in a part, where it is in its frame. Pure. */
export function inFrame(candidate: Candidate, { picture, left, top, scale }: Part, frame: Frame): Candidate {
  const { contentWidth, contentHeight } = picture.header
  const placed = {
    left: left + candidate.left * scale,
    top: top + candidate.top * scale,
    right: left + candidate.right * scale,
    bottom: top + candidate.bottom * scale,
  }
  const right = left + contentWidth * scale
  const bottom = top + contentHeight * scale
  const isCutOff =
    (left > 0 && placed.left < left + EDGE) ||
    (top > 0 && placed.top < top + EDGE) ||
    (right < frame.header.contentWidth - 1 && placed.right > right - EDGE) ||
    (bottom < frame.header.contentHeight - 1 && placed.bottom > bottom - EDGE)
  return { ...candidate, ...placed, ...(isCutOff && { isCutOff }) }
}

/** Where so many parts begin that cover a length, at even distances. Pure. */
function startsOf(length: number, part: number, count: number): number[] {
  const last = Math.max(0, length - part)
  // Fewer are enough where the picture has another shape than the tiles.
  const needed = last === 0 ? 1 : count
  return Array.from({ length: needed }, (_, i) => (needed === 1 ? 0 : Math.round((i * last) / (needed - 1))))
}

function cut(frame: Frame, at: { left: number; top: number; width: number; height: number }): Part {
  const { header, planes } = frame
  const contentWidth = Math.min(at.width, header.contentWidth - at.left)
  const contentHeight = Math.min(at.height, header.contentHeight - at.top)
  const source = header.width * header.contentHeight
  const target = at.width * contentHeight
  const pixels = new Uint8Array(target * 3).fill(GREY)
  for (let plane = 0; plane < 3; plane++) {
    for (let y = 0; y < contentHeight; y++) {
      const from = plane * source + (at.top + y) * header.width + at.left
      pixels.set(planes.subarray(from, from + contentWidth), plane * target + y * at.width)
    }
  }
  const { width, height } = at
  return {
    picture: { header: { ...header, width, height, contentWidth, contentHeight }, planes: pixels },
    left: at.left,
    top: at.top,
    scale: 1,
  }
}

/** The whole frame as large as one tile, each pixel the mean of those that it stands for. */
function whole(frame: Frame, { width, height }: { width: number; height: number }): Part {
  const { header, planes } = frame
  const scale = Math.max(header.contentWidth / width, header.contentHeight / height)
  const contentWidth = Math.min(width, Math.round(header.contentWidth / scale))
  const contentHeight = Math.min(height, Math.round(header.contentHeight / scale))
  const columns = spans(contentWidth, header.contentWidth / contentWidth, header.contentWidth)
  const rows = spans(contentHeight, header.contentHeight / contentHeight, header.contentHeight)
  const source = header.width * header.contentHeight
  const target = width * contentHeight
  const pixels = new Uint8Array(target * 3).fill(GREY)
  for (let plane = 0; plane < 3; plane++) {
    rows.forEach(([top, bottom], y) => {
      columns.forEach(([left, right], x) => {
        let sum = 0
        for (let row = top; row < bottom; row++) {
          const from = plane * source + row * header.width
          for (let at = from + left; at < from + right; at++) sum += planes[at]!
        }
        pixels[plane * target + y * width + x] = Math.round(sum / ((bottom - top) * (right - left)))
      })
    })
  }
  return {
    picture: { header: { ...header, width, height, contentWidth, contentHeight }, planes: pixels },
    left: 0,
    top: 0,
    scale,
  }
}

/** From where to where the pixels lie that one of a smaller picture stands for. */
function spans(count: number, scale: number, most: number): [from: number, to: number][] {
  return Array.from({ length: count }, (_, i) => {
    const from = Math.min(most - 1, Math.floor(i * scale))
    return [from, Math.min(most, Math.max(from + 1, Math.floor((i + 1) * scale)))]
  })
}

/** What networks are trained with at the border of pictures. */
const GREY = 114
