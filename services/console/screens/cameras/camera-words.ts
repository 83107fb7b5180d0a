import type { CameraView } from '#schemas/camera-view.ts'
import { detectStreamName, networkInputText, pictureSize, stillShare } from '#schemas/camera-words.ts'

/** What is known of a camera, in words. All of it pure. */

/** What detection reads: `main stream, 1280 × 720`, `substream, 640 × 360`. */
export function detectStreamText({ detectStream, source }: CameraView): string | undefined {
  const name = detectStream && detectStreamName(detectStream)
  return [name, source && pictureSize(source)].filter((part) => part !== undefined).join(', ') || undefined
}

/** How the main stream is where a substream is read: `live, 1920 × 1080`. */
export function mainStreamText({ mainStream }: CameraView): string | undefined {
  if (!mainStream) return undefined
  return [mainStream.status, ...(mainStream.source ? [pictureSize(mainStream.source)] : [])].join(', ')
}

/** What the network is given: `416 × 256, 9 % of it border`. */
export function inputText({ input }: CameraView): string | undefined {
  return input && networkInputText(input)
}

/** The share of frames that were not looked at because nothing new was to be seen in them: `83 %`. */
export function stillText({ frames }: CameraView): string | undefined {
  return stillShare(frames) || undefined
}

/** Frames lost on the way, wherever that was. */
export function droppedOf({ frames }: Pick<CameraView, 'frames'>): number {
  return frames.droppedAtCapture + frames.droppedAtDetection
}

/** In a few words, for a tile: `substream of 1920 × 1080 · vaapi · yolox-nano`. */
export function kindText({ detectStream, mainStream, source, decoding, model }: CameraView): string {
  const main = mainStream?.source ?? source
  const stream =
    detectStream === 'substream'
      ? `substream${mainStream?.source ? ` of ${pictureSize(mainStream.source)}` : ''}`
      : main && pictureSize(main)
  return [stream, decoding?.method, model].filter((part) => part !== undefined).join(' · ')
}

/** What speaks against what is seen there, each a sentence: why it is so, its model, its input, its main stream. */
export function warningsOf(view: CameraView): string[] {
  const { reason, status, modelWarning, input, mainStream } = view
  const isGone = mainStream !== undefined && mainStream.status !== 'live'
  const main =
    isGone && `main stream ${mainStream.status}${mainStream.reason ? `: ${mainStream.reason}` : ''}`
  const why = reason?.startsWith(status) ? reason : reason && `${status}: ${reason}`
  return [why, main, mainStream?.warning, modelWarning, input?.note].filter(
    (text): text is string => typeof text === 'string',
  )
}
