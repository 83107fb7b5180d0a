import type { Bus, CorePublishing } from '#platform/nats/bus.ts'
import type { FrameHeader } from '#schemas/frame.ts'
import { DEFAULT_TENANT } from '#schemas/identifiers.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import { encodeFrame, type Frame, frameMessageBytes } from '../../frames/frame-message.ts'
import { CAPTURE_LIMITS } from '../limits.ts'

/** The part of a bus that frames need. */
export type FramesBus = CorePublishing & Pick<Bus, 'connected' | 'flush'>

/** Sends frames to the detectors. */
export interface FrameOutlet {
  /** Whether a frame would be sent now. */
  readonly isOpen: boolean
  /** Sends it, or lets it go: false when the connection is down or far behind. */
  offer(frame: Frame): boolean
}

/**
 * Frames are not repeated, so the connection must not gather them: what the server has not taken yet is known from flushes,
 * one at a time, and above a limit frames are let go instead of growing old in a buffer. The memory of messages that the
 * server has is used again: collecting it costs more than all else here.
 */
export function createFrameOutlet(
  frames: FramesBus,
  backlogBytes: number = CAPTURE_LIMITS.backlogBytes,
): FrameOutlet {
  let waitingBytes = 0
  let isFlushing = false
  let pending: Buffer[] = []
  let spare: Buffer[] = []

  async function flush(): Promise<void> {
    isFlushing = true
    while (waitingBytes > 0) {
      const takenBytes = waitingBytes
      const taken = pending
      pending = []
      const isTaken = await frames.flush().then(
        () => true,
        () => false,
      )
      // When the connection broke, all that was pending is lost, and the client may still hold on to it.
      waitingBytes = isTaken ? waitingBytes - takenBytes : 0
      if (isTaken) spare = taken
      else pending = []
    }
    isFlushing = false
  }

  function lend(bytes: number): Buffer {
    const buffer = spare.pop()
    return buffer && buffer.length >= bytes ? buffer : Buffer.allocUnsafeSlow(bytes)
  }

  return {
    get isOpen() {
      return frames.connected && waitingBytes < backlogBytes
    },
    offer(frame) {
      if (!frames.connected || waitingBytes >= backlogBytes) return false
      const buffer = lend(frameMessageBytes(frame.planes.length))
      const message = encodeFrame(frame, buffer)
      frames.publishCore(subjectOf(frame.header), message)
      pending.push(buffer)
      waitingBytes += message.length
      if (!isFlushing) void flush()
      return true
    },
  }
}

function subjectOf({ tenant = DEFAULT_TENANT, camera, monitor, pace, model }: FrameHeader): string {
  if (pace === 'complete') return SUBJECTS.framesOfReading(tenant, camera, monitor, model)
  return model === undefined ? SUBJECTS.frames(tenant, camera) : SUBJECTS.framesOfModel(tenant, camera, model)
}
