import type { AgentLog } from '#sdk/define-agent.ts'
import type { CameraReporter } from '../publish/camera-state.ts'
import type { VideoInput } from '../source/video-input.ts'
import {
  followMainStream,
  type MainStream,
  type MainStreamDeps,
  type MainStreamState,
  shapeWarning,
} from './main-stream.ts'

export interface WatchMainDeps extends Omit<MainStreamDeps, 'onState'> {
  reporter: Pick<CameraReporter, 'source' | 'mainStream'>
  log: Pick<AgentLog, 'warn' | 'info'>
  camera: string
}

export interface WatchedMainStream extends Pick<MainStream, 'picture' | 'close'> {
  /** The size of the stream that is analysed is known, or may have changed. */
  compare(): void
}

/** The main stream of a camera whose substream is analysed; how it is stands in the camera's state, and what is wrong in the log, once. */
export function watchMainStream(source: VideoInput, deps: WatchMainDeps): WatchedMainStream {
  const { reporter, log, camera } = deps
  let state: MainStreamState = { status: 'connecting' }
  let said = ''

  function report(): void {
    const { size, ...about } = state
    const warning = size && reporter.source && shapeWarning(size, reporter.source)
    reporter.mainStream = { ...about, ...(size && { source: size }), ...(warning && { warning }) }
    const trouble = state.reason ?? warning ?? ''
    if (trouble !== '' && trouble !== said)
      log.warn({ camera, reason: trouble }, 'the main stream of a camera')
    if (trouble === '' && said !== '') log.info({ camera }, 'the main stream of a camera is back')
    said = trouble
  }

  const main = followMainStream(source, {
    ...deps,
    onState(next) {
      state = next
      report()
    },
  })
  report()
  return { picture: main.picture, close: main.close, compare: report }
}
