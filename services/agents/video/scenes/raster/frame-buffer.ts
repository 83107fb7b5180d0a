/** Samples a pixel has along each axis: edges are smooth because four samples are averaged. */
export const SAMPLES = 2

/** What is stored for a linear brightness of 1; room above it is for lamps and glints. */
export const LIGHT_UNIT = 8192
export const MAX_LIGHT = 65_000

/** The samples of a picture: linear light, a z-buffer, and a buffer of object ids. */
export interface FrameBuffer {
  /** Pixels. */
  readonly width: number
  readonly height: number
  /** Samples. */
  readonly columns: number
  readonly rows: number
  /** Red, green, blue of each sample in units of LIGHT_UNIT. */
  readonly light: Uint16Array
  /** 1 / metres along the camera's axis; 0 is infinitely far, as is the ground, which hides nothing. */
  readonly inverseDepth: Float32Array
  /** Object that is seen there: its number in the frame from 1, or 0. */
  readonly objectId: Uint8Array
  /** Last object that was drawn there, hidden or not: its full extent. */
  readonly stamp: Uint16Array
}

export function createFrameBuffer(width: number, height: number): FrameBuffer {
  const columns = width * SAMPLES
  const rows = height * SAMPLES
  const count = columns * rows
  return {
    width,
    height,
    columns,
    rows,
    light: new Uint16Array(count * 3),
    inverseDepth: new Float32Array(count),
    objectId: new Uint8Array(count),
    stamp: new Uint16Array(count),
  }
}

/** How much of an object was drawn: samples, and its extent in samples (max is exclusive). */
export interface Coverage {
  samples: number
  minX: number
  minY: number
  maxX: number
  maxY: number
}

export function emptyCoverage(): Coverage {
  return { samples: 0, minX: Infinity, minY: Infinity, maxX: -Infinity, maxY: -Infinity }
}
