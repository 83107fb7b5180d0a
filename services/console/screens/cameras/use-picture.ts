import { type RefObject, useEffect, useRef, useState } from 'react'
import type { CameraViewStatus } from '#schemas/camera-view.ts'
import { askBytes } from '../../data/api.ts'
import { nowMs, sleep } from '../../data/clock.ts'
import { type ProblemError, toProblemError } from '../../data/problem.ts'
import { hasPictures } from './camera-now.ts'
import type { LiveCameras } from './live-cameras.ts'
import { type PictureSize, pictureDelayMs } from './motion.ts'
import { pictureQueue } from './picture-queue.ts'

export interface ShownPicture {
  readonly url: string
  readonly atMs: number
}

export interface WantedPicture {
  size: PictureSize
  element: RefObject<HTMLElement | null>
  /** Whether it still runs. */
  isOn: boolean
  /** How the camera is, as far as that is known. */
  status: CameraViewStatus | undefined
}

/** How often it is asked whether the next one is due. Milliseconds. */
const TICK_MS = { large: 100, tile: 350 } as const
/** Monitors tell of their camera every second; after so long without a word the picture is asked for all the same. Milliseconds. */
const SILENT_MS = 6000
/** After one that could not be had, at least. Milliseconds. */
const AFTER_FAULT_MS = 2000

/**
 * The newest picture of a monitor, as often as it is worth it: seldom while nothing moves, not at all while the page is hidden or the
 * picture is not on the screen.
 */
export function usePicture(
  monitor: string,
  cameras: LiveCameras,
  { size, element, isOn, status }: WantedPicture,
): { picture: ShownPicture | undefined; problem: ProblemError | undefined } {
  const [picture, setPicture] = useState<ShownPicture>()
  const [problem, setProblem] = useState<ProblemError>()
  const known = useRef(status)
  known.current = status
  useEffect(() => {
    if (!isOn) return
    const gone = new AbortController()
    let isSeen = true
    const observer = new IntersectionObserver(([entry]) => {
      isSeen = entry?.isIntersecting ?? true
    })
    if (element.current) observer.observe(element.current)
    let url: string | undefined
    const run = async () => {
      let dueAtMs = 0
      let beganAtMs = 0
      const startedAtMs = nowMs()
      while (!gone.signal.aborted) {
        const { movedAtMs } = cameras.get(monitor) ?? {}
        const delay = pictureDelayMs({ size, movedAtMs, nowMs: nowMs() })
        // A camera that sends nothing has no new picture; of one that nobody tells of, it is tried.
        const hasPicture = known.current ? hasPictures(known.current) : nowMs() - startedAtMs > SILENT_MS
        const isWanted = hasPicture && isSeen && document.visibilityState === 'visible'
        if (isWanted && nowMs() >= Math.max(dueAtMs, beganAtMs + delay)) {
          try {
            beganAtMs = nowMs()
            const path = `/v1/monitors/${encodeURIComponent(monitor)}/frame?zones=false`
            const bytes = await pictureQueue.run(() => askBytes(path, gone.signal), gone.signal)
            if (gone.signal.aborted) return
            const next = URL.createObjectURL(bytes)
            // The one before is still drawn until the new one is decoded.
            const old = url
            if (old) setTimeout(() => URL.revokeObjectURL(old), 2000)
            url = next
            setPicture({ url: next, atMs: nowMs() })
            setProblem(undefined)
          } catch (error) {
            if (gone.signal.aborted) return
            const fault = toProblemError(error)
            dueAtMs = nowMs() + Math.max(AFTER_FAULT_MS, fault.retryAfterMs ?? 0)
            if (fault.code !== 'OVERLOADED') setProblem(fault)
            if (fault.code === 'TASK_ALREADY_FINISHED' || fault.code === 'TASK_NOT_FOUND') return
          }
        }
        await sleep(TICK_MS[size], gone.signal)
      }
    }
    void run()
    return () => {
      gone.abort()
      observer.disconnect()
      const last = url
      if (last) setTimeout(() => URL.revokeObjectURL(last), 2000)
    }
  }, [monitor, cameras, size, element, isOn])
  return { picture, problem }
}
