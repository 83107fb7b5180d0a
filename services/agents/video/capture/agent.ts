import { LIMITS } from '#schemas/limits.ts'
import {
  type CaptureInput,
  type CaptureSummary,
  captureInputSchema,
  captureSummarySchema,
} from '#schemas/monitor-steps.ts'
import { type AgentDefinition, defineAgent, done, fail, retry } from '#sdk/index.ts'
import { CAPTURE_LIMITS } from './limits.ts'
import { type CaptureDeps, runCapture } from './run-capture.ts'
import { isSourceFault } from './source/source-fault.ts'
import { defaultCameras } from './video-config.ts'

export type { CaptureDeps } from './run-capture.ts'
export type { SceneRenderer } from './source/scene-feed.ts'

/** Reads a camera, a stream, a clip or a scene, and publishes its frames for as long as the monitor lives. */
export function createCaptureAgent(deps: CaptureDeps): AgentDefinition<CaptureInput, CaptureSummary> {
  const lingering = new Set<() => void>()

  /** Stops it after a while, or with this instance. */
  function linger(stop: () => void): void {
    const end = () => {
      clearTimeout(timer)
      lingering.delete(end)
      stop()
    }
    const timer = setTimeout(end, CAPTURE_LIMITS.lingerMs)
    lingering.add(end)
  }

  return defineAgent<CaptureInput, CaptureSummary>({
    name: 'capture',
    version: '1.0.0',
    description: 'Reads cameras, streams, clips and test scenes and publishes their frames',
    input: captureInputSchema,
    output: captureSummarySchema,
    limits: { concurrency: deps.config.cameras ?? defaultCameras(), timeoutMs: LIMITS.stepTimeoutMs },
    interruptible: true,
    async stop() {
      for (const end of lingering) end()
    },
    async handle(input, ctx) {
      try {
        return done(await runCapture(input, ctx, deps, linger))
      } catch (error) {
        if (ctx.signal.aborted) return retry(String((ctx.signal.reason as Error).message))
        if (!isSourceFault(error)) throw error
        ctx.log.info({ code: error.code, camera: input.camera }, 'a source can not be captured')
        return fail(error.code, error.message)
      }
    },
  })
}
