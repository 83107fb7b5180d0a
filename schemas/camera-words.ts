import type { CameraView } from './camera-view.ts'

// What is known of a camera, in words that the command line and the console share. All of it pure.

export function pictureSize({ width, height }: { width: number; height: number }): string {
  return `${width} × ${height}`
}

/** Which stream detection reads. */
export function detectStreamName(stream: NonNullable<CameraView['detectStream']>): string {
  return stream === 'main' ? 'main stream' : 'substream'
}

/** What the network is given: `416 × 256, 9 % of it border`. */
export function networkInputText(input: NonNullable<CameraView['input']>): string {
  return `${pictureSize(input)}, ${Math.round(100 * input.border)} % of it border`
}

/** The share of frames that were not looked at because nothing new was to be seen in them: `83 %`; empty where that is not known. */
export function stillShare({ decoded, gated }: CameraView['frames']): string {
  return gated === undefined || decoded === 0 ? '' : `${Math.round((100 * gated) / decoded)} %`
}
