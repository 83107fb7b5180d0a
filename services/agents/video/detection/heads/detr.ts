import type { WantedClass } from '../object-classes.ts'
import type { Tensor, TensorInfo } from '../onnx-session.ts'
import { type Candidate, describeTensors, type Head, type HeadFault, shapeFits } from './head.ts'

const MAX_SHARE = 4

/**
 * DETR-style networks with focal loss as transformers exports them (RT-DETR, D-FINE, Deformable DETR): `logits`
 * [N, queries, classes] before the sigmoid, `pred_boxes` [N, queries, 4] as centre x, centre y, width, height in shares of
 * the picture. One query an object, so nothing is suppressed.
 */
export const detrHead: Head = {
  expects:
    'one input float32 [N, 3, height, width]; outputs logits float32 [N, queries, classes] and pred_boxes float32 [N, queries, 4]',
  // Red, green, blue, 0 to 1.
  planeOrder: [2, 0, 1],
  scale: 1 / 255,
  needsSuppression: false,
  // What they are trained on.
  freeSizes: [{ width: 640, height: 640 }],
  check: checkShapes,
  doubt({ logits, pred_boxes: boxes }, { count, classes }) {
    const fits =
      logits?.data instanceof Float32Array &&
      boxes?.data instanceof Float32Array &&
      shapeFits(logits.dims, [count, -1, classes]) &&
      shapeFits(boxes.dims, [count, logits.dims[1]!, 4])
    if (!fits)
      return `expected logits float32 [${count}, queries, ${classes}] and pred_boxes float32 [${count}, queries, 4]`
    // Shares of the picture; a little outside is nothing unusual.
    return boxes.data.some((value) => Math.abs(value) > MAX_SHARE)
      ? 'pred_boxes must be shares of the picture, these are pixels'
      : undefined
  },
  read(outputs, index, { width, height }, { wanted, distractors, thresholds }) {
    const logits = outputs.logits as Tensor
    const boxes = outputs.pred_boxes as Tensor
    const [, queries, classes] = logits.dims as [number, number, number]
    // Logits are compared as they are: the sigmoid is taken of what is found only.
    const least = wanted.map((each) => logitOf(thresholds.of(each)))
    const found: Candidate[] = []
    for (let query = 0; query < queries; query++) {
      const at = (index * queries + query) * classes
      const best = bestOf(logits.data, at, wanted, least)
      if (!best || distractors.some((place) => logits.data[at + place]! > best.logit)) continue
      const box = boxes.data.subarray((index * queries + query) * 4)
      const [centreX, centreY, boxWidth, boxHeight] = [
        box[0]! * width,
        box[1]! * height,
        box[2]! * width,
        box[3]! * height,
      ]
      if (!Number.isFinite(centreX + centreY + boxWidth + boxHeight)) continue
      found.push({
        class: best.wanted.class,
        label: best.wanted.label,
        score: 1 / (1 + Math.exp(-best.logit)),
        left: centreX - boxWidth / 2,
        top: centreY - boxHeight / 2,
        right: centreX + boxWidth / 2,
        bottom: centreY + boxHeight / 2,
      })
    }
    return found
  },
}

/** `least`: the logit from which on each of the wanted classes is believed. */
function bestOf(logits: Float32Array, at: number, wanted: readonly WantedClass[], least: readonly number[]) {
  let best: { wanted: WantedClass; logit: number } | undefined
  wanted.forEach((candidate, i) => {
    const logit = logits[at + candidate.index]!
    if (logit >= least[i]! && logit >= (best?.logit ?? least[i]!)) best = { wanted: candidate, logit }
  })
  return best
}

function logitOf(score: number): number {
  return Math.log(score / (1 - score))
}

function checkShapes(
  inputs: readonly TensorInfo[],
  outputs: readonly TensorInfo[],
  classes: number,
): string | HeadFault {
  const [input, ...more] = inputs
  const logits = outputs.find(({ name }) => name === 'logits')
  const boxes = outputs.find(({ name }) => name === 'pred_boxes')
  const fits =
    input !== undefined &&
    more.length === 0 &&
    input.type === 'float32' &&
    shapeFits(input.shape, [-1, 3, -1, -1]) &&
    logits?.type === 'float32' &&
    boxes?.type === 'float32' &&
    shapeFits(logits.shape, [-1, -1, classes]) &&
    shapeFits(boxes.shape, [-1, -1, 4])
  if (fits) return input.name
  return {
    fault: `inputs ${describeTensors(inputs)}; outputs ${describeTensors(outputs)}; with ${classes} classes logits must end in ${classes}`,
  }
}
