import { messageOf } from '#platform/errors/murmur-error.ts'
import type { ModelManifest } from '#schemas/detection.ts'
import { describeTensors, type Head } from './heads/head.ts'
import { modelFault } from './model-fault.ts'
import type { Provider, Tensor, TensorInfo } from './onnx-session.ts'
import type { SessionLane, Size } from './session-lane.ts'

export interface Probed {
  manifest: ModelManifest
  head: Head
  /** Of the input that takes pictures: number, colours, height, width. */
  shape: TensorInfo['shape']
  provider: Provider
}

/**
 * On a processor two at once are 6 to 9 % less work than two alone, four and eight save no more, and the first waits for the
 * last (loadtest/video/measure-inference.ts). GPUs gain more from more; how many was not measured.
 */
const LARGEST_BATCH: Readonly<Record<Provider, number>> = { cpu: 2, webgpu: 8, cuda: 8, tensorrt: 8 }

/**
 * Lets a model look at grey pictures: what it says of its shapes may not be true, and the first runs are the slow ones.
 * @returns the sizes of picture that it really takes, and how many at once
 * @throws MurmurError MODEL_UNUSABLE when it does not run, or answers with something else than its head reads
 */
export async function probeModel(
  lane: SessionLane,
  probed: Probed,
): Promise<{ sizes: Size[]; batch: number }> {
  const sizes: Size[] = []
  let fault: unknown
  for (const size of sizesOf(probed)) {
    try {
      await inferOnce(lane, 1, size, probed)
      sizes.push(size)
    } catch (error) {
      fault ??= error
    }
  }
  const [first] = sizes
  if (!first) throw fault
  const [number] = probed.shape
  const most = LARGEST_BATCH[probed.provider]
  if (typeof number === 'number' && number === 1) return { sizes, batch: 1 }
  // Some exports leave the number open and then fail on two.
  const batch = await inferOnce(lane, most, first, probed).then(
    () => most,
    () => 1,
  )
  return { sizes, batch }
}

/** Its own size, or those of its kind where it takes any. */
function sizesOf({ head, shape, manifest }: Probed): Size[] {
  const [, , height, width] = shape
  const fixed = {
    ...(typeof width === 'number' && width > 0 && { width }),
    ...(typeof height === 'number' && height > 0 && { height }),
  }
  const sizes = (manifest.inputs ?? head.freeSizes).map((size) => ({ ...size, ...fixed }))
  return sizes.filter(
    (size, i) => sizes.findIndex((other) => other.width === size.width && other.height === size.height) === i,
  )
}

async function inferOnce(
  lane: SessionLane,
  count: number,
  size: Size,
  { manifest, head }: Probed,
): Promise<void> {
  const { width, height } = size
  const what = `${count} × 3 × ${height} × ${width}`
  const doubt = await lane
    .runGrey(count, size, ({ outputs }) => {
      const doubt = head.doubt(outputs, { count, ...size, classes: manifest.classes.length })
      return doubt && `answers with ${describeTensors(Object.entries(outputs).map(infoOf))}; ${doubt}`
    })
    .catch((cause: unknown) => {
      throw modelFault(manifest.name, `it does not run on ${what}: ${messageOf(cause)}`, cause)
    })
  if (doubt) throw modelFault(manifest.name, `to ${what} it ${doubt} (${manifest.head})`)
}

function infoOf([name, { data, dims }]: [string, Tensor]): TensorInfo {
  return { name, type: data instanceof Float32Array ? 'float32' : 'no float32', shape: dims }
}
