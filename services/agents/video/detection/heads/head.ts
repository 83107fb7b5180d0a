import type { FrameHeader } from '#schemas/frame.ts'
import type { ObjectClass } from '#schemas/watch-rule.ts'
import type { WantedClass } from '../object-classes.ts'
import type { Tensor, TensorInfo } from '../onnx-session.ts'
import type { ScoreThresholds } from '../score-thresholds.ts'

/** Something seen, in pixels of the picture that went into the network. */
export interface Candidate {
  class: ObjectClass
  label: string
  score: number
  left: number
  top: number
  right: number
  bottom: number
  /** The edge of a tile has cut it off. */
  isCutOff?: boolean
}

/** The way in and out of a kind of network. Pure. */
export interface Head {
  /** What its inputs and outputs must look like, for people. */
  readonly expects: string
  /** Order of the colour planes in the input: indices into a frame's green, blue, red. */
  readonly planeOrder: readonly [number, number, number]
  /** What pixel values are multiplied with. */
  readonly scale: number
  /** The network's overlapping boxes for one object are thinned out afterwards. */
  readonly needsSuppression: boolean
  /** The name of the input that takes pictures, or what does not fit. */
  check(inputs: readonly TensorInfo[], outputs: readonly TensorInfo[], classes: number): string | HeadFault
  /** Sizes of picture for models that take any, best first. */
  readonly freeSizes: readonly { width: number; height: number }[]
  /** What in an answer to grey pictures can't be true of such a network. */
  doubt(
    outputs: Readonly<Record<string, Tensor>>,
    asked: { count: number; width: number; height: number; classes: number },
  ): string | undefined
  /** Everything above its threshold in picture number `index` of a batch. */
  read(
    outputs: Readonly<Record<string, Tensor>>,
    index: number,
    frame: Pick<FrameHeader, 'width' | 'height'>,
    options: ReadOptions,
  ): Candidate[]
}

/** What of a network's answer counts. */
export interface ReadOptions {
  wanted: readonly WantedClass[]
  /** Places of classes that speak against a person or a vehicle where the network is more certain of them. */
  distractors: readonly number[]
  thresholds: ScoreThresholds
}

export interface HeadFault {
  fault: string
}

/** Shapes as people read them: `images float32 [N, 3, 416, 416]`. */
export function describeTensors(tensors: readonly TensorInfo[]): string {
  return tensors.map(({ name, type, shape }) => `${name} ${type} [${shape.join(', ')}]`).join(', ') || 'none'
}

/** Whether a shape can be the wanted one: named dimensions fit any number, -1 takes any. */
export function shapeFits(shape: readonly (number | string)[], wanted: readonly number[]): boolean {
  return (
    shape.length === wanted.length &&
    shape.every(
      (size, i) => typeof size === 'string' || size === -1 || wanted[i] === -1 || size === wanted[i],
    )
  )
}
