import { createRequire } from 'node:module'
import { parentPort, workerData } from 'node:worker_threads'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { threadAnswer } from '../thread-answer.ts'
import type { HeicPicture } from './read-heic.ts'

/** Thread that decodes one untrusted HEIC picture: it gets the bytes, and answers once with the pixels. */
export interface HeicTask {
  bytes: Uint8Array
  maxPixels: number
}

/** What is used of libheif-js. */
interface HeifImage {
  get_width(): number
  get_height(): number
  display(
    target: { data: Uint8ClampedArray; width: number; height: number },
    done: (result: { data: Uint8ClampedArray } | null) => void,
  ): void
  free(): void
}
interface Libheif {
  HeifDecoder: new () => { decode(bytes: Uint8Array): HeifImage[] }
}

async function read({ bytes, maxPixels }: HeicTask): Promise<HeicPicture> {
  const libheif = createRequire(import.meta.url)('libheif-js/wasm-bundle') as Libheif
  const images = new libheif.HeifDecoder().decode(bytes)
  const [image] = images
  if (!image) throw new MurmurError('BROKEN_FILE', 'the HEIC picture is damaged or cut off')
  const [widthPx, heightPx] = [image.get_width(), image.get_height()]
  if (widthPx * heightPx > maxPixels) {
    const limit = `at most ${maxPixels / 1e6} million pixels are read`
    throw new MurmurError('LIMIT_EXCEEDED', `the HEIC picture is too large an image: ${limit}`)
  }
  const rgba = await pixelsOf(image, widthPx, heightPx)
  return { widthPx, heightPx, rgba, pictures: images.length }
}

function pixelsOf(image: HeifImage, width: number, height: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const target = { data: new Uint8ClampedArray(width * height * 4), width, height }
    image.display(target, (result) => {
      if (result) resolve(new Uint8Array(result.data.buffer))
      else reject(new MurmurError('BROKEN_FILE', 'the HEIC picture is damaged or cut off'))
    })
  })
}

// Without a parent this file was merely imported, by a tool that looks at modules.
if (parentPort) parentPort.postMessage(await threadAnswer(() => read(workerData as HeicTask)))
