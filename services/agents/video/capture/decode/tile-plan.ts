import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { Tiling } from '#schemas/model-names.ts'

interface Size {
  width: number
  height: number
}

/** Neighbouring parts share this much of a part's side: what is narrower is whole in one of them. */
export const TILE_OVERLAP = 0.2

/** What a picture that is cut into parts of this size may measure. Pixels. Pure. */
export function tiledBox(part: Size, { columns, rows }: Tiling): Size {
  const side = (length: number, parts: number) => Math.round(length * (parts - (parts - 1) * TILE_OVERLAP))
  return { width: side(part.width, columns), height: side(part.height, rows) }
}

/**
 * Whether a frame of so many bytes goes over the connection as one message.
 * @throws MurmurError LIMIT_EXCEEDED when it is larger than the server takes
 */
export function assertFits(bytes: number, { columns, rows }: Tiling, maxBytes: number): void {
  if (bytes <= maxBytes) return
  const megabytes = (value: number) => (value / 1e6).toFixed(1)
  throw new MurmurError(
    'LIMIT_EXCEEDED',
    `frames for ${columns}x${rows} tiles have ${megabytes(bytes)} MB, NATS takes ${megabytes(maxBytes)} MB: ask for fewer tiles, or raise max_payload of the server`,
  )
}
