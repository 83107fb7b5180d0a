/**
 * Blocks of a series as points. The outer ones stand at the first and the last moment: a sentence that names where a course ends must not
 * name the middle of its last block. Pure.
 *
 * @param blocks medians, in order
 * @param moments all x that the blocks are of, ascending
 */
export function pointsToEnds(
  blocks: { x: Float64Array; y: Float64Array },
  moments: Float64Array,
): [number, number][] {
  const last = blocks.x.length - 1
  return Array.from(blocks.x, (at, i): [number, number] => [
    i === 0 ? moments[0]! : i === last ? moments.at(-1)! : at,
    blocks.y[i]!,
  ])
}
