import type { WantedClass } from '../object-classes.ts'
import type { Tensor, TensorInfo } from '../onnx-session.ts'
import {
  type Candidate,
  describeTensors,
  type Head,
  type HeadFault,
  type ReadOptions,
  shapeFits,
} from './head.ts'

const STRIDES = [8, 16, 32] as const
/** centre x, centre y, width, height, objectness; then a score a class. */
const FIXED = 5

/**
 * YOLOX as its project exports it. A row a cell of three grids (strides 8, 16, 32), row by row. `raw`: positions are offsets
 * in cells, sizes are logarithms. `decoded`: both are pixels already. Scores are probabilities; a class' score is
 * objectness × class.
 */
export function yoloxHead(boxes: 'raw' | 'decoded'): Head {
  return {
    expects: 'one input float32 [N, 3, height, width]; one output float32 [N, cells, 5 + classes]',
    // Blue, green, red, 0 to 255.
    planeOrder: [1, 0, 2],
    scale: 1,
    needsSuppression: true,
    check: checkShapes,
    // Square, and what suits pictures of 4:3 and 16:9, which is up to 40 % less work.
    freeSizes: [
      { width: 416, height: 416 },
      { width: 416, height: 320 },
      { width: 416, height: 256 },
      // Two lenses side by side, and cameras that stand on end in corridors.
      { width: 416, height: 192 },
      { width: 320, height: 416 },
      { width: 256, height: 416 },
    ],
    doubt(outputs, { count, width, height, classes }) {
      const output = Object.values(outputs)[0]
      const shape = [count, cellsOf(width, height), FIXED + classes]
      if (!(output?.data instanceof Float32Array) || !shapeFits(output.dims, shape))
        return `expected float32 [${shape.join(', ')}]`
      return boxes === 'raw' ? doubtRaw(output) : doubtDecoded(output)
    },
    read(outputs, index, frame, options) {
      const output = Object.values(outputs)[0]!
      return boxes === 'raw'
        ? readRaw(output, index, frame.width, frame.height, options)
        : readDecoded(output, index, options)
    },
  }
}

/** The number of cells for a picture of this size. */
export function cellsOf(width: number, height: number): number {
  return STRIDES.reduce<number>(
    (sum, stride) => sum + Math.floor(width / stride) * Math.floor(height / stride),
    0,
  )
}

/** No object is e^12 cells wide. */
const LARGEST_LOGARITHM = 12

function doubtRaw(output: Tensor): string | undefined {
  return someSize(output, (size) => size > LARGEST_LOGARITHM)
    ? 'its sizes are no logarithms but pixels: its head is yolox-decoded'
    : undefined
}

function doubtDecoded(output: Tensor): string | undefined {
  return someSize(output, (size) => size < 0)
    ? 'its sizes are no pixels but logarithms: its head is yolox-raw'
    : undefined
}

function someSize({ data, dims }: Tensor, is: (size: number) => boolean): boolean {
  const row = dims[2]!
  for (let at = 0; at < data.length; at += row) if (is(data[at + 2]!) || is(data[at + 3]!)) return true
  return false
}

function checkShapes(
  inputs: readonly TensorInfo[],
  outputs: readonly TensorInfo[],
  classes: number,
): string | HeadFault {
  const [input, ...more] = inputs
  const [output] = outputs
  const fits =
    input !== undefined &&
    output !== undefined &&
    more.length === 0 &&
    input.type === 'float32' &&
    shapeFits(input.shape, [-1, 3, -1, -1]) &&
    output.type === 'float32' &&
    shapeFits(output.shape, [-1, -1, FIXED + classes])
  if (fits) return input.name
  return {
    fault: `inputs ${describeTensors(inputs)}; outputs ${describeTensors(outputs)}; with ${classes} classes the last dimension must be ${FIXED + classes}`,
  }
}

function readRaw(
  output: Tensor,
  index: number,
  width: number,
  height: number,
  options: ReadOptions,
): Candidate[] {
  const [, cells, row] = output.dims as [number, number, number]
  const { data } = output
  const found: Candidate[] = []
  let at = index * cells * row
  for (const stride of STRIDES) {
    const columns = Math.floor(width / stride)
    const rows = Math.floor(height / stride)
    for (let y = 0; y < rows; y++) {
      for (let x = 0; x < columns; x++, at += row) {
        // Almost every cell ends here.
        if (data[at + 4]! < options.thresholds.lowest) continue
        const centreX = (data[at]! + x) * stride
        const centreY = (data[at + 1]! + y) * stride
        const halfWidth = (Math.exp(data[at + 2]!) * stride) / 2
        const halfHeight = (Math.exp(data[at + 3]!) * stride) / 2
        add(found, data, at, options, centreX, centreY, halfWidth, halfHeight)
      }
    }
  }
  return found
}

function readDecoded(output: Tensor, index: number, options: ReadOptions): Candidate[] {
  const [, cells, row] = output.dims as [number, number, number]
  const { data } = output
  const found: Candidate[] = []
  const end = (index + 1) * cells * row
  for (let at = index * cells * row; at < end; at += row) {
    if (data[at + 4]! < options.thresholds.lowest) continue
    add(found, data, at, options, data[at]!, data[at + 1]!, data[at + 2]! / 2, data[at + 3]! / 2)
  }
  return found
}

function add(
  found: Candidate[],
  data: Float32Array,
  at: number,
  { wanted, distractors, thresholds }: ReadOptions,
  centreX: number,
  centreY: number,
  halfWidth: number,
  halfHeight: number,
): void {
  let best: WantedClass | undefined
  let bestScore = 0
  const objectness = data[at + 4]!
  for (const candidate of wanted) {
    const score = objectness * data[at + FIXED + candidate.index]!
    if (score >= bestScore && score >= thresholds.of(candidate)) {
      best = candidate
      bestScore = score
    }
  }
  // A box that is no number comes from a broken network: it is nowhere.
  if (!best || !Number.isFinite(centreX + centreY + halfWidth + halfHeight)) return
  for (const index of distractors) if (objectness * data[at + FIXED + index]! > bestScore) return
  found.push({
    class: best.class,
    label: best.label,
    score: Math.min(1, bestScore),
    left: centreX - halfWidth,
    top: centreY - halfHeight,
    right: centreX + halfWidth,
    bottom: centreY + halfHeight,
  })
}
