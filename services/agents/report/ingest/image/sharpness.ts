import { type LumaPlane, meanAndVariance } from './pixels.ts'

/**
 * Variance of the Laplacian: edges make it large, blur makes it small. It depends on the size of the image, so callers
 * bring all images to the same width first. 0 for images too small to have an inside.
 */
export function laplacianVariance(luma: LumaPlane): number {
  return meanAndVariance(laplacian(luma)).variance
}

function* laplacian({ values, width, height }: LumaPlane): Generator<number> {
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const at = y * width + x
      yield values[at - 1]! + values[at + 1]! + values[at - width]! + values[at + width]! - 4 * values[at]!
    }
  }
}
