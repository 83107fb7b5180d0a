import type { FrameSizes } from './frame-sizes.ts'

/** The border: what the models were trained with. */
const GREY = '0x727272'
/** Only for the case that nobody is left who would connect. Milliseconds. */
const LISTEN_MS = '15000'

export interface DecodePlan {
  /** As `inputArguments` makes them. */
  input: readonly string[]
  sizes: FrameSizes
  /** Paths of the sockets to listen on. */
  outputs: { model: string; display: string }
  /** Chooses frames after decoding; all of them without one. */
  rateFilter?: string | undefined
  /** Major and minor version of ffmpeg. */
  version: readonly [major: number, minor: number]
}

/**
 * One process, one graph, two outputs in lockstep: planes for the model and yuv420p for people, each on a local socket. The source
 * is decoded once and frames are left out only after that, since later ones need them. Pure.
 */
export function decodeArguments({ input, sizes, outputs, rateFilter, version }: DecodePlan): string[] {
  const { input: box, content, display } = sizes
  const model = [
    `scale=${content.width}:${content.height}:flags=bilinear`,
    'format=gbrp',
    // At the right only; the rows below are not sent. The exact size even if the source changes its own on the way: shares of the picture stay right.
    `pad=${box.width}:${content.height}:0:0:color=${GREY}`,
  ].join(',')
  const shown = `scale=${display.width}:${display.height}:flags=bilinear,format=yuv420p`
  const chosen = rateFilter === undefined ? '' : `${rateFilter},`
  const graph = `[0:V:0]${chosen}split=2[a][b];[a]${model}[model];[b]${shown}[display]`
  const raw = [...eachFrameOnce(version), '-f', 'rawvideo', '-listen', '1', '-timeout', LISTEN_MS]
  return [
    ...['-hide_banner', '-v', 'error', '-nostats', '-nostdin', '-threads', '2'],
    ...input,
    ...['-filter_complex_threads', '1', '-filter_complex', graph],
    ...['-map', '[model]', ...raw, `unix:${outputs.model}`],
    ...['-map', '[display]', ...raw, `unix:${outputs.display}`],
  ]
}

/** Otherwise ffmpeg would repeat and leave out frames to get an even rate. */
function eachFrameOnce([major, minor]: readonly [number, number]): string[] {
  const isNew = major > 5 || (major === 5 && minor >= 1)
  return isNew ? ['-fps_mode', 'passthrough'] : ['-vsync', 'passthrough']
}
